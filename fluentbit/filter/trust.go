// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// The names of inputs: of the journal, of the kernel's ring, and of ours, which reads the ring too.
const (
	inputSystemd = "systemd"
	inputKmsg    = "kmsg"
	inputOwn     = "oom_kill"
)

// canVerify reports whether lines of the current event can be proven to be the kernel's: the host
// says that the journal brought it, or our input, which keeps the facility, or the operator vouches
// for its source. The form alone proves nothing, and a container's log proves nothing.
func (p *pass) canVerify(f *fields) bool {
	trusted := p.settings.TrustedSource
	switch {
	case f.Odd():
		return false
	case p.input == inputSystemd && f.form == event.Journal:
		return true
	case p.input == inputOwn && f.form == event.Kmsg && f.Has(event.Facility):
		return true
	case trusted == parser.TrustedNone || f.FromContainer() || p.fromContainer():
		return false
	}
	return f.form == event.Raw || format.SourceOf(f.form) == trusted
}

// fromContainer reports whether in_opentelemetry brought the event out of a container's log.
func (p *pass) fromContainer() bool {
	attributes := logevent.Find(logevent.Find(p.event.Metadata, "otlp"), "attributes")
	return logevent.Find(attributes, "log.iostream") != nil
}

// WithoutInputs says that the host never names the input of a chunk, as it does to no output.
func (f *Filter) WithoutInputs() { f.warnUnverifiable(true) }

// warnUnverifiable says once that Trust kernel makes no record of what an input brings: at once of
// in_kmsg, which brings nothing but kernel lines, of others when they bring a line that could make
// one.
func (f *Filter) warnUnverifiable(matters bool) {
	s := &f.settings
	if f.warnedTrust || s.Trust != parser.TrustKernel || s.TrustedSource != parser.TrustedNone || f.input == inputSystemd || f.input == inputOwn || !matters && f.input != inputKmsg {
		return
	}
	f.warnedTrust = true
	from := "an input that Fluent Bit does not name"
	if f.input != "" {
		from = "input " + f.input
	}
	f.log(LevelWarn, fmt.Sprintf("Trust kernel: nothing that %s brings can be verified, so that no record comes of it: "+
		"set Trusted_Source kmsg, journald or syslog where only the kernel can write what it brings; said once", from))
}
