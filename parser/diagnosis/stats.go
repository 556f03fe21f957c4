package diagnosis

import (
	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/internal/names"
)

// stat is a figure of memory.stat that findings rest on.
type stat uint8

const (
	statAnon stat = iota
	statRSS       // v1's name for anon, to 5.2
	statFile
	statCache // v1's name for file and shmem, to 5.2
	statShmem
	statKernel // 5.18+
	statSlab
	statStack
	statPageTables
	statPercpu
	statSock
	statDirty
	statWriteback
	statUnevictable
	statSwapCached
	statRefaultFile
	statRefaultAnon
	statRefault // 4.20 to 5.8, file only
	statDirtyV1 // v1's names for those of statDirty and statWriteback
	statWritebackV1
	numStats
)

// stats are those figures, in bytes or, refaults, in pages.
type stats [numStats]grammar.Int

// statNames are the names by which kernels print them.
var statNames = names.New([]string{
	statAnon: "anon", statRSS: "rss", statFile: "file", statCache: "cache", statShmem: "shmem", statKernel: "kernel", statSlab: "slab",
	statStack: "kernel_stack", statPageTables: "pagetables", statPercpu: "percpu", statSock: "sock", statDirty: "file_dirty",
	statWriteback: "file_writeback", statUnevictable: "unevictable", statSwapCached: "swapcached", statRefaultFile: "workingset_refault_file",
	statRefaultAnon: "workingset_refault_anon", statRefault: "workingset_refault", statDirtyV1: "dirty", statWritebackV1: "writeback",
}...)

// readStats picks them out of the kernel's list in one pass.
func readStats(m *assembly.Memcg) (s stats) {
	for i := range m.Stats {
		which := statNames.Index(m.Stats[i].Name)
		if which >= 0 && m.Stats[i].Value >= 0 {
			s[which] = grammar.Some(min(m.Stats[i].Value, 1<<56))
		}
	}
	return s
}

// first returns the first of two figures that is present.
func (s *stats) first(a, b stat) grammar.Int {
	if s[a].OK {
		return s[a]
	}
	return s[b]
}
