// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/witness"
)

// authorOf returns who wrote a line, as far as its format shows. Only the text of the journal's own
// fields is copied, and only that of lines that have such.
func authorOf(l *format.Line) witness.Author {
	a := witness.Author{Program: string(l.Tag), Container: l.Contained}
	if l.Fields == nil {
		a.PID, a.HasPID = int64(l.Process), l.Process > 0
		return a
	}
	field := func(name string) string { return string(l.Fields.Field(name)) }
	a.PID, a.HasPID = number(l.Fields.Field("_PID"))
	a.UID, a.HasUID = number(l.Fields.Field("_UID"))
	a.Unit, a.UserUnit, a.Comm, a.Exe, a.Transport = field("_SYSTEMD_UNIT"), field("_SYSTEMD_USER_UNIT"), field("_COMM"), field("_EXE"), field("_TRANSPORT")
	a.Field, a.Trusted = field, l.Trusted
	return a
}

// number reads an id that a format prints.
func number(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 19 || b[0] < '0' || b[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil
}
