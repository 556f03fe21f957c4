package filter

import (
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// field is one of the fields that tell a carrier, or hold the text.
type field uint8

// The fields. journald's are known in any case of letters and without their leading underscores, since
// in_systemd's Lowercase and Strip_Underscores rename them.
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
	fieldFacility
	fieldMonotonic
	fieldIdentifier
	fieldHostname
	fieldMachineID
	fieldBootID
	fieldPRI  // in_syslog, as are all to the time
	fieldHost // host is also what people add to in_kmsg's records
	fieldIdent
	fieldTime
	numFields
)

// fields are the values of one record that the filter looks at, as encoded; nil where there is none.
type fields struct {
	value [numFields][]byte
	// foreign is set where a field that says who wrote the line names somebody else than the kernel.
	foreign bool
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
		return
	case fieldTransport:
		f.foreign = f.foreign || !eachText(value, isKernel)
	case fieldFacility:
		f.foreign = f.foreign || !eachText(value, isZero)
	}
	if f.value[id] == nil {
		f.value[id] = value
	}
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
	case "pri":
		return fieldPRI
	case "host":
		return fieldHost
	case "ident":
		return fieldIdent
	case "time":
		return fieldTime
	}
	return identifyJournal(name)
}

// identifyJournal tells a journal field by its name in any of in_systemd's spellings.
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
	case "syslog_facility":
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
	}
	return fieldNone
}

// text returns a field's text, without the control bytes that in_systemd may leave behind it; nil when it has none.
// Of an array the first text counts.
func (f *fields) text(id field) []byte {
	var first []byte
	eachText(f.value[id], func(b []byte) bool { first = b; return false })
	return first
}

// number returns a field's number, given as such or as text.
func (f *fields) number(id field) (int64, bool) {
	v := f.value[id]
	if v == nil {
		return 0, false
	}
	switch msgp.NextType(v) {
	case msgp.IntType, msgp.UintType:
		n, _, err := msgp.ReadInt64Bytes(v)
		return n, err == nil
	case msgp.StrType, msgp.BinType:
		n, err := strconv.ParseInt(string(f.text(id)), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// eachText calls fn with each text of a value, which may be an array of them, until fn returns false. It reports
// whether fn never did. A value that is no text is passed as nil.
func eachText(value []byte, fn func([]byte) bool) bool {
	if value == nil {
		return true
	}
	n := uint32(1)
	if msgp.NextType(value) == msgp.ArrayType {
		var err error
		if n, value, err = msgp.ReadArrayHeaderBytes(value); err != nil {
			return fn(nil)
		}
	}
	for ; n > 0; n-- {
		text, rest, err := logevent.Text(value)
		if err != nil {
			return fn(nil)
		}
		if !fn(trimControl(text)) {
			return false
		}
		value = rest
	}
	return true
}

// trimControl cuts control bytes off the end. A tab may belong to the text.
func trimControl(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] < ' ' && b[len(b)-1] != '\t' || b[len(b)-1] == 0x7f) {
		b = b[:len(b)-1]
	}
	return b
}

func isKernel(b []byte) bool { return string(b) == "kernel" }
func isZero(b []byte) bool   { return string(b) == "0" }
