// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// storeNames are the names under which log shippers and log stores keep what a journal entry or a
// syslog message said, in lower case, with "_" for "-" and without the underscores in front. What
// is not here may be one of [fieldByName].
//
// Vector, fluentd and Fluent Bit: _TRANSPORT or transport, message, host or hostname. Filebeat:
// message, systemd.transport, log.syslog.facility, process.name. Cloud Logging: jsonPayload,
// textPayload. Loki and Grafana: labels, line. Splunk: _raw. GELF: short_message. Azure Monitor:
// SyslogMessage, ProcessName, Facility. VictoriaLogs: _msg, _time. syslog-ng: PROGRAM, FACILITY,
// HOST.
var storeNames = map[string]field{
	"message": fieldShipped, "msg": fieldShipped, "short_message": fieldShipped, "full_message": fieldShipped, "syslogmessage": fieldShipped,
	"line": fieldShipped, "raw": fieldShipped, "textpayload": fieldShipped,

	"transport": fieldJournalTransport,
	"priority":  fieldLevel, "severity": fieldLevel, "level": fieldLevel, "severitylevel": fieldLevel,
	"facility": fieldFacility, "syslog_facility": fieldFacility, "facility_name": fieldFacility, "facility_label": fieldFacility,
	"identifier": fieldIdentifier, "syslog_identifier": fieldIdentifier, "program": fieldIdentifier, "processname": fieldIdentifier, "appname": fieldIdentifier,
	"tag": fieldKernelTag,

	"source_monotonic_timestamp": fieldMonotonic,
	"realtime_timestamp":         fieldRealtime, "source_realtime_timestamp": fieldSourceRealtime,
	"time": fieldStoreTime, "timestamp": fieldStoreTime, "ts": fieldStoreTime, "date": fieldStoreTime, "timegenerated": fieldStoreTime,
	"boot_id": fieldBootID, "machine_id": fieldMachineID,
	"hostname": fieldHostname, "host": fieldHostname, "computer": fieldHostname,

	"systemd_unit": fieldUnit, "systemd_user_unit": fieldUserUnit, "systemd_cgroup": fieldCgroup, "comm": fieldComm, "exe": fieldExe, "cmdline": fieldCommandLine,
	"container_name": fieldContainer, "container_id": fieldContainer, "kubernetes": fieldContainer, "docker": fieldContainer, "container": fieldContainer,
	"k8s": fieldContainer, "pod": fieldContainer, "pod_name": fieldContainer, "stream": fieldOutput,
}

// scope is an object inside an object whose members say something.
type scope uint8

const (
	// scopeNone is an object of which nothing is known.
	scopeNone scope = iota
	// scopeEntry holds the members of an entry: the object itself, or one inside it that a store
	// made of it.
	scopeEntry
	scopeLog
	scopeSyslog
	scopeFacility
	scopeSeverity
	scopeProcess
	scopeSystemd
	scopeHost
)

// scopeNames are the objects inside an object of each scope.
var scopeNames = [...]map[string]scope{
	scopeEntry: {
		"jsonpayload": scopeEntry, "labels": scopeEntry, "fields": scopeEntry, "source": scopeEntry, "result": scopeEntry, "record": scopeEntry, "attributes": scopeEntry,
		"log": scopeLog, "syslog": scopeSyslog, "process": scopeProcess, "systemd": scopeSystemd, "host": scopeHost,
	},
	scopeLog:    {"syslog": scopeSyslog},
	scopeSyslog: {"facility": scopeFacility, "severity": scopeSeverity},
}

// scopeFields are the members that count in a scope; nil are all of [storeNames].
var scopeFields = [...]map[string]field{
	scopeEntry:    nil,
	scopeLog:      {},
	scopeSyslog:   {"facility": fieldFacility, "priority": fieldLevel, "severity": fieldLevel, "identifier": fieldIdentifier, "appname": fieldIdentifier, "hostname": fieldHostname},
	scopeFacility: {"code": fieldFacility, "name": fieldFacility},
	scopeSeverity: {"code": fieldLevel},
	scopeProcess:  {"name": fieldIdentifier, "pid": fieldPID},
	scopeSystemd:  {"transport": fieldJournalTransport, "unit": fieldUnit},
	scopeHost:     {"hostname": fieldHostname},
}

// deepestScope bounds how deep in an object scopes are followed.
const deepestScope = 4

// inside returns the scope of the member with that name.
func (s scope) inside(name []byte) scope {
	if int(s) >= len(scopeNames) {
		return scopeNone
	}
	return scopeNames[s][string(name)]
}

// inner is where in the objects inside an object a jsonText stands.
type inner struct {
	// scopes are those of the objects that are open, next that of the one which the newest member
	// may be.
	scopes [deepestScope]scope
	next   scope
	// key is the member whose value comes next, when value is set.
	key   field
	value bool
}

// storeKey returns what a member of an object in a scope says, and the scope of the object that it
// may be. Its name may be a path: "log.syslog.facility.name", as exports flatten it.
func storeKey(in scope, name []byte) (field, scope) {
	const longest = 64
	var buf [longest]byte
	if in == scopeNone || len(name) > longest {
		return fieldNone, scopeNone
	}
	lower := buf[:len(name)]
	for i, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == '-' || c == ' ':
			c = '_'
		}
		lower[i] = c
	}
	for {
		dot := bytes.IndexByte(lower, '.')
		if dot < 0 {
			break
		}
		if in = in.inside(bytes.TrimLeft(lower[:dot], "_@")); in == scopeNone {
			return fieldNone, scopeNone
		}
		lower = lower[dot+1:]
	}
	lower = bytes.TrimLeft(lower, "_@")
	opens := in.inside(lower)
	if of := scopeFields[in]; of != nil {
		return of[string(lower)], opens
	}
	return storeNames[string(lower)], opens
}

// enter takes the opening brace or bracket of a value that stands depth levels inside the object.
func (i *inner) enter(c byte, depth uint8) {
	if depth == 0 || depth > deepestScope {
		return
	}
	opens := scopeNone
	if c == '{' && (depth == 1 || i.scopes[depth-2] != scopeNone) {
		opens = i.next
	}
	i.scopes[depth-1], i.next, i.value = opens, scopeNone, false
}

// in returns the scope of the object that is open depth levels inside the object.
func (i *inner) in(depth uint8) scope {
	if depth == 0 || depth > deepestScope {
		return scopeNone
	}
	return i.scopes[depth-1]
}

// isStoreEntry knows an object in which a log shipper or a store keeps an entry of the kernel's,
// and which says itself that the kernel wrote it: by its transport, its facility or its program.
func isStoreEntry(_ *stream, j *jsonText) bool {
	e := &j.entry
	return e.kernel && !e.contained && !e.ofOther() && (e.has[fieldShipped] || e.has[fieldMessage])
}

// sendStoreEntry sends the line of such an object. A program wrote it, so that nothing in it proves
// that the kernel did.
func sendStoreEntry(s *stream, j *jsonText) bool {
	e := &j.entry
	text, host := e.storeText(), e.storeHost()
	if hasOwnHeader(text) && readWrapped(s, wrapping{stamp: e.stamp(), host: host, quoted: true}, text) {
		return true
	}
	e.storeLine(s, text, host)
	if s.line.Tag = []byte("kernel"); e.has[fieldFacility] {
		s.line.Facility = 0
	}
	s.send()
	return true
}

// sendOtherEntry sends the line of an object in which a shipper or a store keeps an entry of
// another program than the kernel, or a line of a container. It reports false where the object does
// not say which.
func sendOtherEntry(s *stream, j *jsonText) bool {
	e := &j.entry
	text, program := e.storeText(), e.value(fieldIdentifier)
	if len(text) == 0 || len(program) == 0 && !e.isContained() {
		return false
	}
	e.storeLine(s, text, e.storeHost())
	l := &s.line
	l.Tag, l.Process, l.Fields = program, processID(e.value(fieldPID)), e
	l.Origin, l.Contained, l.Apart = report.OriginUser, e.isContained(), true
	s.send()
	return true
}

// storeText returns the text of an entry that a store keeps.
func (e *entry) storeText() []byte {
	text := e.value(fieldShipped)
	if text == nil {
		text = e.value(fieldMessage)
	}
	return trimEnd(text)
}

// storeHost returns the host of such an entry. An address is whom the shipper had it from, which
// may be another relay.
func (e *entry) storeHost() []byte {
	host := e.value(fieldHostname)
	if isAddress(host) {
		return nil
	}
	return host
}

// storeLine makes the current line of such an entry, but for which program wrote it.
func (e *entry) storeLine(s *stream, text, host []byte) {
	s.begin(report.Syslog)
	l := &s.line
	if e.has[fieldTransport] || e.has[fieldJournalTransport] {
		l.Format = report.JournalJSON
	}
	l.Number = e.number
	priority := e.value(fieldPriority)
	if priority == nil {
		priority = e.value(fieldLevel)
	}
	if v, n := digits(priority, 1); n > 0 && n == len(priority) && v <= 7 {
		l.Level = int8(v)
	} else if v := levelNumber(priority); v >= 0 {
		l.Level = int8(v)
	}
	if v, n := digits(e.value(fieldMonotonic), 16); n > 0 {
		l.Uptime, l.HasUptime = int64(v), true
	}
	l.Stamp = e.stamp()
	s.times.wall, _ = storeTime(l.Stamp)
	l.Host, l.BootID, l.MachineID = host, e.value(fieldBootID), e.value(fieldMachineID)
	l.Text = text
	l.markTruncated()
	s.times.set(l)
}

// stamp returns the timestamp of an entry that a store keeps: the journal's, else the store's.
func (e *entry) stamp() []byte {
	for _, f := range [...]field{fieldRealtime, fieldSourceRealtime, fieldTime} {
		if v := e.value(f); len(v) > 0 {
			return v
		}
	}
	return e.value(fieldStoreTime)
}

// storeTime reads a timestamp as stores print it: RFC 3339, or seconds, milliseconds, microseconds
// or nanoseconds since 1970.
func storeTime(b []byte) (w wallTime, ok bool) {
	if w, n := isoTime(b); n > 0 && n == len(b) && w.zoned {
		return w, true
	}
	v, n := digits(b, 19)
	var unit time.Duration
	switch n {
	case 10:
		unit = time.Second
	case 13:
		unit = time.Millisecond
	case 16:
		unit = time.Microsecond
	case 19:
		unit = time.Nanosecond
	}
	if unit == 0 || n != len(b) && b[n] != '.' || v > uint64(1<<62/int64(unit)) {
		return wallTime{}, false
	}
	return wallTime{unix: time.Duration(v) * unit, hasUnix: true}, true
}

// hasOwnHeader reports whether a text begins with a priority or a timestamp of its own.
func hasOwnHeader(text []byte) bool {
	_, n := kernelStamp(text)
	if n == 0 {
		_, n = priority(text)
	}
	if n == 0 && len(text) > 0 {
		_, n = wallStamp(text)
	}
	return n > 0
}

// isAddress reports whether a host is an IP address.
func isAddress(host []byte) bool {
	for _, c := range host {
		if !isDigit(c) && c != '.' && c != ':' && hexDigit(c) < 0 {
			return false
		}
	}
	return bytes.IndexByte(host, ':') >= 0 || bytes.Count(host, []byte(".")) == 3
}
