// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// inputSystemd and inputKmsg are the names of Fluent Bit's inputs of the journal and of the
// kernel's ring.
const (
	inputSystemd = "systemd"
	inputKmsg    = "kmsg"
)

// sourceOf is the source whose lines have the form of a carrier. Raw text has many forms: there a
// decoder knows it.
var sourceOf = [...]parser.TrustedSource{
	carrierKmsg: parser.TrustedKmsg, carrierJournal: parser.TrustedJournald, carrierSyslog: parser.TrustedSyslog, carrierRaw: parser.TrustedNone,
}

// proof is what an event shows of who wrote its lines.
type proof struct {
	foreign    bool // somebody else than the kernel
	verifiable bool // that it was the kernel can be proven
}

// proof returns what the current event shows, which has the form of a carrier.
func (p *pass) proof(f *fields, c carrier) proof { return proof{f.foreign, p.canVerify(f, c)} }

// judge settles who wrote a line of the event.
func (p proof) judge(l *format.Line) {
	switch {
	case p.foreign:
		l.Origin = format.OriginUser
	case l.Origin == format.OriginKernel && !p.verifiable:
		l.Origin = format.OriginUnknown
	}
}

// canVerify reports whether the kernel's hand can be proven in the current event: the host says
// that it comes from the journal, or the operator vouches for it. Its form alone proves nothing,
// and a container's log is nobody's proof.
func (p *pass) canVerify(f *fields, c carrier) bool {
	trusted := p.settings.TrustedSource
	switch {
	case f.odd:
		return false
	case p.input == inputSystemd && c == carrierJournal:
		return true
	case trusted == parser.TrustedNone || f.container || p.fromContainer():
		return false
	}
	return c == carrierRaw || sourceOf[c] == trusted
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
	if f.warnedTrust || s.Trust != parser.TrustKernel || s.TrustedSource != parser.TrustedNone || f.input == inputSystemd || !matters && f.input != inputKmsg {
		return
	}
	f.warnedTrust = true
	from := "an input that Fluent Bit does not name"
	if f.input != "" {
		from = "input " + f.input
	}
	f.log(LevelWarn, fmt.Sprintf("Trust kernel: nothing that %s brings can be verified, so that no record comes of it: "+
		"set Trusted_Source kmsg, journald or syslog where nobody but the kernel can write what it brings; said once", from))
}
