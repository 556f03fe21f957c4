// SPDX-License-Identifier: Apache-2.0

package format

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/parser/report"
)

// DecodeEvent calls emit with the line of a log event of any form but [event.Raw], whose text is an
// input line: see [Decoder.Decode]. text is the text of the event; that of a record of /dev/kmsg is
// changed in its place. at is the time of the event, zero for none: it counts where the fields give
// no time. The line's Origin is what the fields claim: see [Line.JudgeEvent].
func (d *Decoder) DecodeEvent(e *event.Event, form event.Form, text []byte, at time.Time, emit func(*Line)) {
	s := &d.stream
	s.number++
	switch form {
	case event.Kmsg:
		kmsgEvent(s, e, text, at)
	case event.Journal:
		journalEvent(s, e, text, at)
	default:
		syslogEvent(s, e, text, at)
	}
	l := &s.line
	l.Host = e.Host()
	l.markTruncated()
	s.shown.add(l.Format)
	emit(l)
	s.line = Line{} // what it points to is the caller's
}

// maxEventUptime is the longest uptime that a field gives, in seconds: 136 years.
const maxEventUptime = 1 << 32

// kmsgEvent makes the current line of a record of /dev/kmsg that Fluent Bit took apart, and dated
// by the boot clock. The input kmsg masks the facility off, so that a line which a user wrote to
// /dev/kmsg looks like the kernel's. The input oom_kill gives it, and the id of the boot.
func kmsgEvent(s *stream, e *event.Event, text []byte, at time.Time) {
	s.begin(report.Kmsg)
	l := &s.line
	l.Text = UnescapeKmsg(text)
	if n, ok := e.Number(event.Sequence); ok && n >= 0 {
		l.Sequence, l.HasSequence = uint64(n), true
	}
	l.setEventPriority(e, event.Priority)
	l.setEventFacility(e)
	l.BootID = e.Text(event.BootID)
	sec, hasSec := e.Number(event.Sec)
	usec, hasUsec := e.Number(event.Usec)
	if hasSec && hasUsec && sec >= 0 && sec < maxEventUptime && usec >= 0 && usec < 1e6 {
		l.Uptime, l.HasUptime = sec*1e6+usec, true
	}
	if !at.IsZero() {
		l.Wall, l.Assumed = at, report.AssumedBootClock
	}
}

// journalEvent makes the current line of a journal entry.
func journalEvent(s *stream, e *event.Event, text []byte, at time.Time) {
	s.begin(report.JournalJSON)
	l := &s.line
	l.Text, l.Fields = text, e
	l.Tag, l.BootID, l.MachineID, l.Cursor = e.Text(event.Identifier), e.Text(event.BootID), e.Text(event.MachineID), e.Text(event.Cursor)
	if n, ok := e.Number(event.Priority); ok && n >= 0 && n <= 7 {
		l.Level = int8(n)
	}
	l.setEventFacility(e)
	switch string(e.Text(event.Transport)) {
	case "kernel":
		l.Origin = report.OriginKernel
	case "driver":
		l.Lost = missedIn(l.Tag, text)
	}
	if n, ok := e.Number(event.Monotonic); ok && n >= 0 && n < maxEventUptime*1e6 {
		l.Uptime, l.HasUptime = n, true
	}
	if n, ok := e.Number(event.Realtime); ok && n > 0 && n < longestUptime {
		at, l.Stamp = time.UnixMicro(n), e.Text(event.Realtime)
	}
	s.times.setEvent(l, at)
}

// syslogEvent makes the current line of a syslog message that a parser took apart. The kernel's own
// prefix may still stand in its text. A facility there proves nothing: a field has to give it.
func syslogEvent(s *stream, e *event.Event, text []byte, at time.Time) {
	s.begin(report.Dmesg)
	l := &s.line
	text, _ = kernelPrefix(s, trimEnd(text))
	l.Format, l.Text, l.Tag, l.Stamp = report.Syslog, text, e.Text(event.Program), nil
	if n, ok := e.Number(event.PID); ok && n > 0 && n < 1<<31 {
		l.Process = uint32(n)
	}
	if !s.verbatim && !l.HasUptime { // else the kernel's text comes as it is
		l.Text = s.unescapeOctal(text)
	}
	if l.Origin != report.OriginUser {
		l.Origin, l.Facility = report.OriginUnknown, -1
	}
	l.setEventFacility(e)
	if e.Has(event.PRI) {
		l.setEventPriority(e, event.PRI)
	} else if n, ok := e.Number(event.Priority); ok && n >= 0 && n <= 7 {
		l.Level = int8(n)
	}
	if l.Facility == 0 && l.Origin == report.OriginUnknown {
		l.Origin = report.OriginKernel
	}
	l.Lost += missedIn(l.Tag, l.Text)
	stamp := e.Text(event.Time)
	if len(stamp) > 0 {
		l.Stamp = stamp
		if w, n := wallStamp(stamp); n == len(stamp) {
			if s.times.wall = w; s.times.dates(&w) {
				s.times.set(l)
				return
			}
		}
	}
	s.times.setEvent(l, at)
}

// dates reports whether a wall timestamp can be dated.
func (t *times) dates(w *wallTime) bool {
	if _, ok := w.utc(); ok {
		return true
	}
	return w.month > 0 && (w.zoned || t.dating.Location != nil) && (w.year > 0 || !t.reference().IsZero())
}

// setEvent sets the times of a line by the time of its event, zero for none.
func (t *times) setEvent(l *Line, at time.Time) {
	t.wall = wallTime{}
	if !at.IsZero() {
		t.wall = wallTime{unix: time.Duration(at.UnixNano()), hasUnix: true}
	}
	t.set(l)
}

// setEventFacility sets the facility that a field of its own gives.
func (l *Line) setEventFacility(e *event.Event) {
	if n, ok := e.FacilityNumber(); ok {
		l.Facility = int16(n)
	}
}

// setEventPriority sets level and facility by a field that holds eight times the facility plus the
// level, and what they claim.
func (l *Line) setEventPriority(e *event.Event, f event.Field) {
	n, ok := e.Number(f)
	if !ok || n < 0 || n > 127<<3+7 {
		return
	}
	l.Level, l.Facility = int8(n&7), int16(n>>3)
	if l.Facility == 0 && l.Origin == report.OriginUnknown {
		l.Origin = report.OriginKernel
	}
}

// SourceOf returns the source whose lines have the form of an event; [TrustedNone] for [event.Raw],
// where the text itself shows it.
func SourceOf(form event.Form) report.Source {
	return [...]report.Source{event.Raw: report.SourceNone, event.Kmsg: report.SourceKmsg, event.Journal: report.SourceJournald, event.Syslog: report.SourceSyslog}[form]
}

// OfEvent takes over what the fields beside a line of text say of it: that a container's log
// brought it, or that it is the message of an event of Kubernetes, whose time is that of the log
// event. Such a message may quote the kernel, and is another program's.
func (l *Line) OfEvent(e *event.Event, at time.Time) {
	l.Contained = l.Contained || e.FromContainer()
	if e.Field(event.KubernetesReason) == nil {
		return
	}
	l.Origin, l.Fields = report.OriginUser, e
	if l.Wall.IsZero() {
		l.Wall = at
	}
}

// JudgeEvent settles which program wrote a line of an event: another one than the kernel where a
// field says so. That it was the kernel stands only where it is verifiable, by what the frontend
// knows of the source.
func (l *Line) JudgeEvent(e *event.Event, verifiable bool) {
	l.Contained, l.Trusted = l.Contained || e.FromContainer(), verifiable && !e.Odd()
	switch {
	case e.Foreign():
		l.Origin = report.OriginUser
	case l.Origin == report.OriginKernel && (e.Odd() || !verifiable):
		l.Origin = report.OriginUnknown
	}
}
