// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// class says how far the lines of a log record can be trusted. Lines of two classes are never one
// stream: what anybody may have written can neither add to what is known to be the kernel's nor
// take away from it.
type class uint8

const (
	unproven  class = iota // anybody may have written it
	proven                 // it has the form of the trusted source
	contained              // a container's log carried it
)

// read returns how the text of a log record with a resource is to be read.
func (s *source) read(lr plog.LogRecord, of origin) reading {
	r := s.find(lr, of.isContainer)
	s.addObject(of.resource)
	foreign := r.event.Foreign()
	if (r.form == event.Syslog || r.form == event.Journal && foreign && s.trustAny) && hasHeader(r.text) {
		r.form = event.Raw
	}
	switch {
	case foreign && s.trustAny:
	case !foreign && r.event.FromContainer():
		r.class = contained
	case s.proves(&r):
		r.class = proven
	}
	return r
}

// proves reports whether a text has the form that the trusted source gives, and no other program
// can give it there. Of several lines in one text only the first one is begun by the source.
func (s *source) proves(r *reading) bool {
	foreign := r.event.Foreign()
	if r.event.Odd() && !foreign {
		return false
	}
	switch s.trusted {
	case parser.TrustedJournald:
		return r.form == event.Journal
	case parser.TrustedSyslog:
		// A facility that stands in a line as a word may be the name of a program.
		return r.form == event.Syslog && r.event.KernelFacility() ||
			(r.form == event.Syslog || r.form == event.Raw) && foreign ||
			r.form == event.Raw && len(r.text) > 0 && r.text[0] == '<' && oneLine(r.text)
	case parser.TrustedKmsg:
		return r.form == event.Syslog || r.form == event.Raw && oneLine(r.text) ||
			r.form == event.Kmsg && r.event.Has(event.Facility) // which Fluent Bit's own input leaves out
	}
	return false
}

// oneLine reports whether text has no newline but at its end.
func oneLine(text []byte) bool { return bytes.IndexByte(bytes.TrimRight(text, "\r\n"), '\n') < 0 }

// hasHeader reports whether the text of a syslog message is the whole message, or what carried
// another one: its own header counts.
func hasHeader(text []byte) (has bool) {
	format.NewDecoder(report.Auto).Decode(firstLine(text), func(l *format.Line) { has = l.Format != report.None && l.Format != report.Dmesg })
	return has
}

// origin is the resource of log records.
type origin struct {
	resource pcommon.Map
	// isContainer says that it is a container.
	isContainer bool
}

func originOf(resource pcommon.Map) origin { return origin{resource, fromContainer(resource)} }

// fromContainer reports whether a resource is a container. That of a node's agent may be a pod, not
// one of its containers.
func fromContainer(res pcommon.Map) bool {
	for name := range res.All() {
		if strings.HasPrefix(name, "k8s.container.") || strings.HasPrefix(name, "container.") {
			return true
		}
	}
	return false
}
