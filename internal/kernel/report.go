// SPDX-License-Identifier: Apache-2.0

package kernel

import "github.com/oomtrail/oomtrail/parser/report"

// Int and the other values that lines are read into are those of package report.
type (
	Int              = report.Int
	Invocation       = report.Invocation
	GFP              = report.GFP
	CPU              = report.CPU
	Cpuset           = report.Cpuset
	Process          = report.Process
	Reaper           = report.Reaper
	Allocation       = report.Allocation
	SlabCache        = report.SlabCache
	BuddyItem        = report.BuddyItem
	Hugepages        = report.Hugepages
	Pair             = report.Pair
	Unit             = report.Unit
	TotalName        = report.TotalName
	MemcgCounterName = report.MemcgCounterName
	Counter          = report.Counter
	Protection       = report.Protection
	Stat             = report.Stat
	StatKey          = report.StatKey
	Column           = report.Column
	Task             = report.Task
	Constraint       = report.Constraint
	OOMKill          = report.OOMKill
	Message          = report.Message
	Selection        = report.Selection
	Kill             = report.KillLine
)

// The constants of these values.
const (
	CounterMemory          = report.CounterMemory
	CounterMemsw           = report.CounterMemsw
	CounterKmem            = report.CounterKmem
	CounterSwap            = report.CounterSwap
	NumMemcgCounters       = report.NumMemcgCounters
	StatOther              = report.StatOther
	StatAnon               = report.StatAnon
	StatRSS                = report.StatRSS
	StatFile               = report.StatFile
	StatCache              = report.StatCache
	StatShmem              = report.StatShmem
	StatKernel             = report.StatKernel
	StatKernelStack        = report.StatKernelStack
	StatPageTables         = report.StatPageTables
	StatPercpu             = report.StatPercpu
	StatSock               = report.StatSock
	StatSlab               = report.StatSlab
	StatSlabReclaimable    = report.StatSlabReclaimable
	StatSlabUnreclaimable  = report.StatSlabUnreclaimable
	StatFileDirty          = report.StatFileDirty
	StatDirty              = report.StatDirty
	StatFileWriteback      = report.StatFileWriteback
	StatWriteback          = report.StatWriteback
	StatInactiveFile       = report.StatInactiveFile
	StatActiveFile         = report.StatActiveFile
	StatUnevictable        = report.StatUnevictable
	StatSwap               = report.StatSwap
	StatSwapCached         = report.StatSwapCached
	StatRefaultFile        = report.StatRefaultFile
	StatRefaultAnon        = report.StatRefaultAnon
	StatRefault            = report.StatRefault
	NumStatKeys            = report.NumStatKeys
	UnitPages              = report.UnitPages
	UnitKB                 = report.UnitKB
	UnitBool               = report.UnitBool
	TotalPagecache         = report.TotalPagecache
	TotalSwapCache         = report.TotalSwapCache
	TotalSwapStats         = report.TotalSwapStats
	TotalSwapFree          = report.TotalSwapFree
	TotalSwap              = report.TotalSwap
	TotalRAM               = report.TotalRAM
	TotalHighMem           = report.TotalHighMem
	TotalReserved          = report.TotalReserved
	TotalShared            = report.TotalShared
	TotalNonShared         = report.TotalNonShared
	TotalCMA               = report.TotalCMA
	TotalPagetableCache    = report.TotalPagetableCache
	TotalHWPoisoned        = report.TotalHWPoisoned
	TotalFreePages         = report.TotalFreePages
	TotalSlabPages         = report.TotalSlabPages
	TotalOther             = report.TotalOther
	NumTotals              = report.NumTotals
	ConstraintUnknown      = report.ConstraintUnknown
	ConstraintNone         = report.ConstraintNone
	ConstraintCpuset       = report.ConstraintCpuset
	ConstraintMemoryPolicy = report.ConstraintMemoryPolicy
	ConstraintMemcg        = report.ConstraintMemcg
	MessageNone            = report.MessageNone
	MessageOutOfMemory     = report.MessageOutOfMemory
	MessageMemcg           = report.MessageMemcg
	MessageAllocating      = report.MessageAllocating
	MessageMempolicy       = report.MessageMempolicy
	MessageCpuset          = report.MessageCpuset
	ColUID                 = report.ColUID
	ColTGID                = report.ColTGID
	ColTotalVM             = report.ColTotalVM
	ColRSS                 = report.ColRSS
	ColRSSAnon             = report.ColRSSAnon
	ColRSSFile             = report.ColRSSFile
	ColRSSShmem            = report.ColRSSShmem
	ColCPU                 = report.ColCPU
	ColNrPtes              = report.ColNrPtes
	ColNrPmds              = report.ColNrPmds
	ColPgtablesBytes       = report.ColPgtablesBytes
	ColSwapents            = report.ColSwapents
	ColOOMAdj              = report.ColOOMAdj
	ColOOMScoreAdj         = report.ColOOMScoreAdj
	ColUnknown             = report.ColUnknown
	NumColumns             = report.NumColumns
)
