// SPDX-License-Identifier: Apache-2.0

package main

// machine is a guest to boot: what scenarios need beyond a kernel.
type machine struct {
	name string
	// cgroup is the version of the memory controller; 0 boots without one.
	cgroup   int
	memoryMB int
	// nodes of NUMA, each with half of the memory; 0 for none.
	nodes int
	// cpus beyond one make foreign records come between those of a report.
	cpus int
	// disks are files that the guest has as disks.
	disks []string
	// options are more words for the kernel's command line.
	options string
	// suspends: the guest goes to sleep, and is woken from outside.
	suspends bool
	// panics: the guest ends in a panic, and its log is read from its memory.
	panics bool
	// daemons of the distribution are on board.
	daemons bool
}

const bigLog = "log_buf_len=2M"

// machines is the table of what scenarios name; "host" is this machine itself and not in it.
var machines = []machine{
	{name: "global", cgroup: 2, memoryMB: 320, options: bigLog},
	{name: "cgroup-v2", cgroup: 2, memoryMB: 384, options: bigLog},
	{name: "cgroup-v1", cgroup: 1, memoryMB: 384, options: bigLog + " swapaccount=1"},
	{name: "noise-v2", cgroup: 2, memoryMB: 320, cpus: 2, options: bigLog},
	{name: "noise-v1", cgroup: 1, memoryMB: 320, cpus: 2, options: bigLog},
	{name: "numa-v2", cgroup: 2, memoryMB: 448, nodes: 2, options: bigLog},
	{name: "numa-v1", cgroup: 1, memoryMB: 448, nodes: 2, options: bigLog},
	{name: "no-memcg", memoryMB: 288, options: bigLog + " cgroup_disable=memory"},
	{name: "small-log", cgroup: 2, memoryMB: 320, options: "log_buf_len=128K"},
	{name: "panic-1", cgroup: 2, memoryMB: 288, options: bigLog, panics: true},
	{name: "panic-2", cgroup: 2, memoryMB: 288, options: bigLog, panics: true},
	{name: "panic-2-v1", cgroup: 1, memoryMB: 288, options: bigLog, panics: true},
	{name: "panic-3", cgroup: 2, memoryMB: 288, options: bigLog, panics: true},
	{name: "panic-4", cgroup: 2, memoryMB: 288, options: bigLog, panics: true},
	{name: "suspend", cgroup: 2, memoryMB: 320, options: bigLog, suspends: true},
	{name: "daemons", cgroup: 2, memoryMB: 512, options: bigLog, daemons: true},
}

// suffix tells captures on cgroup v1 from those on v2.
func (m *machine) suffix() string {
	if m.cgroup == 1 {
		return "@v1"
	}
	return ""
}

func findMachine(name string) *machine {
	for i := range machines {
		if machines[i].name == name {
			return &machines[i]
		}
	}
	return nil
}
