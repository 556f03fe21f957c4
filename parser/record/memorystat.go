// SPDX-License-Identifier: Apache-2.0

package record

import "github.com/oomtrail/oomtrail/internal/enum"

// MemoryStat is how much of a cgroup's memory.stat a record carries.
type MemoryStat uint8

// The amounts.
const (
	MemoryStatMain MemoryStat = iota // the names of [MainStats]
	MemoryStatAll                    // all that the kernel printed
	MemoryStatNone                   // none
)

var memoryStatNames = enum.New[MemoryStat]("memory_stat", "main", "all", "none")

// String returns main, all or none, as the setting `memory_stat` spells it.
func (m MemoryStat) String() string { return memoryStatNames.String(m) }

// MemoryStatNames returns the names of all amounts, by value.
func MemoryStatNames() []string { return memoryStatNames.All() }

// ParseMemoryStat returns the amount with that name: the inverse of [MemoryStat.String]. The empty
// string is MemoryStatMain.
func ParseMemoryStat(name string) (MemoryStat, error) { return memoryStatNames.ParseSetting(name) }
