// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strconv"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/parser/report"
)

// eventOf makes an event of names and texts in turn; a text of digits is a number.
func eventOf(pairs ...string) *event.Event {
	e := new(event.Event)
	for i := 0; i < len(pairs); i += 2 {
		v := event.Text([]byte(pairs[i+1]))
		if n, err := strconv.ParseInt(pairs[i+1], 10, 64); err == nil {
			v = event.Int(n)
		}
		e.Add([]byte(pairs[i]), v)
	}
	return e
}

// lineOf returns the line that a decoder makes of an event.
func lineOf(t *testing.T, d *Decoder, e *event.Event, at time.Time) (l Line) {
	t.Helper()
	form, field := e.Find()
	d.DecodeEvent(e, form, append([]byte(nil), e.Text(field)...), at, func(got *Line) { l = *got })
	return l
}

// TestImpossibleNumbers: what in_kmsg cannot have counted gives neither a number nor a time.
func TestImpossibleNumbers(t *testing.T) {
	for _, test := range []struct {
		sequence, sec, usec string
		number, uptime      bool
	}{
		{"0", "0", "0", true, true}, {"-1", "1", "2", false, true}, {"1", "-1", "2", true, false}, {"1", "4611686018427387904", "2", true, false},
		{"1", "1", "1000000", true, false}, {"x", "1", "2", false, true},
	} {
		l := lineOf(t, NewDecoder(report.Auto), eventOf("priority", "3", "sequence", test.sequence, "sec", test.sec, "usec", test.usec, "msg", "x"), time.Time{})
		if l.HasSequence != test.number || l.HasUptime != test.uptime || l.Format != report.Kmsg || l.Level != 3 {
			t.Errorf("%+v: %+v", test, l)
		}
	}
}

// TestTimesOfEvents: the field's own time counts, else the event's; lines without the kernel's
// timestamp are ordered by it, on the kernel's scale where a line has shown that.
func TestTimesOfEvents(t *testing.T) {
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	d := NewDecoder(report.Auto)
	l := lineOf(t, d, eventOf("message", "x", "_TRANSPORT", "kernel", "_SOURCE_MONOTONIC_TIMESTAMP", "5000000"), at)
	if got, ok := l.LogTime(); !ok || got != 5*time.Second || !l.Wall.Equal(at) {
		t.Errorf("log time %v, wall %v", got, l.Wall)
	}
	l = lineOf(t, d, eventOf("message", "x", "_TRANSPORT", "driver"), at.Add(time.Second))
	if got, ok := l.LogTime(); !ok || got != 6*time.Second {
		t.Errorf("log time %v, %t", got, ok)
	}
	l = lineOf(t, d, eventOf("message", "x", "_TRANSPORT", "kernel", "__REALTIME_TIMESTAMP", strconv.FormatInt(at.UnixMicro(), 10)), at.Add(time.Hour))
	if !l.Wall.Equal(at) {
		t.Errorf("wall %v", l.Wall)
	}
	l = lineOf(t, NewDecoder(report.Auto), eventOf("message", "x", "pri", "3", "time", "2026-11-21T08:00:00Z"), at.Add(time.Hour))
	if !l.Wall.Equal(at) || string(l.Stamp) != "2026-11-21T08:00:00Z" {
		t.Errorf("wall %v, timestamp %q", l.Wall, l.Stamp)
	}
	l = lineOf(t, NewDecoder(report.Auto), eventOf("message", "x", "pri", "3", "time", "Nov 21 08:00:00"), at.Add(time.Hour))
	if got, ok := l.LogTime(); !l.Wall.Equal(at.Add(time.Hour)) || !ok || got != time.Duration(l.Wall.UnixNano()) {
		t.Errorf("wall %v, log time %v", l.Wall, got)
	}
}

// TestOriginsOfEvents: what the fields claim, and what is left of it.
func TestOriginsOfEvents(t *testing.T) {
	for _, test := range []struct {
		name            string
		event           *event.Event
		verifiable, not report.Origin
	}{
		{"in_kmsg", eventOf("priority", "3", "sequence", "1", "sec", "1", "usec", "1", "msg", "x"), report.OriginKernel, report.OriginUnknown},
		{"in_kmsg with a facility", eventOf("priority", "11", "sequence", "1", "sec", "1", "usec", "1", "msg", "x"), report.OriginUser, report.OriginUser},
		{"journal", eventOf("MESSAGE", "x", "_TRANSPORT", "kernel"), report.OriginKernel, report.OriginUnknown},
		{"journal, a facility that is none", eventOf("MESSAGE", "x", "_TRANSPORT", "kernel", "SYSLOG_FACILITY", "x"), report.OriginUnknown, report.OriginUnknown},
		{"journal, a user's", eventOf("MESSAGE", "x", "_TRANSPORT", "kernel", "SYSLOG_FACILITY", "1"), report.OriginUser, report.OriginUser},
		{"journal without a transport", eventOf("MESSAGE", "x", "_BOOT_ID", "x"), report.OriginUnknown, report.OriginUnknown},
		{"syslog", eventOf("message", "x", "pri", "3"), report.OriginKernel, report.OriginUnknown},
		{"syslog without a facility", eventOf("message", "x", "ident", "kernel"), report.OriginUnknown, report.OriginUnknown},
		{"syslog, a facility in the text", eventOf("message", "<3>[    1.000000] x", "ident", "kernel"), report.OriginUnknown, report.OriginUnknown},
		{"syslog, a user's facility in the text", eventOf("message", "<12>[    1.000000] x", "pri", "3"), report.OriginUser, report.OriginUser},
	} {
		for verifiable, want := range map[bool]report.Origin{true: test.verifiable, false: test.not} {
			l := lineOf(t, NewDecoder(report.Auto), test.event, time.Time{})
			l.JudgeEvent(test.event, verifiable)
			if l.Origin != want || string(l.Text) != "x" {
				t.Errorf("%s, verifiable %t: origin %d of %q, want %d", test.name, verifiable, l.Origin, l.Text, want)
			}
		}
	}
}

// TestMessagesThatReportLoss: journald and rsyslog report what they lost of the kernel's lines in
// messages of their own.
func TestMessagesThatReportLoss(t *testing.T) {
	for _, e := range []*event.Event{
		eventOf("MESSAGE", "Missed 12 kernel messages", "_TRANSPORT", "driver", "SYSLOG_IDENTIFIER", "systemd-journald"),
		eventOf("message", "imjournal: 12 messages lost due to rate-limiting", "pri", "46", "ident", "rsyslogd"),
	} {
		if l := lineOf(t, NewDecoder(report.Auto), e, time.Time{}); l.Lost != 12 {
			t.Errorf("%d are lost: %+v", l.Lost, l)
		}
	}
}
