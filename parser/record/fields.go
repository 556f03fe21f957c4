// SPDX-License-Identifier: Apache-2.0

package record

import "strings"

// Field is one row of the table of fields: the contract of a record.
type Field struct {
	// Name is the attribute's name. A name that ends in ".*" stands for a family whose last part is the
	// kernel's own name.
	Name string
	// Type is the type of its values.
	Type Type
	// Unit is "By" for bytes, "1" for a ratio, "us" for microseconds, "" for none.
	Unit string
	// Meaning says what it holds.
	Meaning string
	// Resource is true for what the collector carries as a resource attribute.
	Resource bool
	// Rank says how soon it goes when a record must be cut to the budget: 0 never, 3 first.
	Rank uint8
}

// Fields is the table of fields, in the order in which records carry them. Documentation, the collector's attributes
// and the Fluent Bit keys come from it.
var Fields = []Field{
	fEventName:                   {Name: "event.name", Type: TypeString, Meaning: "`oom.kill`, the only one that counts as a kill; `oom.unresolved` (memory ran out, and the log does not show how that ended); `oom.no_victim` (it is proven that nobody was killed); `oom.panic`; `oom.reap_failed`"},
	fLogRecordUID:                {Name: "log.record.uid", Type: TypeString, Meaning: "stable id of this record: the same kill has the same id whichever way its lines are read"},
	fRecordKey:                   {Name: "oom.record.key", Type: TypeString, Meaning: "hash of `log.record.uid` and of the host (`host.id`, else `host.name`; with `oom.log_host` where that is another name): the id to store the record under, since two machines of one image can die alike"},
	fRecordVersion:               {Name: "oom.record.version", Type: TypeString, Meaning: "version of this contract, `2`"},
	fReportID:                    {Name: "oom.report.id", Type: TypeString, Meaning: "stable id of the report, shared by all its victims"},
	fTimeAssumed:                 {Name: "oom.time.assumed", Type: TypeString, Meaning: "what of `time` the log does not say, comma-joined: `zone` (the setting `location`), `year` (the newest that fits), `boot_clock`; absent where it says all"},
	fTimeOriginal:                {Name: "oom.time.original", Type: TypeString, Meaning: "the wall stamp as the log prints it"},
	fKiller:                      {Name: "oom.killer", Type: TypeString, Meaning: "who killed: `kernel`"},
	fTrust:                       {Name: "oom.trust", Type: TypeString, Meaning: "`verified` (the kernel wrote all of the report: the input is known to be its log) or `unverified`"},
	fConstraint:                  {Name: "oom.constraint", Type: TypeString, Meaning: "the kernel's constraint: `none`, `cpuset`, `memory_policy`, `memcg`; derived on 5.0, which prints NONE for all"},
	fScope:                       {Name: "oom.scope", Type: TypeString, Meaning: "what ran out: `host`, `cgroup`, `cpuset`, `numa_policy`; also when only the kill line's own words tell"},
	fCgroupPath:                  {Name: "oom.cgroup.path", Type: TypeString, Meaning: "the cgroup whose limit was hit"},
	fCgroupLevel:                 {Name: "oom.cgroup.level", Type: TypeString, Meaning: "what that cgroup is: `container`, `pod`, `qos`, `slice`, `service`, `scope`, `user`, `machine`, `root`, `other`"},
	fCgroupContainerID:           {Name: "oom.cgroup.container_id", Type: TypeString, Meaning: "container of that cgroup, where it differs from the victim's", Rank: 1},
	fCgroupPodUID:                {Name: "oom.cgroup.pod_uid", Type: TypeString, Meaning: "pod of that cgroup, where it differs from the victim's", Rank: 1},
	fCgroupUnit:                  {Name: "oom.cgroup.unit", Type: TypeString, Meaning: "systemd unit of that cgroup, where it differs from the victim's", Rank: 1},
	fVictimCgroup:                {Name: "oom.victim.cgroup", Type: TypeString, Meaning: "the victim's cgroup"},
	fProcessPID:                  {Name: "process.pid", Type: TypeInt, Meaning: "the victim as the kill line prints it: pid in the initial namespace; may be a thread's"},
	fProcessTitle:                {Name: "process.title", Type: TypeString, Meaning: "the victim's name (comm, up to 15 bytes)"},
	fVictimTGID:                  {Name: "oom.victim.tgid", Type: TypeInt, Meaning: "process id from the `oom-kill:` line where it differs from `process.pid`", Rank: 1},
	fProcessRealUserID:           {Name: "process.real_user.id", Type: TypeInt, Meaning: "the victim's uid, unsigned"},
	fVictimMemoryVirtual:         {Name: "oom.victim.memory.virtual", Type: TypeInt, Unit: "By", Meaning: "virtual size, from the kill line (2.6.33+)", Rank: 1},
	fVictimMemoryRSS:             {Name: "oom.victim.memory.rss", Type: TypeInt, Unit: "By", Meaning: "resident memory: anon + file + shmem"},
	fVictimMemoryAnon:            {Name: "oom.victim.memory.anon", Type: TypeInt, Unit: "By", Meaning: "resident anonymous memory (2.6.33+)"},
	fVictimMemoryFile:            {Name: "oom.victim.memory.file", Type: TypeInt, Unit: "By", Meaning: "resident file pages (2.6.33+; to 4.4 with shmem)"},
	fVictimMemoryShmem:           {Name: "oom.victim.memory.shmem", Type: TypeInt, Unit: "By", Meaning: "resident shared memory (4.5+, RHEL 7)"},
	fVictimMemoryPageTables:      {Name: "oom.victim.memory.page_tables", Type: TypeInt, Unit: "By", Meaning: "page tables, from the kill line (5.4+)", Rank: 1},
	fVictimMemorySwap:            {Name: "oom.victim.memory.swap", Type: TypeInt, Unit: "By", Meaning: "swapped out memory, from the victim's row of the task table (3.6+)", Rank: 1},
	fVictimOOMScoreAdj:           {Name: "oom.victim.oom_score_adj", Type: TypeInt, Meaning: "the victim's adjustment, -1000..1000"},
	fVictimScore:                 {Name: "oom.victim.score", Type: TypeInt, Meaning: "badness score where the kernel prints one (to 5.0)", Rank: 1},
	fVictimShare:                 {Name: "oom.victim.share", Type: TypeDouble, Unit: "1", Meaning: "the victim's rss over what ran out (the limit, or RAM), 0..1"},
	fVictimGroupKill:             {Name: "oom.victim.group_kill", Type: TypeBool, Meaning: "true on victims printed after `Tasks in … are going to be killed`; join them with the chosen one by `oom.report.id`"},
	fSelectedPID:                 {Name: "oom.selected.pid", Type: TypeInt, Meaning: "on `oom.unresolved`: the process that a line names as selected or reaped, where it is not certain that it was the victim"},
	fSelectedName:                {Name: "oom.selected.name", Type: TypeString, Meaning: "its name"},
	fSelectedScore:               {Name: "oom.selected.score", Type: TypeInt, Meaning: "its badness score where the kernel prints one (to 5.0)"},
	fTriggerName:                 {Name: "oom.trigger.name", Type: TypeString, Meaning: "the task whose allocation failed: usually not the victim"},
	fTriggerPID:                  {Name: "oom.trigger.pid", Type: TypeInt, Meaning: "its thread id", Rank: 1},
	fTriggerUID:                  {Name: "oom.trigger.uid", Type: TypeInt, Meaning: "its effective uid (6.11+)", Rank: 2},
	fTriggerOOMScoreAdj:          {Name: "oom.trigger.oom_score_adj", Type: TypeInt, Meaning: "its adjustment (2.6.36+)", Rank: 2},
	fTriggerCPU:                  {Name: "oom.trigger.cpu", Type: TypeInt, Meaning: "the processor it ran on (3.10+)", Rank: 2},
	fTriggerOrder:                {Name: "oom.trigger.order", Type: TypeInt, Meaning: "order of the failed allocation; -1 is sysrq-f", Rank: 1},
	fTriggerGFPMask:              {Name: "oom.trigger.gfp_mask", Type: TypeString, Meaning: "mask of the failed allocation, as hex text", Rank: 1},
	fTriggerGFPFlags:             {Name: "oom.trigger.gfp_flags", Type: TypeString, Meaning: "its flags as printed (4.6+), else decoded by the kernel's era, joined by `|`", Rank: 1},
	fTriggerCpuset:               {Name: "oom.trigger.cpuset", Type: TypeString, Meaning: "its cpuset, the last component of the path", Rank: 2},
	fTriggerMemsAllowed:          {Name: "oom.trigger.mems_allowed", Type: TypeString, Meaning: "nodes it may use", Rank: 2},
	fTriggerNodemask:             {Name: "oom.trigger.nodemask", Type: TypeString, Meaning: "nodes of its memory policy, where one is in force", Rank: 2},
	fTriggerManual:               {Name: "oom.trigger.manual", Type: TypeBool, Meaning: "true where a person asked for it (sysrq-f)"},
	fCgroupMemoryUsage:           {Name: "oom.cgroup_memory.usage", Type: TypeInt, Unit: "By", Meaning: "memory charged to the cgroup"},
	fCgroupMemoryLimit:           {Name: "oom.cgroup_memory.limit", Type: TypeInt, Unit: "By", Meaning: "its limit; absent when unlimited"},
	fCgroupMemoryFailcnt:         {Name: "oom.cgroup_memory.failcnt", Type: TypeInt, Meaning: "how often the limit was hit", Rank: 1},
	fCgroupSwapUsage:             {Name: "oom.cgroup_swap.usage", Type: TypeInt, Unit: "By", Meaning: "swap charged to the cgroup (v2, 5.3+)", Rank: 1},
	fCgroupSwapLimit:             {Name: "oom.cgroup_swap.limit", Type: TypeInt, Unit: "By", Meaning: "its swap limit; absent when unlimited", Rank: 1},
	fCgroupSwapFailcnt:           {Name: "oom.cgroup_swap.failcnt", Type: TypeInt, Meaning: "how often the swap limit was hit", Rank: 2},
	fCgroupMemswUsage:            {Name: "oom.cgroup_memsw.usage", Type: TypeInt, Unit: "By", Meaning: "memory and swap charged to the cgroup (v1)", Rank: 2},
	fCgroupMemswLimit:            {Name: "oom.cgroup_memsw.limit", Type: TypeInt, Unit: "By", Meaning: "its limit; absent when unlimited", Rank: 2},
	fCgroupMemswFailcnt:          {Name: "oom.cgroup_memsw.failcnt", Type: TypeInt, Meaning: "how often that limit was hit", Rank: 2},
	fCgroupKmemUsage:             {Name: "oom.cgroup_kmem.usage", Type: TypeInt, Unit: "By", Meaning: "kernel memory charged to the cgroup (v1)", Rank: 2},
	fCgroupKmemLimit:             {Name: "oom.cgroup_kmem.limit", Type: TypeInt, Unit: "By", Meaning: "its limit; absent when unlimited", Rank: 2},
	fCgroupKmemFailcnt:           {Name: "oom.cgroup_kmem.failcnt", Type: TypeInt, Meaning: "how often that limit was hit", Rank: 2},
	fCgroupStat:                  {Name: "oom.cgroup_stat.*", Type: TypeInt, Meaning: "the cgroup's memory.stat by the kernel's names, bytes or counts: the main names, all, or none (`memory_stat`)", Rank: 3},
	fHostMemoryTotal:             {Name: "oom.host_memory.total", Type: TypeInt, Unit: "By", Meaning: "RAM"},
	fHostMemoryFree:              {Name: "oom.host_memory.free", Type: TypeInt, Unit: "By", Meaning: "free memory", Rank: 1},
	fHostMemoryReserved:          {Name: "oom.host_memory.reserved", Type: TypeInt, Unit: "By", Meaning: "RAM that the kernel never gives out", Rank: 2},
	fHostMemoryAnon:              {Name: "oom.host_memory.anon", Type: TypeInt, Unit: "By", Meaning: "anonymous memory: active + inactive + isolated", Rank: 1},
	fHostMemoryFile:              {Name: "oom.host_memory.file", Type: TypeInt, Unit: "By", Meaning: "page cache on the lists: active + inactive + isolated", Rank: 1},
	fHostMemoryShmem:             {Name: "oom.host_memory.shmem", Type: TypeInt, Unit: "By", Meaning: "shared memory and tmpfs", Rank: 1},
	fHostMemoryUnevictable:       {Name: "oom.host_memory.unevictable", Type: TypeInt, Unit: "By", Meaning: "memory that cannot be reclaimed", Rank: 2},
	fHostMemoryDirty:             {Name: "oom.host_memory.dirty", Type: TypeInt, Unit: "By", Meaning: "page cache that waits to be written", Rank: 2},
	fHostMemoryWriteback:         {Name: "oom.host_memory.writeback", Type: TypeInt, Unit: "By", Meaning: "page cache being written", Rank: 2},
	fHostMemorySlabReclaimable:   {Name: "oom.host_memory.slab_reclaimable", Type: TypeInt, Unit: "By", Meaning: "reclaimable slab", Rank: 2},
	fHostMemorySlabUnreclaimable: {Name: "oom.host_memory.slab_unreclaimable", Type: TypeInt, Unit: "By", Meaning: "unreclaimable slab", Rank: 1},
	fHostMemoryKernelStack:       {Name: "oom.host_memory.kernel_stack", Type: TypeInt, Unit: "By", Meaning: "kernel stacks", Rank: 2},
	fHostMemoryPageTables:        {Name: "oom.host_memory.page_tables", Type: TypeInt, Unit: "By", Meaning: "page tables", Rank: 2},
	fHostMemoryMlocked:           {Name: "oom.host_memory.mlocked", Type: TypeInt, Unit: "By", Meaning: "locked memory", Rank: 2},
	fHostMemoryHugetlb:           {Name: "oom.host_memory.hugetlb", Type: TypeInt, Unit: "By", Meaning: "memory set aside as huge pages (3.10+)", Rank: 2},
	fHostSwapTotal:               {Name: "oom.host_swap.total", Type: TypeInt, Unit: "By", Meaning: "swap space", Rank: 1},
	fHostSwapFree:                {Name: "oom.host_swap.free", Type: TypeInt, Unit: "By", Meaning: "free swap space", Rank: 1},
	fTasksCount:                  {Name: "oom.tasks.count", Type: TypeInt, Meaning: "rows of the task table"},
	fTasksRSS:                    {Name: "oom.tasks.rss", Type: TypeInt, Unit: "By", Meaning: "sum of their rss; a shared page counts once for each process that maps it", Rank: 1},
	fTasksTop:                    {Name: "oom.tasks.top", Type: TypeString, Meaning: "JSON array of the largest tasks: pid, name, rss, swap, oom_score_adj; at most 4 KiB", Rank: 1},
	fContainerID:                 {Name: "container.id", Type: TypeString, Meaning: "container of the victim, the innermost", Resource: true},
	fContainerRuntimeName:        {Name: "container.runtime.name", Type: TypeString, Meaning: "runtime of that container, where the path tells", Resource: true, Rank: 1},
	fOuterContainerID:            {Name: "oom.outer.container_id", Type: TypeString, Meaning: "where the unit or container of the victim belongs to a manager inside a container (LXC or Docker with systemd or Docker in it): the outermost container, as the host knows it", Rank: 1},
	fK8sPodUID:                   {Name: "k8s.pod.uid", Type: TypeString, Meaning: "pod of the victim; of a static pod, the hash of its configuration", Resource: true},
	fK8sQoSClass:                 {Name: "oom.k8s.qos_class", Type: TypeString, Meaning: "`guaranteed`, `burstable` or `besteffort`", Rank: 1},
	fSystemdUnitName:             {Name: "systemd.unit.name", Type: TypeString, Meaning: "systemd unit of the victim, the innermost", Resource: true},
	fSystemdSlice:                {Name: "oom.systemd.slice", Type: TypeString, Meaning: "systemd slice of the victim", Rank: 1},
	fHostName:                    {Name: "host.name", Type: TypeString, Meaning: "host, from the transport, else the setting", Resource: true},
	fHostID:                      {Name: "host.id", Type: TypeString, Meaning: "machine id, from the transport, else the setting", Resource: true},
	fLogHost:                     {Name: "oom.log_host", Type: TypeString, Meaning: "host as the log itself names it, where the collector's resource names the host in other words (see `host_from`)"},
	fKernelRelease:               {Name: "oom.kernel.release", Type: TypeString, Meaning: "kernel release, `uname -r`", Rank: 1},
	fBootID:                      {Name: "oom.boot.id", Type: TypeString, Meaning: "boot id, where the transport gives it", Rank: 2},
	fReportComplete:              {Name: "oom.report.complete", Type: TypeBool, Meaning: "nothing of this report was lost, by the log or for want of memory (settings and the bounds of a record do not count)"},
	fReportMissing:               {Name: "oom.report.missing", Type: TypeString, Meaning: "comma-joined sections that the log lost"},
	fReportTruncated:             {Name: "oom.report.truncated", Type: TypeString, Meaning: "comma-joined names of attributes, and of sections, that were left out here to keep within bounds"},
	fReportAssumed:               {Name: "oom.report.assumed", Type: TypeString, Meaning: "what figures here rest on that the log does not show: `page_size` (pages became bytes by the architecture that the release names)", Rank: 2},
	fReportLines:                 {Name: "oom.report.lines", Type: TypeInt, Meaning: "lines of the report so far", Rank: 2},
	fReportLostRecords:           {Name: "oom.report.lost_records", Type: TypeInt, Meaning: "records lost inside the report: gaps in the sequence, a carrier's own word", Rank: 1},
	fReportSuppressed:            {Name: "oom.report.suppressed", Type: TypeInt, Meaning: "reports that the rate limiter kept back before this one", Rank: 1},
	fSource:                      {Name: "oom.source", Type: TypeString, Meaning: "`kmsg`, `journald`, `file`, `pipeline`"},
	fKmsgSequence:                {Name: "oom.kmsg.sequence", Type: TypeInt, Meaning: "sequence of the kill line in the kernel's ring", Rank: 2},
	fDiagnosisCause:              {Name: "oom.diagnosis.cause", Type: TypeString, Meaning: "machine-readable cause"},
	fDiagnosisConfidence:         {Name: "oom.diagnosis.confidence", Type: TypeString, Meaning: "how sure the log makes that cause: `certain`, `likely` or `possible`", Rank: 1},
	fDiagnosisSummary:            {Name: "oom.diagnosis.summary", Type: TypeString, Meaning: "why, in one sentence", Rank: 1},
	fDiagnosisAdvice:             {Name: "oom.diagnosis.advice", Type: TypeString, Meaning: "what to do next", Rank: 1},
	fLogRecordOriginal:           {Name: "log.record.original", Type: TypeString, Meaning: "the report's lines; opt-in, at most 32,000 bytes"},
}

// MainStats are the names of memory.stat that a record carries by default: the v2 names of what memory is used
// for, and the two v1 names that have no equal among them.
var MainStats = []string{
	"anon", "file", "kernel", "kernel_stack", "pagetables", "sock", "shmem", "file_dirty", "file_writeback",
	"inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable", "cache", "rss",
}

// FamilyPrefix is the part of a family's name before the kernel's own: "oom.cgroup_stat.".
const FamilyPrefix = "oom.cgroup_stat."

var fieldIndex = func() map[string]*Field {
	m := make(map[string]*Field, len(Fields))
	for i := range Fields {
		m[Fields[i].Name] = &Fields[i]
	}
	return m
}()

// Lookup returns the row of the table that a record's attribute belongs to, or nil.
func Lookup(name string) *Field {
	if strings.HasPrefix(name, FamilyPrefix) {
		return fieldIndex[FamilyPrefix+"*"]
	}
	return fieldIndex[name]
}
