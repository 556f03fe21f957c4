// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"github.com/oomtrail/oomtrail/internal/names"
	"github.com/oomtrail/oomtrail/parser/report"
)

// statNames are the names of the keys, and after them the other names that kernels print
// (docs/formats.md sections 3.4 and 3.5), so that all are found quickly:
// mm/memcontrol.c:memory_stat_format, mm/memcontrol-v1.c:memcg1_stat_format.
var statNames = names.New(append([]string{
	report.StatAnon: "anon", report.StatRSS: "rss", report.StatFile: "file", report.StatCache: "cache", report.StatShmem: "shmem", report.StatKernel: "kernel",
	report.StatKernelStack: "kernel_stack", report.StatPageTables: "pagetables", report.StatPercpu: "percpu", report.StatSock: "sock", report.StatSlab: "slab",
	report.StatSlabReclaimable: "slab_reclaimable", report.StatSlabUnreclaimable: "slab_unreclaimable", report.StatFileDirty: "file_dirty", report.StatDirty: "dirty",
	report.StatFileWriteback: "file_writeback", report.StatWriteback: "writeback", report.StatInactiveFile: "inactive_file", report.StatActiveFile: "active_file",
	report.StatUnevictable: "unevictable", report.StatSwap: "swap", report.StatSwapCached: "swapcached", report.StatRefaultFile: "workingset_refault_file",
	report.StatRefaultAnon: "workingset_refault_anon", report.StatRefault: "workingset_refault",
},
	"file_mapped", "anon_thp", "file_thp", "shmem_thp", "inactive_anon", "active_anon", "vmalloc", "sec_pagetables", "zswap", "zswapped",
	"zswap_incomp", "hugetlb", "workingset_activate", "workingset_activate_anon", "workingset_activate_file", "workingset_restore",
	"workingset_restore_anon", "workingset_restore_file", "workingset_nodereclaim", "pgdemote_kswapd", "pgdemote_direct",
	"pgdemote_khugepaged", "pgdemote_proactive", "pgpromote_success", "pgfault", "pgmajfault", "pgrefill", "pgscan", "pgsteal",
	"pgscan_kswapd", "pgscan_direct", "pgscan_khugepaged", "pgscan_proactive", "pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged",
	"pgsteal_proactive", "pgactivate", "pgdeactivate", "pglazyfree", "pglazyfreed", "swpin_zero", "swpout_zero", "pswpin", "pswpout",
	"zswpin", "zswpout", "zswpwb", "thp_fault_alloc", "thp_collapse_alloc", "thp_swpout", "thp_swpout_fallback", "numa_pages_migrated",
	"numa_pte_updates", "numa_hint_faults", "rss_huge", "mapped_file", "pgpgin", "pgpgout", "hierarchical_memory_limit",
	"hierarchical_memsw_limit", "anon_cost", "file_cost", "total_cache", "total_rss", "total_rss_huge", "total_shmem", "total_mapped_file",
	"total_dirty", "total_writeback", "total_swap", "total_pgpgin", "total_pgpgout", "total_pgfault", "total_pgmajfault",
	"total_inactive_anon", "total_active_anon", "total_inactive_file", "total_active_file", "total_unevictable",
)...)

// StatNamed returns the key that kernels print by that name.
func StatNamed(name string) report.StatKey { return named(name, 0).Key }
