package diagnosis

import (
	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/grammar"
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
	numStats
)

// stats are those figures, in bytes or, refaults, in pages.
type stats [numStats]grammar.Int

// readStats picks them out of the kernel's list in one pass.
func readStats(m *assembly.Memcg) (s stats) {
	for i := range m.Stats {
		if which, ok := statByName(m.Stats[i].Name); ok && m.Stats[i].Value >= 0 {
			s[which] = grammar.Some(min(m.Stats[i].Value, 1<<56))
		}
	}
	return s
}

func statByName(name string) (stat, bool) {
	switch name {
	case "anon":
		return statAnon, true
	case "rss":
		return statRSS, true
	case "file":
		return statFile, true
	case "cache":
		return statCache, true
	case "shmem":
		return statShmem, true
	case "kernel":
		return statKernel, true
	case "slab":
		return statSlab, true
	case "kernel_stack":
		return statStack, true
	case "pagetables":
		return statPageTables, true
	case "percpu":
		return statPercpu, true
	case "sock":
		return statSock, true
	case "file_dirty", "dirty":
		return statDirty, true
	case "file_writeback", "writeback":
		return statWriteback, true
	case "swapcached":
		return statSwapCached, true
	case "unevictable":
		return statUnevictable, true
	case "workingset_refault_file":
		return statRefaultFile, true
	case "workingset_refault_anon":
		return statRefaultAnon, true
	case "workingset_refault":
		return statRefault, true
	}
	return 0, false
}

// first returns the first of two figures that is present.
func (s *stats) first(a, b stat) grammar.Int {
	if s[a].OK {
		return s[a]
	}
	return s[b]
}
