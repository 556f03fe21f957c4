// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
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

// learn notes which unit of systemd the writer of a journal entry is in.
func (p *Parser) learn(l *format.Line) {
	if l.Fields == nil || l.Contained || len(l.Fields.Field("_SYSTEMD_UNIT")) == 0 {
		return
	}
	at := stampOf(l)
	p.learnOf(l.Fields.Field, &at)
}

// learnSkipped is learn for entries that are left out, each a line of JSON. They are not decoded:
// inside a string no quote stands without a backslash, so that what looks like a member is one.
// A value that has an escape is not taken.
func (p *Parser) learnSkipped(lines []byte) {
	var line []byte
	member := func(name string) []byte {
		var key [40]byte
		_, rest, ok := bytes.Cut(line, append(append(append(key[:0], '"'), name...), `":"`...))
		if end := bytes.IndexByte(rest, '"'); ok && end >= 0 && bytes.IndexByte(rest[:end], '\\') < 0 {
			return rest[:end]
		}
		return nil
	}
	for len(lines) > 0 {
		line, lines, _ = bytes.Cut(lines, []byte{'\n'})
		if unit := member("_SYSTEMD_UNIT"); len(unit) == 0 || string(unit) == "init.scope" || bytes.Contains(line, []byte(`"CONTAINER_ID`)) {
			continue
		}
		us, ok := number(member("__REALTIME_TIMESTAMP"))
		if !ok {
			continue
		}
		p.learnOf(member, &report.Stamp{Wall: time.UnixMicro(us), Host: view(member("_HOSTNAME")), BootID: view(member("_BOOT_ID"))})
	}
}

// learnOf is learn for the fields of an entry.
func (p *Parser) learnOf(field func(name string) []byte, at *report.Stamp) {
	pid, ok := number(field("_PID"))
	k := witness.Keys{PID: pid, HasPID: ok, Unit: view(field("_SYSTEMD_UNIT")), Invocation: view(field("_SYSTEMD_INVOCATION_ID")), Comm: view(field("_COMM"))}
	if !ok || k.Unit == "init.scope" {
		return
	}
	if user, ok := strings.CutPrefix(k.Unit, "user@"); ok { // the user's manager has units of its own
		uid, isUID := number([]byte(strings.TrimSuffix(user, ".service")))
		if k.UserUnit = view(field("_SYSTEMD_USER_UNIT")); k.UserUnit == "" || k.UserUnit == "init.scope" || !isUID {
			return
		}
		k.Unit, k.Invocation, k.UserID = "", "", report.Some(uid)
	}
	if p.host([]byte(at.Host)).Learn(&k, at, p.stream) {
		p.evidence.count()
		p.evidence.relieve()
	}
}
