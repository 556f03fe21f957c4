// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// field is one of the fields that tell a carrier, or hold the text.
type field uint8

// The fields. journald's and those of parsed syslog lines are known in any case of letters and
// without their leading underscores, since in_systemd's Lowercase and Strip_Underscores rename
// them.
const (
	fieldNone      field = iota
	fieldKey             // the one that the setting Key names
	fieldMsg             // in_kmsg
	fieldMessage         // in_systemd, in_syslog
	fieldLog             // in_tail, in_opentelemetry
	fieldBody            // OTLP body under its own name
	fieldPriority        // in_kmsg, in_systemd
	fieldSequence        // in_kmsg
	fieldSec             // in_kmsg
	fieldUsec            // in_kmsg
	fieldTransport       // in_systemd, as are all to the machine id
	fieldMonotonic
	fieldIdentifier
	fieldHostname
	fieldMachineID
	fieldBootID
	fieldFacility // in_systemd, and syslog parsers by many names, as are all to the time
	fieldPRI
	fieldHost // host is also what people add to in_kmsg's records
	fieldNode // node, nodename, k8s.node.name, kubernetes.host: what Kubernetes and people add
	fieldIdent
	fieldPID
	fieldTime
	numFields
)

// fields are the values of one record that the filter looks at, as encoded; nil where there is none.
type fields struct {
	value [numFields][]byte
	// foreign is set where a field that says who wrote the line names somebody else than the kernel.
	foreign bool
	// odd is set where such a field cannot be understood.
	odd bool
	// container is set where a field says that a container's log carried the line: anybody can
	// write those.
	container bool
}

// read finds the fields in a record. key is the setting Key.
func (f *fields) read(record []byte, key string) {
	*f = fields{}
	logevent.Each(record, func(name, value []byte) bool {
		f.note(name, value, key)
		return true
	})
}

// note keeps the value of one field. Of a field that stands twice the first counts, save for what it
// says about who wrote the line: there every value counts.
func (f *fields) note(name, value []byte, key string) {
	if key != "" && string(name) == key {
		f.value[fieldKey] = value
	}
	id := identify(name)
	switch id {
	case fieldNone:
		f.container = f.container || isContainer(name)
		if string(name) == "kubernetes" && f.value[fieldNode] == nil {
			if host := logevent.Find(value, "host"); len(host) > 0 {
				f.value[fieldNode] = host
			}
		}
		return
	case fieldTransport:
		f.foreign = f.foreign || !eachValue(value, func(v []byte) bool { return string(textOf(v)) == "kernel" })
	case fieldFacility:
		eachValue(value, f.noteFacility)
	case fieldIdent, fieldIdentifier:
		f.foreign = f.foreign || !eachValue(value, isKernelProgram)
	}
	if f.value[id] == nil {
		f.value[id] = value
	}
}

// noteFacility judges one value of a field that names a syslog facility. What is none there says
// nothing: the name has other uses.
func (f *fields) noteFacility(value []byte) bool {
	n, ok := facility(value)
	f.odd = f.odd || !ok
	f.foreign = f.foreign || ok && n != 0
	return true
}

// facilities are syslog's names of its facilities, by their numbers.
var facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// facility reads a facility given as a number or a name; ok is false when it is none.
func facility(value []byte) (n int64, ok bool) {
	if n, ok = number(value); ok {
		return n, n >= 0 && n <= 127
	}
	n = int64(slices.IndexFunc(facilities[:], func(name string) bool { return strings.EqualFold(name, string(textOf(value))) }))
	return n, n >= 0
}

// isKernelProgram reports whether a field that names a syslog line's program names the kernel, or
// nobody.
func isKernelProgram(value []byte) bool {
	switch string(bytes.TrimSuffix(textOf(value), []byte(":"))) {
	case "kernel", "", "-":
		return true
	}
	return false
}

// identify tells a field by its name.
func identify(name []byte) field {
	switch string(name) {
	case "msg":
		return fieldMsg
	case "log":
		return fieldLog
	case "body":
		return fieldBody
	case "sequence":
		return fieldSequence
	case "sec":
		return fieldSec
	case "usec":
		return fieldUsec
	case "host":
		return fieldHost
	case "node", "nodename", "k8s.node.name", "kubernetes.host":
		return fieldNode
	case "time":
		return fieldTime
	}
	return identifyJournal(name)
}

// identifyJournal tells a field of the journal or of syslog by its name in any of in_systemd's
// spellings.
func identifyJournal(name []byte) field {
	for len(name) > 0 && name[0] == '_' {
		name = name[1:]
	}
	var buf [32]byte
	if len(name) > len(buf) {
		return fieldNone
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
		return fieldMessage
	case "priority":
		return fieldPriority
	case "transport":
		return fieldTransport
	case "syslog_facility", "facility", "facility_text", "syslogfacility", "syslogfacility-text":
		return fieldFacility
	case "syslog_identifier":
		return fieldIdentifier
	case "source_monotonic_timestamp":
		return fieldMonotonic
	case "hostname":
		return fieldHostname
	case "machine_id":
		return fieldMachineID
	case "boot_id":
		return fieldBootID
	case "pri":
		return fieldPRI
	case "ident", "appname", "app_name", "app-name", "program", "programname", "syslogtag":
		return fieldIdent
	case "pid", "procid", "proc_id":
		return fieldPID
	}
	return fieldNone
}

// isContainer reports whether a field's name is one of those that stand beside the text of a
// container's log.
func isContainer(name []byte) bool {
	switch string(name) {
	case "stream", "log.iostream", "kubernetes", "docker":
		return true
	}
	return len(name) > len("container_") && strings.EqualFold(string(name[:len("container_")]), "container_")
}

// text returns a field's text, without the control bytes that in_systemd may leave behind it; nil when it has none.
// Of an array the first text counts.
func (f *fields) text(id field) (text []byte) {
	eachValue(f.value[id], func(v []byte) bool { text = textOf(v); return false })
	return text
}

// name returns a field's text where it may tell a host: nil for an array.
func (f *fields) name(id field) []byte {
	if v := f.value[id]; v == nil || isNested(v) {
		return nil
	}
	return f.text(id)
}

// number returns a field's number, given as such or as text.
func (f *fields) number(id field) (int64, bool) { return number(f.value[id]) }

// number reads a number, given as such or as text.
func number(value []byte) (int64, bool) {
	if t := msgp.NextType(value); t == msgp.IntType || t == msgp.UintType {
		n, _, err := msgp.ReadInt64Bytes(value)
		return n, err == nil
	}
	n, err := strconv.ParseInt(string(textOf(value)), 10, 64)
	return n, err == nil
}

// eachValue calls fn with a value, or with each one of an array, until fn returns false. It reports
// whether fn never did.
func eachValue(value []byte, fn func([]byte) bool) bool {
	if value == nil {
		return true
	}
	if msgp.NextType(value) != msgp.ArrayType {
		return fn(value)
	}
	n, rest, err := msgp.ReadArrayHeaderBytes(value)
	for ; err == nil && n > 0; n-- {
		value = rest
		if rest, err = msgp.Skip(value); err == nil && !fn(value[:len(value)-len(rest)]) {
			return false
		}
	}
	return true
}

// textOf reads a value that is a text, without the control bytes behind it; nil when it is none.
func textOf(value []byte) []byte {
	text, _, err := logevent.Text(value)
	if err != nil {
		return nil
	}
	return trimControl(text)
}

// trimControl cuts control bytes off the end. A tab may belong to the text.
func trimControl(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] < ' ' && b[len(b)-1] != '\t' || b[len(b)-1] == 0x7f) {
		b = b[:len(b)-1]
	}
	return b
}
