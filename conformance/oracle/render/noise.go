// SPDX-License-Identifier: Apache-2.0

package render

import "fmt"

// foreign are lines that other parts of a kernel print while a report is on its way.
var foreign = []Record{
	{Level: info, Text: "audit: type=1400 audit(1682942400.123:77): apparmor=\"DENIED\" operation=\"open\" pid=4242 comm=\"java\""},
	{Level: warn, Text: "nf_conntrack: nf_conntrack: table full, dropping packet"},
	{Level: info, Text: "TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:8080. Sending cookies."},
	{Level: err, Text: "[drm:i915_gem_idle_work_handler [i915]] *ERROR* Timeout waiting for engines to idle"},
	{Level: info, Text: "docker0: port 3(veth12ab) entered disabled state"},
	{Level: warn, Text: "INFO: task java:4242 blocked for more than 120 seconds."},
	{Level: err, Text: "EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm sh: reading directory lblock 0"},
	{Level: info, Text: "memory: reserve setup_data: [mem 0x0000-0xfff] usable"},
	{Level: info, Text: "perf: interrupt took too long (2501 > 2500), lowering kernel.perf_event_max_sample_rate to 79000"},
	{Level: warn, Text: "Node 7 is offline"},
}

// Noise puts a line of another part of the kernel between every two records.
func Noise(records []Record) []Record {
	var noisy []Record
	for i, r := range records {
		noisy = append(noisy, r, foreign[i%len(foreign)])
	}
	return noisy
}

// AllocFailure prints a page-allocation failure of another task: the same Mem-Info as a report's,
// and nobody dies.
func AllocFailure(k Kernel, seed int64) []Record {
	p := &printer{Kernel: k, Scenario: Scenario{Constraint: "NONE"}, Values: NewValues(seed+1000, Ordinary)}
	p.adjust()
	p.Trigger.Comm = "ksoftirqd/1"
	g := p.gfp()
	switch {
	case k.to("2.6.39") || k.isRHEL("5.7", "6.6"):
		p.say(warn, "%s: page allocation failure. order:2, mode:0x%x", p.Trigger.Comm, g.mask)
	case k.to("4.5") || k.isRHEL("7.7"):
		p.say(warn, "%s: page allocation failure: order:2, mode:0x%x", p.Trigger.Comm, g.mask)
	case k.to("4.10"):
		p.say(warn, "%s: page allocation failure: order:2, mode:%s(%s)", p.Trigger.Comm, hex(g.mask), g.names)
	case k.HasOOMKillLine():
		p.say(warn, "%s: page allocation failure: order:2, mode:%s(%s), nodemask=(null),cpuset=/,mems_allowed=0", p.Trigger.Comm, hex(g.mask), g.names)
	default:
		p.say(warn, "%s: page allocation failure: order:2, mode:%s(%s), nodemask=(null)", p.Trigger.Comm, hex(g.mask), g.names)
	}
	p.stack()
	p.memInfo()
	return p.records
}

// insert puts records before the one at index i.
func insert(records []Record, i int, more []Record) []Record {
	if i < 0 || i > len(records) {
		panic(fmt.Sprint("no record ", i))
	}
	return append(append(append([]Record(nil), records[:i]...), more...), records[i:]...)
}
