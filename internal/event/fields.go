// SPDX-License-Identifier: Apache-2.0

// Package event reads the fields of a log event: those of Fluent Bit's in_kmsg, of a journal entry,
// of a parsed syslog message. It knows the names that inputs and parsers give them, what they say
// of the program that wrote the text, and the line of kernel log that they are.
package event

import (
	"bytes"
	"strings"
)

// Field is one of the fields of a log event that hold the text, or say something about it.
type Field uint8

// The fields. A field of a journal entry has four names: journald's own, and those of in_systemd's
// options Lowercase and Strip_Underscores.
const (
	None         Field = iota
	Message            // MESSAGE of a journal entry, the message of a parsed syslog message
	Log                // the text of in_tail, and of a container's log
	Body               // the body of an OTLP log record
	Msg                // the text of a record of /dev/kmsg
	Sequence           // of a record of /dev/kmsg
	Sec                // of a record of /dev/kmsg: seconds since boot
	Usec               // of a record of /dev/kmsg: microseconds of that second
	Priority           // a level, or a syslog priority
	PRI                // a syslog priority
	Facility           // a number or a name
	Identifier         // SYSLOG_IDENTIFIER: the program
	Program            // the program, by the names of syslog parsers
	PID                // the process id of a syslog message
	JournalPID         // _PID, SYSLOG_PID
	Unit               // _SYSTEMD_UNIT, _SYSTEMD_USER_UNIT: that of the process which wrote the entry
	Transport          // _TRANSPORT: the way into the journal
	Monotonic          // _SOURCE_MONOTONIC_TIMESTAMP: microseconds since boot
	MonotonicEnd       // __MONOTONIC_TIMESTAMP: the same when journald had the entry
	Realtime           // __REALTIME_TIMESTAMP: microseconds since 1970
	BootID             // _BOOT_ID, boot_id
	MachineID          // _MACHINE_ID
	Cursor             // __CURSOR
	Hostname           // _HOSTNAME, and the host of a syslog message
	Host               // the host that people and syslog parsers add
	Node               // the host that Kubernetes and people add
	Time               // the timestamp of a syslog message, as printed
	File               // the file that the text stood in
	numFields
)

// longestName is the longest of the names in [spelled].
const longestName = len("source_monotonic_timestamp")

// Named returns the field with a name, None for a name that is none of theirs. The names here are
// known in this spelling only: the words have other uses. It allocates nothing.
func Named(name []byte) Field {
	switch string(name) {
	case "log":
		return Log
	case "body":
		return Body
	case "msg":
		return Msg
	case "sequence":
		return Sequence
	case "sec":
		return Sec
	case "usec":
		return Usec
	case "host":
		return Host
	case "node", "nodename", "k8s.node.name", "kubernetes.host":
		return Node
	case "time":
		return Time
	case "log.file.path":
		return File
	case "__CURSOR", "__cursor":
		return Cursor
	case "_PID", "_pid": // journald sets it, a program cannot
		return JournalPID
	case "message", "MESSAGE": // here for speed, as the next one
		return Message
	case "priority":
		return Priority
	}
	return spelled(name)
}

// spelled returns the field with a name that is known in any case of letters and with underscores
// in front: those of journald in each spelling of in_systemd, and those of syslog parsers.
func spelled(name []byte) Field {
	name = bytes.TrimLeft(name, "_")
	var buf [longestName]byte
	if len(name) > len(buf) {
		return None
	}
	lower := buf[:len(name)]
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower) {
	case "message":
		return Message
	case "priority":
		return Priority
	case "pri":
		return PRI
	case "syslog_facility", "facility",
		"facility_text",                         // the collector's syslog_parser
		"syslogfacility", "syslogfacility-text", // rsyslog
		"facility_label": // Logstash
		return Facility
	case "syslog_identifier":
		return Identifier
	case "ident", // Fluent Bit
		"appname", "app_name", // the collector's syslog_parser, Vector
		"app-name", "programname", "syslogtag", // rsyslog
		"program": // Logstash, syslog-ng
		return Program
	case "pid", "procid", "proc_id":
		return PID
	case "syslog_pid":
		return JournalPID
	case "systemd_unit", "systemd_user_unit":
		return Unit
	case "transport":
		return Transport
	case "source_monotonic_timestamp":
		return Monotonic
	case "monotonic_timestamp":
		return MonotonicEnd
	case "realtime_timestamp":
		return Realtime
	case "boot_id":
		return BootID
	case "machine_id":
		return MachineID
	case "hostname":
		return Hostname
	}
	return None
}

// containerNames and containerPrefixes are the names of fields beside the text of a container's
// log: those of the runtimes' formats, of Fluent Bit's filter kubernetes, of Docker's log drivers
// and of the collector's container operator.
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

// marksObject reports whether a field of that name makes the event one of Kubernetes, as Fluent
// Bit's in_kubernetes_events gives it: its message may quote the kernel.
func marksObject(name []byte) bool {
	return string(name) == "involvedObject" || string(name) == "regarding"
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
