// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"unsafe"
)

// Fields are the fields of a journal entry.
type Fields interface {
	// Field returns the value of the field with journald's name for it, nil where it is absent. It
	// is valid as long as the line.
	Field(name string) []byte
}

// Fields of a journal entry that say nothing about the kernel's log, but which program wrote the
// entry and what it says. They stand behind those of [entry.values].
const (
	fieldSyslogPID field = fieldCount + iota
	fieldProcessID
	fieldUnit
	fieldUserUnit
	fieldCgroup
	fieldComm
	fieldExe
	fieldCommandLine
	fieldContainerName
	fieldContainerID
	fieldContainerIDFull
	// All of these say that another program than the kernel wrote the entry.
)

// moreNames are journald's names of those fields, and of fields that programs set, from
// fieldSyslogPID on.
var moreNames = [...]string{
	"SYSLOG_PID", "_PID", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT", "_SYSTEMD_CGROUP", "_COMM", "_EXE", "_CMDLINE", "CONTAINER_NAME", "CONTAINER_ID", "CONTAINER_ID_FULL",
	"_UID", "_AUDIT_LOGINUID", "_AUDIT_SESSION", "_AUDIT_TYPE", "_AUDIT_TYPE_NAME", "_AUDIT_ID",
	"_AUDIT_FIELD_ARCH", "_AUDIT_FIELD_SYSCALL", "_AUDIT_FIELD_SUCCESS", "_AUDIT_FIELD_EXIT", "_AUDIT_FIELD_A0", "_AUDIT_FIELD_A1", "_AUDIT_FIELD_A2",
	"_AUDIT_FIELD_OPID", "_AUDIT_FIELD_OCOMM", "_AUDIT_FIELD_OUID", "_AUDIT_FIELD_KEY",
	"MESSAGE_ID", "UNIT", "USER_UNIT", "INVOCATION_ID", "USER_INVOCATION_ID", "N_PROCESSES", "UNIT_RESULT", "EXIT_CODE", "EXIT_STATUS", "COMMAND",
	"MEMORY_PEAK", "MEMORY_SWAP_PEAK",
	"PODMAN_EVENT", "PODMAN_TYPE", "PODMAN_ID", "PODMAN_NAME", "PODMAN_IMAGE", "PODMAN_EXIT_CODE", "PODMAN_OOM_KILLED", "PODMAN_POD_ID", "PODMAN_TIME",
	"_SYSTEMD_INVOCATION_ID",
}

// It has room for all of them.
const _ = uint(64 - len(moreNames))

// namedField is one of these fields with its name.
type namedField struct {
	name string
	field
}

// moreByLength are these fields by the lengths of their names.
var moreByLength = func() (byLength [32][]namedField) {
	for i, name := range moreNames {
		byLength[len(name)] = append(byLength[len(name)], namedField{name, fieldCount + field(i)})
	}
	return byLength
}()

// moreField returns the field with that name, fieldNone for none. Each name of an entry is looked
// for, and most are none of these.
func moreField(name []byte) field {
	if len(name) < len("_A") || len(name) >= len(moreByLength) {
		return fieldNone
	}
	for _, f := range moreByLength[len(name)] {
		if f.name[1] == name[1] && f.name == string(name) {
			return f.field
		}
	}
	return fieldNone
}

// longestMore bounds what is kept of the values of all these fields together.
const longestMore = 8 << 10

// moreFields holds these fields of one entry; nil holds none.
type moreFields struct {
	text []byte
	ends [len(moreNames)]struct{ from, to uint16 }
	has  uint64
}

// set keeps a value. Of a field that comes twice the first value counts.
func (m *moreFields) set(f field, value []byte) {
	i := f - fieldCount
	if value = value[:min(len(value), longestValue)]; m.has>>i&1 != 0 || len(m.text)+len(value) > longestMore {
		return
	}
	from := len(m.text)
	m.text = append(m.text, value...)
	m.ends[i].from, m.ends[i].to = uint16(from), uint16(len(m.text))
	m.has |= 1 << i
}

// get returns nil for a field that is absent.
func (m *moreFields) get(f field) []byte {
	i := f - fieldCount
	if m == nil || m.has>>i&1 == 0 {
		return nil
	}
	return m.text[m.ends[i].from:m.ends[i].to:m.ends[i].to]
}

func (m *moreFields) reset() {
	if m != nil {
		m.text, m.has = m.text[:0], 0
	}
}

func (m *moreFields) clone() *moreFields {
	if m == nil {
		return nil
	}
	c := *m
	c.text = bytes.Clone(m.text)
	return &c
}

// buffered counts the bytes that the fields hold.
func (m *moreFields) buffered() int {
	if m == nil {
		return 0
	}
	return int(unsafe.Sizeof(*m)) + cap(m.text)
}

// Field implements [Fields].
func (e *entry) Field(name string) []byte {
	if f := moreField([]byte(name)); f != fieldNone {
		return e.more.get(f)
	}
	switch f := fieldByName([]byte(name)); f {
	case fieldTransport, fieldIdentifier, fieldPriority, fieldFacility, fieldRealtime, fieldMonotonic:
		return e.value(f)
	}
	return nil
}
