// SPDX-License-Identifier: Apache-2.0

package watch

import "path/filepath"

// Memory is what /proc/meminfo says of the whole machine, in bytes.
type Memory struct {
	Total, Free Int
	// Available is what programs can still get without swapping, by the kernel's own estimate
	// (3.14).
	Available Int
	// SwapTotal and SwapFree are of all swap together; SwapTotal is 0 where there is none.
	SwapTotal, SwapFree Int
	// Shmem is shared memory and tmpfs, Anon what processes hold that no file backs (2.6.28).
	Shmem, Anon Int
	// Unevictable is what may not be swapped out, such as locked memory (2.6.28).
	Unevictable Int
	// Cached is the page cache with Shmem in it; Buffers is that of block devices.
	Cached, Buffers Int
	// SlabReclaimable and SlabUnreclaimable are the kernel's own caches (2.6.19).
	SlabReclaimable, SlabUnreclaimable Int
	// PageTables is what page tables take (2.6.18).
	PageTables Int
	// HugePages is what the pools of huge pages took away (4.16).
	HugePages Int
	// CommitLimit is how much may be promised where overcommit is strict (vm.overcommit_memory=2),
	// and CommittedAS how much is promised now.
	CommitLimit, CommittedAS Int
}

// Memory reads /proc/meminfo.
func (s System) Memory() (Memory, error) {
	b, err := read(filepath.Join(s.Proc, "meminfo"))
	if err != nil {
		return Memory{}, err
	}
	return parseMeminfo(b), nil
}

func parseMeminfo(b []byte) (m Memory) {
	for name, value := range pairs(b, ':') {
		var into *Int
		switch name {
		case "MemTotal":
			into = &m.Total
		case "MemFree":
			into = &m.Free
		case "MemAvailable":
			into = &m.Available
		case "SwapTotal":
			into = &m.SwapTotal
		case "SwapFree":
			into = &m.SwapFree
		case "Shmem":
			into = &m.Shmem
		case "AnonPages":
			into = &m.Anon
		case "Unevictable":
			into = &m.Unevictable
		case "Cached":
			into = &m.Cached
		case "Buffers":
			into = &m.Buffers
		case "SReclaimable":
			into = &m.SlabReclaimable
		case "SUnreclaim":
			into = &m.SlabUnreclaimable
		case "PageTables":
			into = &m.PageTables
		case "Hugetlb":
			into = &m.HugePages
		case "CommitLimit":
			into = &m.CommitLimit
		case "Committed_AS":
			into = &m.CommittedAS
		default:
			continue
		}
		*into = parseKB(value)
	}
	return m
}
