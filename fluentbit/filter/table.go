// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"cmp"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser"
)

// Settings are the settings of one instance.
type Settings struct {
	// Key is the field that holds the kernel's text; "" finds it by itself.
	Key string
	// Format is the form of the records.
	Format form.Format
	// Mode says what becomes of the lines of a report.
	Mode Mode
	// StreamKeys are the fields that separate hosts, besides the tag; nil finds the host by itself.
	StreamKeys []string
	// IncludeOriginal adds the report's lines to its records.
	IncludeOriginal bool
	// TasksTop is how many of the largest tasks a record lists, 0..50.
	TasksTop int
	// Observations says which of what other programs say of a memory kill makes a record.
	Observations parser.Observations
	// Sigkill adds a record of each death by SIGKILL.
	Sigkill bool
	// MemoryStat says how many memory.stat figures a record carries.
	MemoryStat parser.MemoryStat
	// Trust says which lines may make a record.
	Trust parser.Trust
	// TrustedSource says what the input is known to come from: lines in a form of that source can
	// be verified.
	TrustedSource parser.TrustedSource
	// Accept says which events that come in are records of ours.
	Accept logevent.Accept
	// HostName is the host of records whose source names none.
	HostName string
	// Location is the time zone of timestamps that name none; nil is the machine's own.
	Location *time.Location
	// Names adds the names that the files of this machine give a pod, a container or a job.
	Names bool
	// RootPath is the root directory of the machine whose lines come in; "" is the process's own.
	RootPath string
	// MaxMemory bounds what the streams of all instances of the process hold together, in bytes; 0
	// means [parser.DefaultMaxMemory].
	MaxMemory int64
}

// table is the settings of the filter in the order of its documentation. A setting stands in this
// file only: the check at start, the line at start, the keys that the output takes, the tables in
// fluentbit/README.md and fluentbit/output/README.md (`make docs`) and the test of each setting
// come of it.
var table = []Setting{
	{
		Key: "Key", Type: "field name", Default: "finds it", Example: "text",
		Meaning: "The top-level field that holds the text. Default: `msg` next to `sequence`, `sec`, `usec`; `MESSAGE` in any spelling next to fields of the journal or of syslog; else `log`, `message`, `body`, `msg`.",
		value:   text(func(s *Settings) *string { return &s.Key }, func(v string) string { return cmp.Or(v, "auto") }),
	},
	{
		Key: "Format", Example: "ecs",
		Meaning: "`oom`: `message` and one map `oom` with flat keys. `flat`: the dotted names at top level, as `oomtrail parse` prints them; Fluent Bit's record accessor (`rewrite_tag`, `grep`, `label_keys`, conditions) cannot address a key with a dot, so for rules use `oom`: `$oom['event_name']`. `ecs`: Elastic Common Schema as nested objects, `oom.*` beside it; `@timestamp` comes from `out_es`.",
		value:   oneOf(func(s *Settings) *form.Format { return &s.Format }, form.Names()),
	},
	{
		Key: "Mode", Example: "replace",
		Meaning: "`append`: all lines pass, the record is added. `replace`: the lines of a report are dropped as they are recognised, once its first line was seen; a report that ends without a kill gives one record, `oom.no_victim` or `oom.unresolved`, that holds what was dropped (at most 32,000 bytes). `only`: nothing but records passes.",
		value:   oneOf(func(s *Settings) *Mode { return &s.Mode }, modeNames.All()),
	},
	{
		Key: "Stream_Keys", Type: "list of fields", Default: "finds the host", Example: "cluster,node",
		Meaning: "Fields that identify the host when several hosts share a tag; only the tag and these fields count. Default: journald's machine and boot id, `_HOSTNAME`, `hostname`, `host`, else `node`, `nodename`, `k8s.node.name`, `kubernetes.host`; the host in a syslog line, `host.name` of an OTLP resource. A report that begins inside another one makes both incomplete, and one warning.",
		value:   value{read: readStreamKeys, show: showStreamKeys},
	},
	{
		Key: "Include_Original", Type: "switch", Default: "`off`", Example: "on",
		Meaning: "Add the report's lines to the record.",
		value:   onOff(func(s *Settings) *bool { return &s.IncludeOriginal }),
	},
	{
		Key: "Tasks_Top", Type: "0 to 50", Default: "`10`", Example: "0",
		Meaning: "How many of the largest tasks a record lists.",
		value:   value{read: readTasksTop, show: func(s *Settings) string { return strconv.Itoa(s.TasksTop) }},
	},
	{
		Key: "Observations", Example: "all",
		Meaning: "Which of what other programs say of a memory kill makes an `oom.observed`: systemd, containerd, kubelet and the like. `unmatched`: what joins no kill that the lines show.",
		value:   oneOf(func(s *Settings) *parser.Observations { return &s.Observations }, parser.ObservationNames()),
	},
	{
		Key: "Sigkill", Type: "switch", Default: "`off`", Example: "on",
		Meaning: "Add an `oom.sigkill` for each death by SIGKILL that the lines show, with its verdict.",
		value:   onOff(func(s *Settings) *bool { return &s.Sigkill }),
	},
	{
		Key: "Memory_Stat", Example: "all",
		Meaning: "How many `memory.stat` figures a record carries.",
		value:   oneOf(func(s *Settings) *parser.MemoryStat { return &s.MemoryStat }, parser.MemoryStatNames()),
	},
	{
		Key: "Trust", Example: "kernel",
		Meaning: "Which lines may make a record; any user can print a line that looks like a kill. `auto`: all lines, except those that a facility, a program name or journald assigns to another program. `kernel`: verified lines only.",
		value:   oneOf(func(s *Settings) *parser.Trust { return &s.Trust }, parser.TrustNames()),
	},
	{
		Key: "Trusted_Source", Example: "kmsg",
		Meaning: "What the matched inputs carry, if you know it. Lines in that source's format are then verified if they name the kernel. `kmsg`: in_kmsg, lines of `/dev/kmsg`. `journald`: journald's fields, journalctl's JSON. `syslog`: facility 0, in a `pri` field or as `<3>`. Set it only where no other program can write to these inputs.",
		value:   oneOf(func(s *Settings) *parser.TrustedSource { return &s.TrustedSource }, parser.TrustedSourceNames()),
	},
	{
		Key: "Accept_Records", Example: "any",
		Meaning: "Which incoming events count as records of an earlier `oom_kill` filter. `marked`: those with its mark. `any`: all that look like one; needed where metadata is dropped on the way. `none`: none; for inputs that accept metadata from anybody.",
		value:   oneOf(func(s *Settings) *logevent.Accept { return &s.Accept }, logevent.AcceptNames()),
	},
	{
		Key: "Host_Name", Type: "text", Default: "none", Example: "${HOSTNAME}",
		Meaning: "The host in records of inputs that name none (`kmsg`). In a pod: `NODE_NAME` from `spec.nodeName`. Not guessed, since the lines may come from another machine. Lines without a host then join those of this name under all tags, see [below](#lines-of-one-host-under-several-tags).",
		value:   text(func(s *Settings) *string { return &s.HostName }, strconv.Quote),
	},
	{
		Key: "Location", Type: "time zone", Default: "the machine's own", Example: "Europe/Berlin",
		Meaning: "The zone of timestamps that name none (kern.log, `dmesg -T`). In a container the machine's own is UTC, unless `TZ` says otherwise.",
		value:   value{read: readLocation, show: showLocation},
	},
	{
		Key: "Names", Type: "switch", Default: "`on`", Example: "off",
		Meaning: "Add the names that this machine's files give a pod, a container or a job, see [below](#which-pod-was-it). Pods of other machines get no names, without a warning.",
		value:   onOff(func(s *Settings) *bool { return &s.Names }),
	},
	{
		Key: "Root_Path", Type: "directory", Default: "the process's own root", Example: "/host",
		Meaning: "The root directory of the machine whose lines come in, such as the host's file system mounted in a container. `Names` looks there.",
		value:   value{read: readRootPath, show: func(s *Settings) string { return strconv.Quote(s.RootPath) }},
	},
	{
		Key: "Max_Memory", Type: "size", Default: "`256MiB`", Example: "64M",
		Meaning: "What all instances of this plugin in the process may hold together for open reports and what they remember of hosts: bytes, or with `K`, `M`, `G` (thousands), `KiB`, `MiB`, `GiB`. The lowest value of all instances applies. Go's garbage collector may need as much again.",
		value:   value{read: readMaxMemory, show: func(s *Settings) string { return strconv.FormatInt(cmp.Or(s.MaxMemory, parser.DefaultMaxMemory), 10) }},
	},
}
