// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"

	"github.com/oomtrail/oomtrail/parser/report"
)

// wrapping is what a program put around a line of text that it passed on: a container runtime, a
// log shipper, a store. The line inside may be a kernel log, but a program wrote it, so that
// nothing in it proves that the kernel did.
type wrapping struct {
	// set is set while a line inside is read.
	set bool
	// stamp is the program's timestamp, nil when it has none.
	stamp []byte
	// host is the host that the program names, nil when it names none.
	host []byte
	// partial is set when the program says that it cut the line.
	partial bool
	// contained is set for the log of a container.
	contained bool
	// foreign is set when the program says that another program than the kernel wrote the line.
	foreign bool
	// quoted is set where any text may quote the kernel, as an event or an alert does: only a line
	// with a prefix of the kernel's own counts.
	quoted bool
	// sent is set once a line was sent.
	sent bool
}

// wrapperForm is one way in which a program wraps the lines of a log as text.
type wrapperForm struct {
	// name says which program.
	name string
	// at is which lines may have it.
	at ends
	// open takes the wrapping off b.
	open func(b []byte) (w wrapping, text []byte, ok bool)
}

// wrapperForms are tried in this order where the format of the input is not said (Auto). A new one
// is one row here and one file.
var wrapperForms = [...]wrapperForm{
	{"container runtime", begins(decimals).beforeWord("s"), containerOutput},
	{"logcli", begins(decimals).beforeWord("{"), logcliOutput},
	{"kubectl get events", beginsOtherwise("[<ABCDEFGHIJKLMNOPQRSTUVXYZ").beforeWord("WO \t" + decimals), quotedBy(isEventRow)},
	{"node-problem-detector", begins("EFGHIJKLMNOPQRSTUVW \t").afterWord(decimals), quotedBy(isDetectorLine)},
	{"message of an event in YAML", begins("-mMn \t").afterWord(":-"), quotedBy(isEventMessage)},
	{"pdsh, clush", begins(letters + decimals + "-._").afterWord(":"), parallelShell},
}

var wrapperFormsAt = lookupOf(wrapperForms[:], func(f *wrapperForm) ends { return f.at })

// readWrapped reads text, which stood inside w, and reports whether that sent a line.
func readWrapped(s *stream, w wrapping, text []byte) (sent bool) {
	w.set = true
	s.wrap = w
	text = bytes.TrimSuffix(text, []byte("\n"))
	s.newlines = true                                            // as an escape in what is around the text may have made them
	if len(text) > 0 && isDigit(text[0]) && s.readRecord(text) { // cat /dev/kmsg in a container
		s.send()
	} else {
		readText(s, text)
	}
	sent = s.wrap.sent
	s.wrap = wrapping{}
	return sent
}

// apply adds to a line what the wrapping says, and reports whether the line counts.
func (w *wrapping) apply(l *Line) bool {
	if l.Trusted = false; l.Origin == report.OriginKernel {
		l.Origin = report.OriginUnknown
	}
	if wall, n := isoTime(w.stamp); n > 0 && l.Stamp == nil {
		l.Stamp = w.stamp
		if at, ok := wall.utc(); ok {
			l.Wall = at
		}
		if _, known := l.LogTime(); !known {
			l.setOrder(wall.order())
		}
	}
	if w.quoted && !l.HasUptime && string(l.Tag) != "kernel" {
		return false
	}
	if w.foreign {
		l.Origin = report.OriginUser
	}
	if l.Host == nil {
		l.Host = w.host
	}
	l.Truncated = l.Truncated || w.partial
	l.Contained = l.Contained || w.contained
	w.sent = true
	return true
}

// containerOutput takes off the "2023-05-01T12:00:00.123456789Z stdout F " of a container runtime's
// log (CRI).
func containerOutput(b []byte) (w wrapping, text []byte, ok bool) {
	if len(b) < 30 || b[4] != '-' || b[10] != 'T' {
		return w, nil, false
	}
	stamp, rest := word(b)
	stream, rest := word(rest)
	if s := string(stream); s != "stdout" && s != "stderr" {
		return w, nil, false
	}
	mark, text := word(rest)
	if s := string(mark); s != "F" && s != "P" {
		return w, nil, false
	}
	if at, n := isoTime(stamp); n != len(stamp) || !at.zoned {
		return w, nil, false
	}
	return wrapping{stamp: stamp, partial: mark[0] == 'P', contained: true}, text, true
}
