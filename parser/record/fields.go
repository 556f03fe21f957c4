// SPDX-License-Identifier: Apache-2.0

package record

import "strings"

// ID is a field's number: its index in [Fields]. Numbers from NumFields on are values of
// memory.stat and further attributes, which have no row of their own.
type ID uint16

// The fields, in the order of [Fields].
const (
	EventName ID = iota
	LogRecordUID
	RecordKey
	RecordVersion
	ReportID
	TimeAssumed
	TimeOriginal
	Killer
	Observer
	Outcome
	Trust
	Constraint
	Scope
	CgroupPath
	CgroupLevel
	CgroupContainerID
	CgroupPodUID
	CgroupUnit
	VictimKind
	VictimCount
	ObservedCount
	VictimCgroup
	ProcessPID
	ProcessVPID
	ProcessTitle
	ProcessCommandLine
	ProcessExitCode
	VictimTGID
	ProcessRealUserID
	ProcessRealUserName
	VictimMemoryVirtual
	VictimMemoryRSS
	VictimMemoryAnon
	VictimMemoryFile
	VictimMemoryShmem
	VictimMemoryPageTables
	VictimMemorySwap
	VictimOOMScoreAdj
	VictimScore
	VictimShare
	VictimGroupKill
	Signal
	Reason
	SelectedPID
	SelectedName
	SelectedScore
	TriggerName
	TriggerPID
	TriggerUID
	TriggerOOMScoreAdj
	TriggerCPU
	TriggerOrder
	TriggerGFPMask
	TriggerGFPFlags
	TriggerCpuset
	TriggerMemsAllowed
	TriggerNodemask
	TriggerManual
	CgroupMemoryUsage
	CgroupMemoryLimit
	CgroupMemoryHeld
	CgroupMemoryHigh
	CgroupMemoryPeak
	CgroupMemoryFailcnt
	CgroupSwapUsage
	CgroupSwapLimit
	CgroupSwapFailcnt
	CgroupMemswUsage
	CgroupMemswLimit
	CgroupMemswFailcnt
	CgroupKmemUsage
	CgroupKmemLimit
	CgroupKmemFailcnt
	CgroupStat
	PressureCgroup
	PressureCurrent
	PressureLimit
	PressureDuration
	WarningID
	WarningCause
	WarningGrowth
	WarningTimeLeft
	WarningLead
	HostMemoryTotal
	HostMemoryAvailable
	HostMemoryUsed
	HostMemoryFree
	HostMemoryReserved
	HostMemoryAnon
	HostMemoryFile
	HostMemoryShmem
	HostMemoryUnevictable
	HostMemoryDirty
	HostMemoryWriteback
	HostMemorySlabReclaimable
	HostMemorySlabUnreclaimable
	HostMemoryKernelStack
	HostMemoryPageTables
	HostMemoryMlocked
	HostMemoryHugetlb
	HostSwapTotal
	HostSwapFree
	HostCommitLimit
	HostCommitUsed
	EvictedThreshold
	EvictedAvailable
	EvictedUsage
	EvictedRequest
	SenderPID
	SenderUID
	SenderLoginUID
	SenderName
	SenderExecutable
	SenderUnit
	VerdictCause
	VerdictEvidence
	VerdictSources
	TasksCount
	TasksRSS
	TasksTop
	CandidatesTop
	ContainerID
	ContainerRuntimeName
	ContainerName
	ContainerImageName
	ContainerImageTag
	ComposeProject
	ComposeService
	OuterContainerID
	K8sNamespaceName
	K8sPodName
	K8sPodUID
	K8sContainerName
	K8sContainerRestartCount
	K8sNodeName
	K8sQoSClass
	SystemdUnitName
	SystemdSlice
	JobScheduler
	JobName
	JobGroup
	JobTask
	MachineName
	NamesDoubt
	HostName
	HostID
	LogHost
	KernelRelease
	BootID
	ReportComplete
	ReportMissing
	ReportTruncated
	ReportAssumed
	ReportLines
	ReportLostRecords
	ReportSuppressed
	Source
	KmsgSequence
	DiagnosisCause
	DiagnosisConfidence
	DiagnosisSummary
	DiagnosisAdvice
	LogRecordOriginal
	NumFields
)

// Field is one row of the table of fields: the contract of a record.
type Field struct {
	// Name is the attribute's name. One that ends in ".*" is a family, whose last part is the
	// kernel's own name.
	Name string
	// Type is the kind of its values.
	Type Kind
	// Unit is its unit's code in UCUM: "By" for bytes, "s" for seconds, "1" for a ratio, "{line}"
	// and the like for a count of what it names; "" for what is no quantity, such as an id, and
	// where the kernel has a scale of its own.
	Unit string
	// Meaning is what it holds, in Markdown.
	Meaning string
	// Resource is true for what the collector carries as a resource attribute.
	Resource bool
	// Rank is how soon it goes where a record is cut to its bounds: 0 never, 3 first.
	Rank uint8
}

// Fields is the table of fields, in the order in which records have them. The documentation, the
// attributes of the collector and the keys of Fluent Bit come from it.
var Fields = []Field{
	EventName:                   {Name: "event.name", Type: KindString, Meaning: "`oom.kill`, the only one that counts as a kill; `oom.unresolved` (memory ran out, and the log does not show how that ended); `oom.no_victim` (it is proven that nobody was killed); `oom.panic`; `oom.reap_failed`; `oom.kill_attempt` (another killer decided to kill: see `oom.outcome`); `oom.observed` (a program says that another one killed for memory, and the log shows no such kill); `oom.eviction` (the kubelet evicted a pod for memory); `oom.sigkill` (a death by SIGKILL with its verdict; opt-in); `oom.warning` (memory is about to run out; opt-in)"},
	LogRecordUID:                {Name: "log.record.uid", Type: KindString, Meaning: "stable id of this record: the same kill has the same id whichever way its lines are read"},
	RecordKey:                   {Name: "oom.record.key", Type: KindString, Meaning: "hash of `log.record.uid` and of the host (`host.id`, else `host.name`; with `oom.log_host` where that is another name): the id to store the record under, since two machines of one image can die alike"},
	RecordVersion:               {Name: "oom.record.version", Type: KindString, Meaning: "version of this contract, `2`"},
	ReportID:                    {Name: "oom.report.id", Type: KindString, Meaning: "stable id of the report, shared by all its victims"},
	TimeAssumed:                 {Name: "oom.time.assumed", Type: KindString, Meaning: "what of `time` the log does not say, comma-joined: `zone` (the setting `location`), `year` (the newest that fits), `boot_clock`; absent where it says all"},
	TimeOriginal:                {Name: "oom.time.original", Type: KindString, Meaning: "the wall timestamp as the log prints it"},
	Killer:                      {Name: "oom.killer", Type: KindString, Meaning: "who killed: `kernel`, `systemd-oomd`, `earlyoom`, `nohang`, `oomd`, `talos`, `lmkd`, `lowmemorykiller`, `slurm`; absent where that is not known"},
	Observer:                    {Name: "oom.observer", Type: KindString, Meaning: "who says it, where that is not the killer: `systemd`, `containerd`, `kubelet` …"},
	Outcome:                     {Name: "oom.outcome", Type: KindString, Meaning: "of another killer than the kernel: `done` (said after the deed), `announced` (said right before it, and nothing says that it failed); of `oom.kill_attempt`: `decided`, `failed`, `dry_run`"},
	Trust:                       {Name: "oom.trust", Type: KindString, Meaning: "`verified` (the kernel wrote all of the report: the input is known to be its log) or `unverified`; absent in `oom.warning`, which no log holds"},
	Constraint:                  {Name: "oom.constraint", Type: KindString, Meaning: "the kernel's constraint: `none`, `cpuset`, `memory_policy`, `memcg`; derived on 5.0, which prints NONE for all"},
	Scope:                       {Name: "oom.scope", Type: KindString, Meaning: "what ran out, or is about to: `host`, `cgroup`, `cpuset`, `numa_policy`; set even if only the kill line survived"},
	CgroupPath:                  {Name: "oom.cgroup.path", Type: KindString, Meaning: "the cgroup whose limit was hit; of `oom.warning`: the one that it is about"},
	CgroupLevel:                 {Name: "oom.cgroup.level", Type: KindString, Meaning: "what that cgroup is: `container`, `pod`, `qos`, `slice`, `service`, `scope`, `user`, `machine`, `root`, `other`"},
	CgroupContainerID:           {Name: "oom.cgroup.container_id", Type: KindString, Meaning: "container of that cgroup, where it differs from the victim's", Rank: 1},
	CgroupPodUID:                {Name: "oom.cgroup.pod_uid", Type: KindString, Meaning: "pod of that cgroup, where it differs from the victim's", Rank: 1},
	CgroupUnit:                  {Name: "oom.cgroup.unit", Type: KindString, Meaning: "systemd unit of that cgroup, where it differs from the victim's", Rank: 1},
	VictimKind:                  {Name: "oom.victim.kind", Type: KindString, Meaning: "what was killed, where that is not one process: `cgroup`, `container`, `pod`, `job_step`"},
	VictimCount:                 {Name: "oom.victim.count", Type: KindInt64, Unit: "{process}", Meaning: "how many processes were killed, where a program says it"},
	ObservedCount:               {Name: "oom.observed.count", Type: KindInt64, Unit: "{kill}", Meaning: "a counter of kills as a program prints it, since some time: never to be added up"},
	VictimCgroup:                {Name: "oom.victim.cgroup", Type: KindString, Meaning: "the victim's cgroup"},
	ProcessPID:                  {Name: "process.pid", Type: KindInt64, Meaning: "the victim as the kill line prints it: pid in the initial namespace; may be a thread's"},
	ProcessVPID:                 {Name: "process.vpid", Type: KindInt64, Meaning: "pid as a program prints it whose pid namespace is not known to be the host's"},
	ProcessTitle:                {Name: "process.title", Type: KindString, Meaning: "the victim's name (comm, up to 15 bytes)"},
	ProcessCommandLine:          {Name: "process.command_line", Type: KindString, Meaning: "the victim's command line, where a killer prints it", Rank: 1},
	ProcessExitCode:             {Name: "process.exit.code", Type: KindInt64, Meaning: "exit code where one is printed; 137 alone proves no SIGKILL"},
	VictimTGID:                  {Name: "oom.victim.tgid", Type: KindInt64, Meaning: "process id from the `oom-kill:` line where it differs from `process.pid`", Rank: 1},
	ProcessRealUserID:           {Name: "process.real_user.id", Type: KindInt64, Meaning: "the victim's uid, unsigned"},
	ProcessRealUserName:         {Name: "process.real_user.name", Type: KindString, Meaning: "name of that user on this machine, of a process outside of containers; only where the log is this machine's own `/dev/kmsg` or journal"},
	VictimMemoryVirtual:         {Name: "oom.victim.memory.virtual", Type: KindInt64, Unit: "By", Meaning: "virtual size, from the kill line (2.6.33+)", Rank: 1},
	VictimMemoryRSS:             {Name: "oom.victim.memory.rss", Type: KindInt64, Unit: "By", Meaning: "resident memory: anon + file + shmem"},
	VictimMemoryAnon:            {Name: "oom.victim.memory.anon", Type: KindInt64, Unit: "By", Meaning: "resident anonymous memory (2.6.33+)"},
	VictimMemoryFile:            {Name: "oom.victim.memory.file", Type: KindInt64, Unit: "By", Meaning: "resident file pages (2.6.33+; to 4.4 with shmem)"},
	VictimMemoryShmem:           {Name: "oom.victim.memory.shmem", Type: KindInt64, Unit: "By", Meaning: "resident shared memory (4.5+, RHEL 7)"},
	VictimMemoryPageTables:      {Name: "oom.victim.memory.page_tables", Type: KindInt64, Unit: "By", Meaning: "page tables, from the kill line (5.4+)", Rank: 1},
	VictimMemorySwap:            {Name: "oom.victim.memory.swap", Type: KindInt64, Unit: "By", Meaning: "swapped out memory, from the victim's row of the task table (3.6+)", Rank: 1},
	VictimOOMScoreAdj:           {Name: "oom.victim.oom_score_adj", Type: KindInt64, Meaning: "the victim's adjustment, -1000..1000"},
	VictimScore:                 {Name: "oom.victim.score", Type: KindInt64, Meaning: "badness score where the kernel prints one (to 5.0)", Rank: 1},
	VictimShare:                 {Name: "oom.victim.share", Type: KindFloat64, Unit: "1", Meaning: "the victim's rss over what ran out (the limit, or RAM), 0..1"},
	VictimGroupKill:             {Name: "oom.victim.group_kill", Type: KindBool, Meaning: "true on victims printed after `Tasks in … are going to be killed`; join them with the chosen one by `oom.report.id`"},
	Signal:                      {Name: "oom.signal", Type: KindString, Meaning: "the signal that another killer than the kernel sent, of two the last: `SIGKILL`, `SIGTERM`"},
	Reason:                      {Name: "oom.reason", Type: KindString, Meaning: "why, in one word: `memory_pressure`, `memory_and_swap`, `low_memory`, `limit`, `rule`, `stop`, `stop_timeout`, `watchdog`, `probe`, `preemption`, `client_request`, `worker_timeout`"},
	SelectedPID:                 {Name: "oom.selected.pid", Type: KindInt64, Meaning: "on `oom.unresolved`: the process that a line names as selected or reaped, where it is not certain that it was the victim"},
	SelectedName:                {Name: "oom.selected.name", Type: KindString, Meaning: "its name"},
	SelectedScore:               {Name: "oom.selected.score", Type: KindInt64, Meaning: "its badness score where the kernel prints one (to 5.0)"},
	TriggerName:                 {Name: "oom.trigger.name", Type: KindString, Meaning: "the task whose allocation failed: usually not the victim"},
	TriggerPID:                  {Name: "oom.trigger.pid", Type: KindInt64, Meaning: "its thread id", Rank: 1},
	TriggerUID:                  {Name: "oom.trigger.uid", Type: KindInt64, Meaning: "its effective uid (6.11+)", Rank: 2},
	TriggerOOMScoreAdj:          {Name: "oom.trigger.oom_score_adj", Type: KindInt64, Meaning: "its adjustment (2.6.36+)", Rank: 2},
	TriggerCPU:                  {Name: "oom.trigger.cpu", Type: KindInt64, Meaning: "the processor it ran on (3.10+)", Rank: 2},
	TriggerOrder:                {Name: "oom.trigger.order", Type: KindInt64, Meaning: "order of the failed allocation; -1 is sysrq-f", Rank: 1},
	TriggerGFPMask:              {Name: "oom.trigger.gfp_mask", Type: KindString, Meaning: "mask of the failed allocation, as hex text", Rank: 1},
	TriggerGFPFlags:             {Name: "oom.trigger.gfp_flags", Type: KindString, Meaning: "its flags as printed (4.6+), else decoded by the kernel's era, joined by `|`", Rank: 1},
	TriggerCpuset:               {Name: "oom.trigger.cpuset", Type: KindString, Meaning: "its cpuset, the last component of the path", Rank: 2},
	TriggerMemsAllowed:          {Name: "oom.trigger.mems_allowed", Type: KindString, Meaning: "nodes it may use", Rank: 2},
	TriggerNodemask:             {Name: "oom.trigger.nodemask", Type: KindString, Meaning: "nodes of its memory policy, where one is in force", Rank: 2},
	TriggerManual:               {Name: "oom.trigger.manual", Type: KindBool, Meaning: "true where a person asked for it (sysrq-f)"},
	CgroupMemoryUsage:           {Name: "oom.cgroup_memory.usage", Type: KindInt64, Unit: "By", Meaning: "memory charged to the cgroup"},
	CgroupMemoryLimit:           {Name: "oom.cgroup_memory.limit", Type: KindInt64, Unit: "By", Meaning: "its limit; absent when unlimited"},
	CgroupMemoryHeld:            {Name: "oom.cgroup_memory.held", Type: KindInt64, Unit: "By", Meaning: "of `oom.warning`: what of the usage is no cache that the kernel can drop: page cache, and names of files"},
	CgroupMemoryHigh:            {Name: "oom.cgroup_memory.high", Type: KindInt64, Unit: "By", Meaning: "of `oom.warning`: where the cgroup is slowed down (`memory.high`); absent where it has none", Rank: 1},
	CgroupMemoryPeak:            {Name: "oom.cgroup_memory.peak", Type: KindInt64, Unit: "By", Meaning: "of `oom.warning`: the most it ever used (5.19+; version 1)", Rank: 1},
	CgroupMemoryFailcnt:         {Name: "oom.cgroup_memory.failcnt", Type: KindInt64, Unit: "{failure}", Meaning: "how often the limit was hit", Rank: 1},
	CgroupSwapUsage:             {Name: "oom.cgroup_swap.usage", Type: KindInt64, Unit: "By", Meaning: "swap charged to the cgroup (v2, 5.3+)", Rank: 1},
	CgroupSwapLimit:             {Name: "oom.cgroup_swap.limit", Type: KindInt64, Unit: "By", Meaning: "its swap limit; absent when unlimited", Rank: 1},
	CgroupSwapFailcnt:           {Name: "oom.cgroup_swap.failcnt", Type: KindInt64, Unit: "{failure}", Meaning: "how often the swap limit was hit", Rank: 2},
	CgroupMemswUsage:            {Name: "oom.cgroup_memsw.usage", Type: KindInt64, Unit: "By", Meaning: "memory and swap charged to the cgroup (v1)", Rank: 2},
	CgroupMemswLimit:            {Name: "oom.cgroup_memsw.limit", Type: KindInt64, Unit: "By", Meaning: "its limit; absent when unlimited", Rank: 2},
	CgroupMemswFailcnt:          {Name: "oom.cgroup_memsw.failcnt", Type: KindInt64, Unit: "{failure}", Meaning: "how often that limit was hit", Rank: 2},
	CgroupKmemUsage:             {Name: "oom.cgroup_kmem.usage", Type: KindInt64, Unit: "By", Meaning: "kernel memory charged to the cgroup (v1)", Rank: 2},
	CgroupKmemLimit:             {Name: "oom.cgroup_kmem.limit", Type: KindInt64, Unit: "By", Meaning: "its limit; absent when unlimited", Rank: 2},
	CgroupKmemFailcnt:           {Name: "oom.cgroup_kmem.failcnt", Type: KindInt64, Unit: "{failure}", Meaning: "how often that limit was hit", Rank: 2},
	CgroupStat:                  {Name: "oom.cgroup_stat.*", Type: KindInt64, Meaning: "the cgroup's memory.stat by the kernel's names, bytes or counts: the main names, all, or none (`memory_stat`)", Rank: 3},
	PressureCgroup:              {Name: "oom.pressure.cgroup", Type: KindString, Meaning: "the cgroup whose memory pressure was too high"},
	PressureCurrent:             {Name: "oom.pressure.current", Type: KindFloat64, Unit: "1", Meaning: "its pressure, 0..1; of `oom.warning` about the host: the host's"},
	PressureLimit:               {Name: "oom.pressure.limit", Type: KindFloat64, Unit: "1", Meaning: "the limit of that, 0..1"},
	PressureDuration:            {Name: "oom.pressure.duration", Type: KindFloat64, Unit: "s", Meaning: "for how long the limit was exceeded, or had to be"},
	WarningID:                   {Name: "oom.warning.id", Type: KindString, Meaning: "of `oom.warning`: its id, the `log.record.uid`; of a kill: the last warning in the ten minutes before that was about what ran out, or about a cgroup in it that held the victim; absent where the log was read again after a restart"},
	WarningCause:                {Name: "oom.warning.cause", Type: KindString, Meaning: "why it warns: `host_pressure`, `cgroup_pressure`, `cgroup_near_limit`, `cgroup_throttled`, `host_low_memory`, `commit_limit`"},
	WarningGrowth:               {Name: "oom.warning.growth", Type: KindFloat64, Unit: "By/s", Meaning: "how fast the use of what runs out grows, without caches that the kernel can drop"},
	WarningTimeLeft:             {Name: "oom.warning.time_left", Type: KindFloat64, Unit: "s", Meaning: "when it possibly runs out, where the growth is steady"},
	WarningLead:                 {Name: "oom.warning.lead", Type: KindFloat64, Unit: "s", Meaning: "of a kill: how long before it that warning came"},
	HostMemoryTotal:             {Name: "oom.host_memory.total", Type: KindInt64, Unit: "By", Meaning: "RAM"},
	HostMemoryAvailable:         {Name: "oom.host_memory.available", Type: KindInt64, Unit: "By", Meaning: "memory available on the host, as `oom.warning`, or another killer than the kernel, saw it"},
	HostMemoryUsed:              {Name: "oom.host_memory.used", Type: KindInt64, Unit: "By", Meaning: "memory in use on the host, as systemd-oomd counts it"},
	HostMemoryFree:              {Name: "oom.host_memory.free", Type: KindInt64, Unit: "By", Meaning: "free memory", Rank: 1},
	HostMemoryReserved:          {Name: "oom.host_memory.reserved", Type: KindInt64, Unit: "By", Meaning: "RAM that the kernel never gives out", Rank: 2},
	HostMemoryAnon:              {Name: "oom.host_memory.anon", Type: KindInt64, Unit: "By", Meaning: "anonymous memory: active + inactive + isolated", Rank: 1},
	HostMemoryFile:              {Name: "oom.host_memory.file", Type: KindInt64, Unit: "By", Meaning: "page cache on the lists: active + inactive + isolated", Rank: 1},
	HostMemoryShmem:             {Name: "oom.host_memory.shmem", Type: KindInt64, Unit: "By", Meaning: "shared memory and tmpfs", Rank: 1},
	HostMemoryUnevictable:       {Name: "oom.host_memory.unevictable", Type: KindInt64, Unit: "By", Meaning: "memory that cannot be reclaimed", Rank: 2},
	HostMemoryDirty:             {Name: "oom.host_memory.dirty", Type: KindInt64, Unit: "By", Meaning: "page cache that waits to be written", Rank: 2},
	HostMemoryWriteback:         {Name: "oom.host_memory.writeback", Type: KindInt64, Unit: "By", Meaning: "page cache being written", Rank: 2},
	HostMemorySlabReclaimable:   {Name: "oom.host_memory.slab_reclaimable", Type: KindInt64, Unit: "By", Meaning: "reclaimable slab", Rank: 2},
	HostMemorySlabUnreclaimable: {Name: "oom.host_memory.slab_unreclaimable", Type: KindInt64, Unit: "By", Meaning: "unreclaimable slab", Rank: 1},
	HostMemoryKernelStack:       {Name: "oom.host_memory.kernel_stack", Type: KindInt64, Unit: "By", Meaning: "kernel stacks", Rank: 2},
	HostMemoryPageTables:        {Name: "oom.host_memory.page_tables", Type: KindInt64, Unit: "By", Meaning: "page tables", Rank: 2},
	HostMemoryMlocked:           {Name: "oom.host_memory.mlocked", Type: KindInt64, Unit: "By", Meaning: "locked memory", Rank: 2},
	HostMemoryHugetlb:           {Name: "oom.host_memory.hugetlb", Type: KindInt64, Unit: "By", Meaning: "memory set aside as huge pages (3.10+)", Rank: 2},
	HostSwapTotal:               {Name: "oom.host_swap.total", Type: KindInt64, Unit: "By", Meaning: "swap space", Rank: 1},
	HostSwapFree:                {Name: "oom.host_swap.free", Type: KindInt64, Unit: "By", Meaning: "free swap space", Rank: 1},
	HostCommitLimit:             {Name: "oom.host_commit.limit", Type: KindInt64, Unit: "By", Meaning: "of `oom.warning`: what may be promised to programs with `vm.overcommit_memory=2` (CommitLimit)"},
	HostCommitUsed:              {Name: "oom.host_commit.used", Type: KindInt64, Unit: "By", Meaning: "of `oom.warning`: what is promised of it (Committed_AS)"},
	EvictedThreshold:            {Name: "oom.evicted.threshold", Type: KindInt64, Unit: "By", Meaning: "of `oom.eviction`: the least memory that had to be available"},
	EvictedAvailable:            {Name: "oom.evicted.available", Type: KindInt64, Unit: "By", Meaning: "what was available"},
	EvictedUsage:                {Name: "oom.evicted.usage", Type: KindInt64, Unit: "By", Meaning: "what the pod or its container used"},
	EvictedRequest:              {Name: "oom.evicted.request", Type: KindInt64, Unit: "By", Meaning: "what it had requested"},
	SenderPID:                   {Name: "oom.sender.pid", Type: KindInt64, Meaning: "of `oom.sigkill`: the process that sent the signal; absent where a container runtime had it sent"},
	SenderUID:                   {Name: "oom.sender.uid", Type: KindInt64, Meaning: "its user id"},
	SenderLoginUID:              {Name: "oom.sender.login_uid", Type: KindInt64, Meaning: "the user id that had logged in"},
	SenderName:                  {Name: "oom.sender.name", Type: KindString, Meaning: "its name, or that of the container runtime"},
	SenderExecutable:            {Name: "oom.sender.executable", Type: KindString, Meaning: "path of its executable"},
	SenderUnit:                  {Name: "oom.sender.unit", Type: KindString, Meaning: "systemd unit of either"},
	VerdictCause:                {Name: "oom.verdict.cause", Type: KindString, Meaning: "of `oom.sigkill`: why it died: `kernel_oom`, `memory_killer`, `evicted`, `sent`, `supervisor`, `unknown`"},
	VerdictEvidence:             {Name: "oom.verdict.evidence", Type: KindString, Meaning: "the other lines about the same death, comma-joined: each the program that wrote it and its id, `systemd:0a1b…`; `kernel:` has the `log.record.uid` of the kernel's record"},
	VerdictSources:              {Name: "oom.verdict.sources", Type: KindString, Meaning: "of `oom.sigkill`: the programs that the log has lines of, comma-joined: the witnesses there were to ask"},
	TasksCount:                  {Name: "oom.tasks.count", Type: KindInt64, Unit: "{task}", Meaning: "rows of the task table"},
	TasksRSS:                    {Name: "oom.tasks.rss", Type: KindInt64, Unit: "By", Meaning: "sum of their rss; a shared page counts once for each process that maps it", Rank: 1},
	TasksTop:                    {Name: "oom.tasks.top", Type: KindString, Meaning: "JSON array of the largest tasks: pid, name, rss, swap, oom_score_adj; at most 4 KiB", Rank: 1},
	CandidatesTop:               {Name: "oom.candidates.top", Type: KindString, Meaning: "of `oom.warning`: JSON array of the five processes that the kernel would kill first: pid, name, rss, swap, oom_score_adj, oom_score, unit, container, pod; at most 4 KiB", Rank: 1},
	ContainerID:                 {Name: "container.id", Type: KindString, Meaning: "container of the victim, the innermost", Resource: true},
	ContainerRuntimeName:        {Name: "container.runtime.name", Type: KindString, Meaning: "runtime of that container, where the path shows it", Resource: true, Rank: 1},
	ContainerName:               {Name: "container.name", Type: KindString, Meaning: "name that the runtime has for that container, where this machine's files say it", Resource: true},
	ContainerImageName:          {Name: "container.image.name", Type: KindString, Meaning: "its image, without tag and digest", Resource: true, Rank: 1},
	ContainerImageTag:           {Name: "container.image.tag", Type: KindString, Meaning: "tag of that image", Resource: true, Rank: 1},
	ComposeProject:              {Name: "container.label.com.docker.compose.project", Type: KindString, Meaning: "its project in Docker Compose", Resource: true, Rank: 1},
	ComposeService:              {Name: "container.label.com.docker.compose.service", Type: KindString, Meaning: "its service in that project", Resource: true, Rank: 1},
	OuterContainerID:            {Name: "oom.outer.container_id", Type: KindString, Meaning: "where the unit or container of the victim belongs to a manager inside a container (LXC or Docker with systemd or Docker in it): the outermost container, as the host knows it", Rank: 1},
	K8sNamespaceName:            {Name: "k8s.namespace.name", Type: KindString, Meaning: "namespace of the victim's pod, where this machine's files name the pod", Resource: true},
	K8sPodName:                  {Name: "k8s.pod.name", Type: KindString, Meaning: "name of that pod", Resource: true},
	K8sPodUID:                   {Name: "k8s.pod.uid", Type: KindString, Meaning: "pod of the victim; of a static pod, the hash of its configuration", Resource: true},
	K8sContainerName:            {Name: "k8s.container.name", Type: KindString, Meaning: "name of the victim's container in that pod", Resource: true},
	K8sContainerRestartCount:    {Name: "k8s.container.restart_count", Type: KindInt64, Unit: "{restart}", Meaning: "how often that container had been started anew before this kill", Resource: true, Rank: 1},
	K8sNodeName:                 {Name: "k8s.node.name", Type: KindString, Meaning: "the node, where a program names it", Resource: true},
	K8sQoSClass:                 {Name: "oom.k8s.qos_class", Type: KindString, Meaning: "`guaranteed`, `burstable` or `besteffort`", Rank: 1},
	SystemdUnitName:             {Name: "systemd.unit.name", Type: KindString, Meaning: "systemd unit of the victim, the innermost", Resource: true},
	SystemdSlice:                {Name: "oom.systemd.slice", Type: KindString, Meaning: "systemd slice of the victim", Rank: 1},
	JobScheduler:                {Name: "oom.job.scheduler", Type: KindString, Meaning: "scheduler of the victim's job where that is named: `nomad`, `slurm`, `ecs`", Rank: 1},
	JobName:                     {Name: "oom.job.name", Type: KindString, Meaning: "name of that job", Rank: 1},
	JobGroup:                    {Name: "oom.job.group", Type: KindString, Meaning: "its group of tasks (Nomad)", Rank: 1},
	JobTask:                     {Name: "oom.job.task", Type: KindString, Meaning: "its task", Rank: 1},
	MachineName:                 {Name: "oom.machine.name", Type: KindString, Meaning: "name of the virtual machine that the victim ran", Rank: 1},
	NamesDoubt:                  {Name: "oom.names.doubt", Type: KindString, Meaning: "why nothing is named although this machine's files have something for these ids", Rank: 1},
	HostName:                    {Name: "host.name", Type: KindString, Meaning: "host, from the log, else the setting", Resource: true},
	HostID:                      {Name: "host.id", Type: KindString, Meaning: "machine id, from the log, else the setting", Resource: true},
	LogHost:                     {Name: "oom.log_host", Type: KindString, Meaning: "host as the log itself names it, where the collector's resource names the host in other words (see `host_from`)"},
	KernelRelease:               {Name: "oom.kernel.release", Type: KindString, Meaning: "kernel release, `uname -r`", Rank: 1},
	BootID:                      {Name: "oom.boot.id", Type: KindString, Meaning: "boot id, where the log has it", Rank: 2},
	ReportComplete:              {Name: "oom.report.complete", Type: KindBool, Meaning: "nothing of this report was lost, by the log or by oomtrail's own bounds (settings and the bounds of a record do not count)"},
	ReportMissing:               {Name: "oom.report.missing", Type: KindString, Meaning: "comma-joined sections that the log lost"},
	ReportTruncated:             {Name: "oom.report.truncated", Type: KindString, Meaning: "comma-joined names of attributes, and of sections, that were left out here to keep within bounds"},
	ReportAssumed:               {Name: "oom.report.assumed", Type: KindString, Meaning: "what values here rest on that the log does not show: `page_size` (pages became bytes by the architecture that the release names)", Rank: 2},
	ReportLines:                 {Name: "oom.report.lines", Type: KindInt64, Unit: "{line}", Meaning: "lines of the report so far", Rank: 2},
	ReportLostRecords:           {Name: "oom.report.lost_records", Type: KindInt64, Unit: "{record}", Meaning: "records lost inside the report: gaps in the sequence numbers, and loss messages", Rank: 1},
	ReportSuppressed:            {Name: "oom.report.suppressed", Type: KindInt64, Unit: "{report}", Meaning: "reports that the rate limiter kept back before this one", Rank: 1},
	Source:                      {Name: "oom.source", Type: KindString, Meaning: "`kmsg`, `journald`, `file`, `pipeline`; of `oom.warning`: `watch`, the files of this machine's kernel"},
	KmsgSequence:                {Name: "oom.kmsg.sequence", Type: KindInt64, Meaning: "sequence number of the kill line in the kernel's ring buffer", Rank: 2},
	DiagnosisCause:              {Name: "oom.diagnosis.cause", Type: KindString, Meaning: "machine-readable cause"},
	DiagnosisConfidence:         {Name: "oom.diagnosis.confidence", Type: KindString, Meaning: "how sure the log makes that cause: `certain`, `likely` or `possible`", Rank: 1},
	DiagnosisSummary:            {Name: "oom.diagnosis.summary", Type: KindString, Meaning: "why, in one sentence", Rank: 1},
	DiagnosisAdvice:             {Name: "oom.diagnosis.advice", Type: KindString, Meaning: "what to do next", Rank: 1},
	LogRecordOriginal:           {Name: "log.record.original", Type: KindString, Meaning: "the report's lines; opt-in, at most 32,000 bytes"},
}

// MainStats are the values of memory.stat that a record has by default: the v2 names of what memory
// is used for, and the two v1 names without an equal among them.
var MainStats = []string{
	"anon", "file", "kernel", "kernel_stack", "pagetables", "sock", "shmem", "file_dirty", "file_writeback",
	"inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable", "cache", "rss",
}

// FamilyPrefix is what the attributes of memory.stat begin with, before the kernel's own name.
const FamilyPrefix = "oom.cgroup_stat."

var fieldIndex = func() map[string]*Field {
	m := make(map[string]*Field, len(Fields))
	for i := range Fields {
		m[Fields[i].Name] = &Fields[i]
	}
	return m
}()

// Lookup returns the row of the table for an attribute's name, nil where it has none.
func Lookup(name string) *Field {
	if strings.HasPrefix(name, FamilyPrefix) {
		return fieldIndex[FamilyPrefix+"*"]
	}
	return fieldIndex[name]
}
