// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// killOfUnit are the kernel's lines of a kill in a unit, unitsOf what systemd says of it.
var killOfUnit = []string{
	"ingest invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/ingest.service,task_memcg=/system.slice/ingest.service,task=ingest,pid=24117,uid=0",
	"Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:0 pgtables:1200kB oom_score_adj:0",
}

const saidOfUnit = "ingest.service: A process of this unit has been killed by the OOM killer."

// source is what one input brings under one tag.
type source struct {
	input, tag string
	events     []fbtest.Event
	chunk      []byte // in their place
}

// kernelOf returns the kernel's lines as an input makes events of them.
func kernelOf(input, tag string, event func(fbtest.Kmsg) fbtest.Event) source {
	s := source{input: input, tag: tag}
	for i, text := range killOfUnit {
		k := kmsg(100, text)
		k.Sequence, k.Usec = 100+int64(i), 100_000_000+int64(i)
		s.events = append(s.events, event(k))
	}
	return s
}

// journalOfUnit returns the entry of systemd about the unit, of a host and a boot.
func journalOfUnit(input, tag, host, boot string) source {
	at := fbtest.Boot.Add(100 * time.Second)
	return source{input: input, tag: tag, events: []fbtest.Event{{Time: at, Record: []form.KV{
		{Key: "_HOSTNAME", Value: host}, {Key: "_BOOT_ID", Value: boot}, {Key: "_TRANSPORT", Value: "journal"}, {Key: "_PID", Value: "1"}, {Key: "_UID", Value: "0"},
		{Key: "_COMM", Value: "systemd"}, {Key: "SYSLOG_IDENTIFIER", Value: "systemd"}, {Key: "UNIT", Value: "ingest.service"}, {Key: "_SYSTEMD_UNIT", Value: "init.scope"},
		{Key: "MESSAGE", Value: saidOfUnit},
	}}}}
}

// fileOfUnit returns the line of a syslog file about the unit.
func fileOfUnit(input, tag, host string) source {
	at := fbtest.Boot.Add(100 * time.Second)
	return source{input: input, tag: tag, events: []fbtest.Event{{Time: at, Record: []form.KV{{Key: "log", Value: at.Format(time.Stamp) + " " + host + " systemd[1]: " + saidOfUnit}}}}}
}

// TestHostsOfTags: what two tags say of one host is one kill, in either order and in one chunk's
// time; what may be of two machines never is.
func TestHostsOfTags(t *testing.T) {
	const boot, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	tail := func(host string) func(fbtest.Kmsg) fbtest.Event {
		return func(k fbtest.Kmsg) fbtest.Event { return k.InTail(host) }
	}
	own := func(boot string) func(fbtest.Kmsg) fbtest.Event {
		return func(k fbtest.Kmsg) fbtest.Event { return k.InOwn(boot) }
	}
	one, two := "oom.kill", "oom.kill oom.observed"
	for _, c := range []struct {
		name              string
		kernel, witnesses source
		change            func(*Settings)
		want              string
	}{
		{"ring and journal of this boot", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), journalOfUnit("systemd", "u", "node-7", boot), nil, one},
		{"ring with a name that was added, and a file of that name", kernelOf("kmsg", "k", func(k fbtest.Kmsg) fbtest.Event { return k.InKmsgOf("node-7") }), fileOfUnit("tail", "u", "node-7"), nil, one},
		{"ring with a name that was added, and journal of this boot", kernelOf("kmsg", "k", func(k fbtest.Kmsg) fbtest.Event { return k.InKmsgOf("node-7") }), journalOfUnit("systemd", "u", "node-7.example.com", boot), nil, one},
		{"our input and journal of this boot", kernelOf("oom_kill", "k", own(boot)), journalOfUnit("systemd", "u", "node-7", boot), nil, one},
		{"our input and a file of this machine", kernelOf("oom_kill", "k", own(boot)), fileOfUnit("tail", "u", "here"), nil, one},
		{"our input, and a name for this machine", kernelOf("oom_kill", "k", own(boot)), journalOfUnit("systemd", "u", "node-7", boot), func(s *Settings) { s.HostName = "node-7" }, one},
		{"our input and journal of another boot", kernelOf("oom_kill", "k", own(boot)), journalOfUnit("systemd", "u", "node-7", other), nil, two},
		{"our input of another boot, kept in a file, and journal of this one", kernelOf("oom_kill", "k", own(other)), journalOfUnit("systemd", "u", "node-7", boot), nil, two},
		{"lines like our input's, forwarded, and the journal", kernelOf("forward", "k", own(boot)), journalOfUnit("systemd", "u", "node-7", boot), nil, two},
		{"ring and journal of another boot", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), journalOfUnit("systemd", "u", "node-7", other), nil, two},
		{"ring and a forwarded entry", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), journalOfUnit("forward", "u", "node-7", boot), nil, two},
		{"a forwarded ring and the journal", kernelOf("forward", "k", fbtest.Kmsg.InKmsg), journalOfUnit("systemd", "u", "node-7", boot), nil, two},
		{"ring and a file of this machine", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), fileOfUnit("tail", "u", "here"), nil, one},
		{"ring and a file of this machine's name without its domain", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), fileOfUnit("tail", "u", "here.example.com"), nil, one},
		{"ring and a file of another machine", kernelOf("kmsg", "k", fbtest.Kmsg.InKmsg), fileOfUnit("tail", "u", "node-8"), nil, two},
		{"two files of a name", kernelOf("tail", "k", tail("node-7")), fileOfUnit("tail", "u", "node-7"), nil, one},
		{"two files of two names", kernelOf("tail", "k", tail("node-7")), fileOfUnit("tail", "u", "node-8"), nil, two},
		{"a name that many have", kernelOf("tail", "k", tail("localhost")), fileOfUnit("tail", "u", "localhost"), nil, two},
		{"a gateway: an entry and a line of a name", kernelOf("forward", "k", tail("node-7")), journalOfUnit("forward", "u", "node-7", other), nil, one},
		{"a gateway: two names", kernelOf("forward", "k", tail("node-7")), journalOfUnit("forward", "u", "node-8", other), nil, two},
		{"a gateway: a name with and without its domain", kernelOf("forward", "k", tail("node-7")), journalOfUnit("forward", "u", "node-7.example.com", other), nil, two},
		{"Host_Name for a ring", kernelOf("forward", "k", fbtest.Kmsg.InKmsg), journalOfUnit("forward", "u", "node-7", other), func(s *Settings) { s.HostName = "node-7" }, one},
		{"Stream_Keys", kernelOf("tail", "k", tail("node-7")), fileOfUnit("tail", "u", "node-7"), func(s *Settings) { s.StreamKeys = []string{"cluster"} }, two},
	} {
		for _, order := range [][]source{{c.kernel, c.witnesses}, {c.witnesses, c.kernel}, {c.witnesses, c.kernel, c.witnesses}} {
			f := newHosted(t, c.change)
			f.hosts.boot = []byte(boot)
			now := fbtest.Boot.Add(101 * time.Second)
			f.now = func() time.Time { return now }
			var got []string
			take := func(s source) {
				for _, e := range runFrom(t, f, s.input, s.tag, s.events...) {
					name, _ := e.Record["event.name"].(string)
					got = append(got, name)
				}
			}
			for _, s := range order {
				take(s)
			}
			for range 3 { // a chunk without anything settles what waits
				now = now.Add(time.Minute)
				for _, s := range order[:2] {
					take(source{input: s.input, tag: s.tag, events: []fbtest.Event{{Time: now, Record: []form.KV{{Key: "MESSAGE", Value: "x"}}}}})
				}
			}
			slices.Sort(got)
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s, %s first: %s, want %s", c.name, order[0].tag, s, c.want)
			}
		}
	}
}

// newHosted returns a filter that gives nothing but records, on a machine called here.
func newHosted(t *testing.T, change func(*Settings)) *Filter {
	s := Settings{Format: form.Flat, Mode: Only, TasksTop: 10, Location: time.UTC}
	if change != nil {
		change(&s)
	}
	f, err := New(s, func(Level, string) {})
	if err != nil {
		t.Fatal(err)
	}
	f.hosts.local, f.hosts.names = "here", []string{"here"}
	return f
}

// TestRecordsStayUnderTheirTags: what was said under a tag of one host comes out under a tag of
// that host, never under another one's.
func TestRecordsStayUnderTheirTags(t *testing.T) {
	f := newHosted(t, nil)
	now := fbtest.Boot.Add(101 * time.Second)
	f.now = func() time.Time { return now }
	for i := range 3 {
		if got := runFrom(t, f, "forward", fmt.Sprint("tag-", i), fileOfUnit("", "", fmt.Sprint("node-", i)).events...); len(got) > 0 {
			t.Fatalf("at once: %v", got)
		}
	}
	quiet := []fbtest.Event{{Time: now, Record: []form.KV{{Key: "log", Value: "x"}}}}
	now = now.Add(time.Minute)
	if got := runFrom(t, f, "forward", "tag-9", quiet...); len(got) > 0 {
		t.Errorf("under another tag: %v", got)
	}
	for i := range 3 {
		got := runFrom(t, f, "forward", fmt.Sprint("tag-", i), quiet...)
		if len(got) != 1 || got[0].Record["host.name"] != fmt.Sprint("node-", i) {
			t.Errorf("tag-%d: %v", i, got)
		}
	}
}

// TestFactsOutliveAReload: what waits in the evidence goes on after a hot reload, and what waits at
// the end is named in the log.
func TestFactsOutliveAReload(t *testing.T) {
	f := newHosted(t, nil)
	now := fbtest.Boot.Add(101 * time.Second)
	f.now = func() time.Time { return now }
	said := fileOfUnit("tail", "u", "node-7")
	runFrom(t, f, said.input, said.tag, said.events...)
	if !f.Suspend() {
		t.Fatal("nothing kept")
	}
	g := newHosted(t, nil)
	if g = g.After(f); g != f {
		t.Fatal("another instance goes on")
	}
	k := kernelOf("tail", "k", func(k fbtest.Kmsg) fbtest.Event { return k.InTail("node-7") })
	if got := runFrom(t, g, k.input, k.tag, k.events...); len(got) != 1 || got[0].Record["event.name"] != "oom.kill" {
		t.Errorf("after the reload: %v", got)
	}
	var logged []string
	h, err := New(Settings{Format: form.Flat, Mode: Only, Observations: parser.ObservationsAll, Location: time.UTC}, func(_ Level, text string) { logged = append(logged, text) })
	if err != nil {
		t.Fatal(err)
	}
	runFrom(t, h, said.input, said.tag, said.events...)
	h.Exit()
	if !slices.ContainsFunc(logged, func(text string) bool { return strings.Contains(text, "still waited at exit") }) {
		t.Errorf("at exit: %q", logged)
	}
}
