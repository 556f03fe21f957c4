// SPDX-License-Identifier: Apache-2.0

// Package event reads the fields of a log event: those of Fluent Bit's in_kmsg, of a journal entry, of a parsed syslog message.
// It knows the names that inputs and parsers give them, what they say of the program that wrote the text, and the line of
// kernel log that they are.
package event

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/names"
)

// Field is one of the fields of a log event that hold the text, or say something about it.
type Field uint8

// The fields. A field of a journal entry has four names: journald's own, and those of in_systemd's options Lowercase and
// Strip_Underscores.
const (
	None         Field = iota
	Message            // MESSAGE of a journal entry, the message of a parsed syslog message
	Log                // the text of in_tail, and of a container's log
	Body               // the body of an OTLP log record
	Msg                // the text of in_kmsg
	Sequence           // of in_kmsg
	Sec                // of in_kmsg: seconds since boot
	Usec               // of in_kmsg: microseconds of that second
	Priority           // a level, or a syslog priority
	PRI                // a syslog priority
	Facility           // a number or a name
	Identifier         // SYSLOG_IDENTIFIER: the program
	Program            // the program, by the names of syslog parsers
	PID                // the process id of a syslog message
	JournalPID         // _PID, SYSLOG_PID
	Transport          // _TRANSPORT: the way into the journal
	Monotonic          // _SOURCE_MONOTONIC_TIMESTAMP: microseconds since boot
	MonotonicEnd       // __MONOTONIC_TIMESTAMP: the same when journald had the entry
	Realtime           // __REALTIME_TIMESTAMP: microseconds since 1970
	BootID             // _BOOT_ID
	MachineID          // _MACHINE_ID
	Cursor             // __CURSOR
	Hostname           // _HOSTNAME, and the host of a syslog message
	Host               // the host that people and syslog parsers add
	Node               // the host that Kubernetes and people add
	Time               // the timestamp of a syslog message, as printed
	File               // the file that the text stood in
	numFields
)

// spelling is a name of a field.
type spelling struct {
	name  string
	field Field
	exact bool // in this spelling only: the word has other uses
}

// spellings are the names of the fields, in lower case and without underscores in front.
var spellings = []spelling{
	{"message", Message, false},
	{"log", Log, true},
	{"body", Body, true},
	{"msg", Msg, true},
	{"sequence", Sequence, true},
	{"sec", Sec, true},
	{"usec", Usec, true},
	{"priority", Priority, false},
	{"pri", PRI, false},
	{"syslog_facility", Facility, false},
	{"facility", Facility, false},
	{"facility_text", Facility, false},       // the collector's syslog_parser
	{"syslogfacility", Facility, false},      // rsyslog
	{"syslogfacility-text", Facility, false}, // rsyslog
	{"facility_label", Facility, false},      // Logstash
	{"syslog_identifier", Identifier, false},
	{"ident", Program, false},   // Fluent Bit
	{"appname", Program, false}, // the collector's syslog_parser, Vector
	{"app_name", Program, false},
	{"app-name", Program, false}, // rsyslog
	{"program", Program, false},  // Logstash, syslog-ng
	{"programname", Program, false},
	{"syslogtag", Program, false},
	{"pid", PID, false},
	{"procid", PID, false},
	{"proc_id", PID, false},
	{"syslog_pid", JournalPID, false},
	{"transport", Transport, false},
	{"source_monotonic_timestamp", Monotonic, false},
	{"monotonic_timestamp", MonotonicEnd, false},
	{"realtime_timestamp", Realtime, false},
	{"boot_id", BootID, false},
	{"machine_id", MachineID, false},
	{"cursor", Cursor, false},
	{"hostname", Hostname, false},
	{"host", Host, true},
	{"node", Node, true},
	{"nodename", Node, true},
	{"k8s.node.name", Node, true},
	{"kubernetes.host", Node, true},
	{"time", Time, true},
	{"log.file.path", File, true},
}

var table = func() *names.Table {
	words := make([]string, len(spellings))
	for i, s := range spellings {
		words[i] = s.name
	}
	return names.New(words...)
}()

// longestName is the longest of the names.
const longestName = len("source_monotonic_timestamp")

// Named returns the field with a name, None for a name that is none of theirs. It allocates nothing.
func Named(name []byte) Field {
	if isFolded(name) { // nearly always
		if i := table.Index(view(name)); i >= 0 && spellings[i].field != Cursor {
			return spellings[i].field
		}
		return None
	}
	bare := bytes.TrimLeft(name, "_")
	var buf [longestName]byte
	if len(bare) > len(buf) {
		return None
	}
	lower := buf[:len(bare)]
	for i, c := range bare {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	i := table.Index(string(lower))
	switch {
	case i < 0 || spellings[i].exact:
		return None
	case spellings[i].field == PID && len(bare) < len(name): // journald sets _PID itself
		return JournalPID
	}
	return spellings[i].field
}

// isFolded reports whether a name has neither underscores in front nor capitals.
func isFolded(name []byte) bool {
	if len(name) == 0 || name[0] == '_' {
		return false
	}
	for _, c := range name {
		if 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// view returns the text of b without copying it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// containerNames and containerPrefixes are the names of fields beside the text of a container's log: those of the runtimes'
// formats, of Fluent Bit's filter kubernetes, of Docker's log drivers and of the collector's container operator.
var (
	containerNames    = [...]string{"stream", "logtag", "log.iostream"}
	containerPrefixes = [...]string{"kubernetes", "docker", "container_", "container.", "k8s.container.", "k8s.pod."}
)

// marksContainer reports whether a field of that name stands beside the text of a container's log.
func marksContainer(name []byte) bool {
	for _, n := range containerNames {
		if string(name) == n {
			return true
		}
	}
	for _, p := range containerPrefixes {
		if len(name) >= len(p) && strings.EqualFold(string(name[:len(p)]), p) {
			return true
		}
	}
	return false
}

// ofContainer reports whether a file is where the runtimes keep the logs of containers.
func ofContainer(path []byte) bool {
	for _, dir := range [...]string{"/log/pods/", "/log/containers/", "/docker/containers/"} {
		if bytes.Contains(path, []byte(dir)) {
			return true
		}
	}
	return false
}
