// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/event"
)

// Event holds the fields of one log event of a pipeline, and what they say of the program that
// wrote its text.
type Event = event.Event

// Form is the form of an [Event]: a record of /dev/kmsg, a journal entry or a syslog message whose
// fields some program took apart, or a text as it stood in a file.
type Form = event.Form

// FeedEvent takes the text of an event: one line of a text as it stood in a file, else all of it.
// at is the time of the event, zero for none. The kernel counts as the writer only where that is
// verifiable, by what the caller knows of the event's source. The text of a record of /dev/kmsg is
// changed in its place; nothing is kept.
func (p *Parser) FeedEvent(e *Event, form Form, text []byte, at time.Time, verifiable bool) Result {
	p.begin()
	take := func(l *Line) {
		if form == event.Raw {
			l.OfEvent(e, at)
		}
		l.JudgeEvent(e, verifiable)
		p.takeLine(l)
	}
	if form == event.Raw {
		p.decoder.Decode(text, take)
	} else {
		p.decoder.DecodeEvent(e, form, text, at, take)
	}
	p.asm.Forget()
	return *p.made()
}
