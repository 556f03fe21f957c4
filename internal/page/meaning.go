// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/record"
)

// meanings says in plain words what attributes of the record are.
var meanings = map[string]string{
	"oom.cgroup_memory.usage":            "what the cgroup's processes used, with their page cache and the kernel's share for them",
	"oom.cgroup_memory.limit":            "the most that the cgroup may use: memory.max, or memory.limit_in_bytes on cgroup v1",
	"oom.cgroup_memory.failcnt":          "how often an allocation ran into the limit. Most such hits end without a kill.",
	"oom.cgroup_swap.usage":              "what of the cgroup was in swap",
	"oom.cgroup_swap.limit":              "the most of it that may be in swap: memory.swap.max",
	"oom.cgroup_swap.failcnt":            "how often the limit on swap was hit",
	"oom.cgroup_memsw.usage":             "memory and swap of the cgroup, counted together",
	"oom.cgroup_memsw.limit":             "the most of both together: memory.memsw.limit_in_bytes",
	"oom.cgroup_memsw.failcnt":           "how often the limit on both together was hit",
	"oom.cgroup_stat.anon":               "the processes' own memory: heap, stacks, data",
	"oom.cgroup_stat.rss":                "the processes' own memory: heap, stacks, data",
	"oom.cgroup_stat.shmem":              "files in tmpfs such as /dev/shm, and memory that processes share",
	"oom.cgroup_stat.file":               "file contents kept in memory",
	"oom.cgroup_stat.cache":              "file contents kept in memory",
	"oom.cgroup_stat.kernel":             "what the kernel holds for the cgroup: slab, page tables, stacks",
	"oom.host_memory.total":              "all memory of the machine that the kernel knows of",
	"oom.host_memory.reserved":           "taken by the kernel at boot; no process can have it",
	"oom.host_memory.free":               "not in use. The kernel keeps some of it back for its own needs.",
	"oom.host_memory.available":          "what programs could still have got, as the killer counted it",
	"oom.host_memory.used":               "what was in use, as the killer counted it",
	"oom.host_memory.anon":               "the processes' own memory: heap, stacks, data",
	"oom.host_memory.shmem":              "files in tmpfs such as /dev/shm, and memory that processes share",
	"oom.host_memory.file":               "file contents kept in memory",
	"oom.host_memory.slab_unreclaimable": "the kernel's own objects that it cannot give back",
	"oom.host_memory.page_tables":        "where the kernel notes which page of a process is where",
	"oom.host_memory.hugetlb":            "set aside as huge pages: only programs that ask for them can use it",
	"oom.host_swap.total":                "room on disk, or compressed in RAM, for memory that is not in use",
	"oom.host_swap.free":                 "room left in swap. Memory can run out with some left: not all memory may go there.",
	"oom.victim.memory.rss":              "what the process had in RAM",
	"oom.victim.memory.anon":             "its own: heap, stacks, data",
	"oom.victim.memory.file":             "contents of files that it had mapped: programs, libraries, data",
	"oom.victim.memory.shmem":            "shared memory and tmpfs that it had mapped",
	"oom.victim.memory.swap":             "what of it was in swap",
	"oom.victim.oom_score_adj":           "-1000 to 1000: how willingly the kernel picks this process. -1000 is never, 1000 first.",
	"oom.pressure.cgroup":                "the cgroup whose processes waited for memory too long",
	"oom.pressure.current":               "the share of time in which all of it waited for memory",
	"oom.pressure.limit":                 "the share from which the killer acts",
	"oom.pressure.duration":              "how long the share was too high, or had to be",
	"oom.evicted.threshold":              "how much memory the kubelet wants to be available on the node",
	"oom.evicted.available":              "how much there was",
	"oom.evicted.usage":                  "what the pod or its container used",
	"oom.evicted.request":                "what it had asked for: resources.requests",
	"oom.signal":                         "the signal that ended it",
	"oom.outcome":                        "what became of the attempt to kill",
}

// meaning says in plain words what an attribute of the record is: as the table of fields has it,
// where there are no words for people.
func meaning(field string) string {
	if means := meanings[field]; means != "" {
		return means
	}
	if f := record.Lookup(field); f != nil {
		return strings.ReplaceAll(f.Meaning, "`", "")
	}
	return ""
}

// stat is a figure of memory.stat.
type stat struct {
	count bool // it is a number of events or pages, not a size
	means string
}

// memoryStats are the figures of memory.stat, by the names that the kernel prints.
var memoryStats = map[string]stat{
	"anon":                      {means: "the processes' own memory: heap, stacks, data"},
	"rss":                       {means: "the processes' own memory: heap, stacks, data"},
	"rss_huge":                  {means: "of rss, what is in huge pages"},
	"file":                      {means: "file contents kept in memory, with tmpfs and shared memory"},
	"cache":                     {means: "file contents kept in memory, with tmpfs and shared memory"},
	"kernel":                    {means: "all that the kernel holds for the cgroup"},
	"kernel_stack":              {means: "stacks of threads inside the kernel"},
	"pagetables":                {means: "where the kernel notes which page of a process is where"},
	"sec_pagetables":            {means: "the same for virtual machines and devices"},
	"percpu":                    {means: "kernel data kept once for each processor"},
	"sock":                      {means: "buffers of network connections"},
	"vmalloc":                   {means: "large areas of the kernel's own"},
	"shmem":                     {means: "tmpfs and shared memory"},
	"zswap":                     {means: "RAM that compressed swap takes"},
	"zswapped":                  {means: "memory that was compressed into it"},
	"zswap_incomp":              {means: "memory in it that could not be compressed"},
	"file_mapped":               {means: "file contents that processes have mapped"},
	"mapped_file":               {means: "file contents that processes have mapped"},
	"file_dirty":                {means: "file contents that wait to be written to disk"},
	"dirty":                     {means: "file contents that wait to be written to disk"},
	"file_writeback":            {means: "file contents being written to disk"},
	"writeback":                 {means: "file contents being written to disk"},
	"swap":                      {means: "memory in swap"},
	"swapcached":                {means: "memory that is in swap and in RAM as well"},
	"anon_thp":                  {means: "the processes' own memory in transparent huge pages"},
	"file_thp":                  {means: "file contents in transparent huge pages"},
	"shmem_thp":                 {means: "tmpfs and shared memory in transparent huge pages"},
	"inactive_anon":             {means: "own memory and tmpfs not used of late: the next to be swapped out"},
	"active_anon":               {means: "own memory and tmpfs used of late"},
	"inactive_file":             {means: "file contents not used of late: the first to be dropped"},
	"active_file":               {means: "file contents used of late"},
	"unevictable":               {means: "memory that may be neither dropped nor swapped out"},
	"slab_reclaimable":          {means: "the kernel's own objects that it can give back, such as cached file names"},
	"slab_unreclaimable":        {means: "the kernel's own objects that it cannot give back"},
	"slab":                      {means: "the kernel's own objects, both kinds"},
	"hugetlb":                   {means: "reserved huge pages in use"},
	"pgfault":                   {count: true, means: "page faults: first or renewed uses of a page"},
	"pgmajfault":                {count: true, means: "page faults that had to wait for a disk"},
	"pgscan":                    {count: true, means: "pages that the kernel looked at to free some"},
	"pgsteal":                   {count: true, means: "pages that it did free"},
	"pgactivate":                {count: true, means: "pages moved to those used of late"},
	"pgdeactivate":              {count: true, means: "pages moved to those not used of late"},
	"pgrefill":                  {count: true, means: "pages looked at among those used of late"},
	"pswpin":                    {count: true, means: "pages read back from swap"},
	"pswpout":                   {count: true, means: "pages written to swap"},
	"workingset_refault":        {count: true, means: "file pages that were dropped and needed again soon"},
	"thp_fault_alloc":           {count: true, means: "transparent huge pages given at a page fault"},
	"thp_collapse_alloc":        {count: true, means: "transparent huge pages made of small ones"},
	"hierarchical_memory_limit": {means: "the lowest limit of the cgroup and those above it"},
	"hierarchical_memsw_limit":  {means: "the same for memory and swap together"},
}

// statOf returns what is known of a figure of memory.stat.
func statOf(name string) stat {
	s, known := memoryStats[strings.TrimPrefix(name, "total_")]
	if !known {
		s.count = true // what is not known may count anything
		for _, part := range [...]struct{ in, means string }{
			{"workingset_refault_anon", "own pages that were swapped out and needed again soon"}, {"workingset_refault_file", "file pages that were dropped and needed again soon"},
			{"workingset_", "pages needed again after they had been dropped"}, {"pgscan_", "pages looked at to free some, by who looked"},
			{"pgsteal_", "pages freed, by who freed them"}, {"pgdemote_", "pages moved to slower memory"}, {"zswp", "pages in and out of compressed swap"},
		} {
			if strings.HasPrefix(name, part.in) {
				s.means = part.means
				break
			}
		}
	}
	return s
}
