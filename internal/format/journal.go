// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// JournalOrigin says who wrote a journal entry with the given _TRANSPORT and
// SYSLOG_FACILITY, "" for a field that is absent. journald calls everything it reads from
// /dev/kmsg "kernel", what users wrote there too; only the facility distinguishes them.
func JournalOrigin(transport, facility string) report.Origin {
	switch {
	case transport == "" && (facility == "" || facility == "0"):
		return report.OriginUnknown
	case transport == "kernel" && (facility == "" || facility == "0"):
		return report.OriginKernel
	}
	return report.OriginUser
}

// field names a member of a journal entry, or of the objects of dmesg -J and docker, that says
// something to us.
type field uint8

const (
	fieldNone field = iota
	fieldMessage
	fieldPriority
	fieldFacility
	fieldIdentifier
	fieldTransport
	fieldMonotonic
	fieldRealtime
	fieldBootID
	fieldHostname
	fieldMachineID
	fieldCursor
	fieldCaller
	fieldTime
	fieldLog
	fieldShipped
	fieldMsg
	fieldDmesg
	fieldPID
	// Those after are of stores and shippers only: see [storeNames].
	fieldJournalTransport
	fieldKernelTag
	fieldLevel
	fieldStoreTime
	// The time at which the program wrote, by its own word. journald's comes first: it orders all
	// entries, the kernel's too.
	fieldSourceRealtime
	fieldContainer
	fieldOutput
	fieldCount
)

// fieldByName knows the journal's names and, in lower case, those of dmesg -J, of docker, of the
// files that log shippers write and log stores export (message: Elastic's; line: Loki's;
// textPayload: Google's), and of parsers of syslog messages (Fluent Bit's in_syslog, the
// collector's syslog_parser, rsyslog, Logstash).
func fieldByName(name []byte) field {
	switch string(name) {
	case "MESSAGE":
		return fieldMessage
	case "msg":
		return fieldMsg
	case "dmesg":
		return fieldDmesg
	case "PRIORITY", "pri", "priority":
		return fieldPriority
	case "SYSLOG_FACILITY", "fac", "syslog_facility", "facility", "facility_text", "facility_label", "syslogfacility", "syslogfacility-text":
		return fieldFacility
	case "SYSLOG_IDENTIFIER", "syslog_identifier", "ident", "appname", "app_name", "app-name", "program", "programname", "syslogtag":
		return fieldIdentifier
	case "pid", "procid", "proc_id":
		return fieldPID
	case "_TRANSPORT":
		return fieldTransport
	case "_SOURCE_MONOTONIC_TIMESTAMP":
		return fieldMonotonic
	case "__REALTIME_TIMESTAMP":
		return fieldRealtime
	case "_BOOT_ID":
		return fieldBootID
	case "_HOSTNAME":
		return fieldHostname
	case "_MACHINE_ID":
		return fieldMachineID
	case "__CURSOR":
		return fieldCursor
	case "caller":
		return fieldCaller
	case "time", "timestamp", "@timestamp":
		return fieldTime
	case "log":
		return fieldLog
	case "message", "line", "textPayload":
		return fieldShipped
	}
	return moreField(name)
}

// entry collects the fields of one journal entry.
type entry struct {
	values [fieldCount][]byte
	// number is the input line of the message.
	number int
	has    [fieldCount]bool
	// foreign is set once a field says that another program than the kernel wrote the message.
	foreign bool
	// kernel is set once a field says that the kernel wrote the message, contained once one says
	// that a container did.
	kernel, contained bool
	// nested is set once a field stood in an object inside the object.
	nested bool
	// null is set for a MESSAGE that journalctl left out for its length.
	null bool
	// more are fields of other programs' entries.
	more *moreFields
}

// realtime returns the time of a journal entry, nil where it has none.
func (e *entry) realtime() []byte {
	if e.has[fieldRealtime] {
		return e.value(fieldRealtime)
	}
	return e.value(fieldSourceRealtime)
}

// longestValue bounds what is kept of one field but the message.
const longestValue = 1024

// set keeps a field. Of a field that comes twice the first value counts, save for what it says
// about who wrote the message: there every value does.
func (e *entry) set(f field, value []byte) {
	if f == fieldNone {
		return
	}
	e.foreign = e.foreign || namesOther(f, value)
	e.kernel = e.kernel || namesKernel(f, value)
	e.contained = e.contained || namesContainer(f, value)
	if f >= fieldCount {
		if e.more == nil {
			e.more = new(moreFields)
		}
		e.more.set(f, value)
		return
	}
	limit := longestValue
	if f == fieldMessage || f == fieldMsg || f == fieldLog || f == fieldShipped {
		limit = maxKept
	}
	if e.has[f] {
		return
	}
	e.has[f] = true
	e.values[f] = append(e.values[f][:0], value[:min(len(value), limit)]...)
}

// namesOther reports whether the value of a field says that another program than the kernel wrote
// the message. A facility that is none of syslog's says nothing: the name has other uses.
func namesOther(f field, value []byte) bool {
	switch f {
	case fieldTransport:
		return string(value) != "kernel"
	case fieldIdentifier:
		switch string(bytes.TrimSuffix(value, []byte(":"))) {
		case "", "-", "kernel":
			return false
		}
		return true
	case fieldFacility:
		v, n := digits(value, 4)
		return n > 0 && n == len(value) && v > 0 || facilityNumber(value) > 0
	case fieldPriority:
		v, n := digits(value, 5)
		return n > 0 && n == len(value) && v > 7
	case fieldSyslogPID, fieldProcessID, fieldUnit, fieldUserUnit, fieldCgroup, fieldComm, fieldExe, fieldCommandLine, fieldContainerName, fieldContainerID, fieldContainerIDFull:
		return len(value) > 0
	case fieldJournalTransport:
		switch string(value) {
		case "audit", "driver", "syslog", "journal", "stdout":
			return true
		}
	}
	return false
}

// namesKernel reports whether the value of a field says that the kernel wrote the message.
func namesKernel(f field, value []byte) bool {
	switch f {
	case fieldTransport, fieldJournalTransport:
		return string(value) == "kernel"
	case fieldIdentifier, fieldKernelTag:
		return string(bytes.TrimSuffix(value, []byte(":"))) == "kernel"
	case fieldFacility:
		return string(value) == "0" || string(value) == "kern" || string(value) == "kernel"
	}
	return false
}

// namesContainer reports whether the value of a field says that a container wrote the message.
func namesContainer(f field, value []byte) bool {
	return f == fieldContainer && len(value) > 0 || f == fieldOutput && (string(value) == "stdout" || string(value) == "stderr")
}

// ofOther reports whether the fields say that another program than the kernel wrote the message. A
// process id beside the kernel's name does: the kernel has none.
func (e *entry) ofOther() bool {
	pid := e.value(fieldPID)
	return e.foreign || len(e.value(fieldIdentifier)) > 0 && len(pid) > 0 && string(pid) != "-"
}

// isContained reports whether the fields say that a container wrote the message: those that the log
// drivers of Docker and Podman set.
func (e *entry) isContained() bool {
	return e.contained || len(e.more.get(fieldContainerID)) > 0 || len(e.more.get(fieldContainerIDFull)) > 0 || len(e.more.get(fieldContainerName)) > 0
}

// setAt keeps a field that stands on the input line with that number.
func (e *entry) setAt(f field, value []byte, number int) {
	if f == fieldMessage || f == fieldMsg || f == fieldLog || f == fieldShipped {
		e.number = number
	}
	e.set(f, value)
}

// buffered counts the bytes that the values hold.
func (e *entry) buffered() (n int) {
	for _, value := range &e.values {
		n += cap(value)
	}
	return n + e.more.buffered()
}

func (e *entry) reset() {
	e.has = [fieldCount]bool{}
	e.more.reset()
	e.null, e.foreign, e.kernel, e.contained, e.nested = false, false, false, false, false
}

func (e entry) clone() entry {
	for i, v := range e.values {
		e.values[i] = bytes.Clone(v)
	}
	e.more = e.more.clone()
	return e
}

// value returns nil for a field that is absent.
func (e *entry) value(f field) []byte {
	if !e.has[f] {
		return nil
	}
	return e.values[f]
}

// journalLine makes the current line from the entry.
func (e *entry) journalLine(s *stream, f report.Format) {
	s.begin(f)
	l := &s.line
	l.Number = e.number
	facility := e.value(fieldFacility)
	if string(facility) == facilityNames[0] {
		facility = []byte("0")
	}
	l.Origin = JournalOrigin(string(e.value(fieldTransport)), string(facility))
	if e.ofOther() {
		l.Origin = report.OriginUser
	}
	if v, n := digits(e.value(fieldPriority), 1); n > 0 && v <= 7 {
		l.Level = int8(v)
	}
	if v, n := digits(facility, 4); n > 0 {
		l.Facility = int16(v)
	}
	if v, n := digits(e.value(fieldMonotonic), 16); n > 0 {
		l.Uptime, l.HasUptime = int64(v), true
	}
	l.Stamp = e.realtime()
	if v, n := digits(l.Stamp, 16); n > 0 && v <= longestUptime {
		s.times.wall = wallTime{unix: time.Duration(v) * time.Microsecond, hasUnix: true}
	}
	l.Tag, l.Host = e.value(fieldIdentifier), e.value(fieldHostname)
	l.BootID, l.MachineID, l.Cursor = e.value(fieldBootID), e.value(fieldMachineID), e.value(fieldCursor)
	l.Fields, l.Contained = e, e.isContained()
	l.Text = e.value(fieldMessage)
	l.Truncated = e.null || len(e.values[fieldMessage]) == maxKept
	if string(e.value(fieldTransport)) == "driver" {
		l.Lost = missedIn(l.Tag, l.Text)
	}
	l.markTruncated()
	s.times.set(l)
}
