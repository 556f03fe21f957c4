package facts

import "github.com/oomtrail/oomtrail/parser/internal/names"

// Stat is a figure of memory.stat that somebody here asks for.
type Stat uint8

// The figures, in bytes or, refaults, in pages.
const (
	StatOther Stat = iota
	StatAnon
	StatRSS // v1's name for anon, to 5.2
	StatFile
	StatCache // v1's name for file and shmem, to 5.2
	StatShmem
	StatKernel // 5.18+
	StatKernelStack
	StatPageTables
	StatPercpu
	StatSock
	StatSlab
	StatSlabReclaimable
	StatSlabUnreclaimable
	StatFileDirty
	StatDirty // v1's name for it
	StatFileWriteback
	StatWriteback // v1's name for it
	StatInactiveFile
	StatActiveFile
	StatUnevictable
	StatSwapCached
	StatRefaultFile
	StatRefaultAnon
	StatRefault // 4.20 to 5.8, file only
	NumStats
)

// statNames are the names by which kernels print them.
var statNames = names.New([]string{
	StatAnon: "anon", StatRSS: "rss", StatFile: "file", StatCache: "cache", StatShmem: "shmem", StatKernel: "kernel",
	StatKernelStack: "kernel_stack", StatPageTables: "pagetables", StatPercpu: "percpu", StatSock: "sock", StatSlab: "slab",
	StatSlabReclaimable: "slab_reclaimable", StatSlabUnreclaimable: "slab_unreclaimable", StatFileDirty: "file_dirty", StatDirty: "dirty",
	StatFileWriteback: "file_writeback", StatWriteback: "writeback", StatInactiveFile: "inactive_file", StatActiveFile: "active_file",
	StatUnevictable: "unevictable", StatSwapCached: "swapcached", StatRefaultFile: "workingset_refault_file",
	StatRefaultAnon: "workingset_refault_anon", StatRefault: "workingset_refault",
}...)

// StatNamed returns the figure that kernels print by that name.
func StatNamed(name string) Stat { return Stat(max(statNames.Index(name), 0)) }
