// SPDX-License-Identifier: Apache-2.0

package record

import (
	"github.com/oomtrail/oomtrail/internal/kernel"
)

// field is an attribute's name: an index into [Fields], and behind those into the names of memory.stat.
type field uint16

// The rows of [Fields].
const (
	fEventName field = iota
	fLogRecordUID
	fRecordKey
	fRecordVersion
	fReportID
	fTimeAssumed
	fTimeOriginal
	fKiller
	fTrust
	fConstraint
	fScope
	fCgroupPath
	fCgroupLevel
	fCgroupContainerID
	fCgroupPodUID
	fCgroupUnit
	fVictimCgroup
	fProcessPID
	fProcessTitle
	fVictimTGID
	fProcessRealUserID
	fVictimMemoryVirtual
	fVictimMemoryRSS
	fVictimMemoryAnon
	fVictimMemoryFile
	fVictimMemoryShmem
	fVictimMemoryPageTables
	fVictimMemorySwap
	fVictimOOMScoreAdj
	fVictimScore
	fVictimShare
	fVictimGroupKill
	fSelectedPID
	fSelectedName
	fSelectedScore
	fTriggerName
	fTriggerPID
	fTriggerUID
	fTriggerOOMScoreAdj
	fTriggerCPU
	fTriggerOrder
	fTriggerGFPMask
	fTriggerGFPFlags
	fTriggerCpuset
	fTriggerMemsAllowed
	fTriggerNodemask
	fTriggerManual
	fCgroupMemoryUsage
	fCgroupMemoryLimit
	fCgroupMemoryFailcnt
	fCgroupSwapUsage
	fCgroupSwapLimit
	fCgroupSwapFailcnt
	fCgroupMemswUsage
	fCgroupMemswLimit
	fCgroupMemswFailcnt
	fCgroupKmemUsage
	fCgroupKmemLimit
	fCgroupKmemFailcnt
	fCgroupStat
	fHostMemoryTotal
	fHostMemoryFree
	fHostMemoryReserved
	fHostMemoryAnon
	fHostMemoryFile
	fHostMemoryShmem
	fHostMemoryUnevictable
	fHostMemoryDirty
	fHostMemoryWriteback
	fHostMemorySlabReclaimable
	fHostMemorySlabUnreclaimable
	fHostMemoryKernelStack
	fHostMemoryPageTables
	fHostMemoryMlocked
	fHostMemoryHugetlb
	fHostSwapTotal
	fHostSwapFree
	fTasksCount
	fTasksRSS
	fTasksTop
	fContainerID
	fContainerRuntimeName
	fOuterContainerID
	fK8sPodUID
	fK8sQoSClass
	fSystemdUnitName
	fSystemdSlice
	fHostName
	fHostID
	fLogHost
	fKernelRelease
	fBootID
	fReportComplete
	fReportMissing
	fReportTruncated
	fReportAssumed
	fReportLines
	fReportLostRecords
	fReportSuppressed
	fSource
	fKmsgSequence
	fDiagnosisCause
	fDiagnosisConfidence
	fDiagnosisSummary
	fDiagnosisAdvice
	fLogRecordOriginal
	numFields
)

// row returns the row of the table that a field belongs to.
func (f field) row() *Field {
	if f >= numFields {
		f = fCgroupStat
	}
	return &Fields[f]
}

// statField returns the field that stands for the i-th of the names of memory.stat which no table has.
func statField(i int) field { return field(len(fieldNames) + i) }

// name returns the attribute's name; stats are the names that no table has.
func (f field) name(stats []string) string {
	if int(f) < len(fieldNames) {
		return fieldNames[f]
	}
	return stats[int(f)-len(fieldNames)]
}

// isResource reports whether the collector carries the attribute as one of the resource.
func (f field) isResource() bool { return f < numFields && resources[f] }

// fieldNames are the names that attributes may have, by field: those of the table, then the main ones of memory.stat.
var fieldNames = func() []string {
	names := make([]string, 0, int(numFields)+len(MainStats))
	for i := range Fields {
		names = append(names, Fields[i].Name)
	}
	for _, key := range MainStats {
		names = append(names, FamilyPrefix+key)
	}
	return names
}()

// resources tells by field what the collector carries as a resource attribute. None of those is a figure of memory.stat.
var resources = func() (are [numFields]bool) {
	for f := range numFields {
		are[f] = Fields[f].Resource
	}
	return are
}()

// mainStats are the fields of the main figures of memory.stat, 0 for the others.
var mainStats = func() (fields [kernel.NumStatKeys]field) {
	for i, key := range MainStats {
		fields[kernel.StatNamed(key)] = numFields + field(i)
	}
	return fields
}()
