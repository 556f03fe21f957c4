// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// scanner is what a call needs to look through a batch; it is kept between calls, so that looking
// allocates nothing.
type scanner struct {
	keyer  keyer
	source source
}

// matters reports whether a batch has to be read: it holds something that may begin a report or be
// a kill, a line for a report that is open, a record of a component before this one, or something
// that claims to be one.
func (p *oomProcessor) matters(ld plog.Logs, holding bool) bool {
	s := p.scratch.Get().(*scanner)
	defer p.scratch.Put(s)
	active := p.table.active.Load() > 0
	for i := range ld.ResourceLogs().Len() {
		rl := ld.ResourceLogs().At(i)
		res := rl.Resource().Attributes()
		of := origin{resource: res}
		if active {
			of = originOf(res)
		}
		for j := range rl.ScopeLogs().Len() {
			records := rl.ScopeLogs().At(j).LogRecords()
			marked := oomlogs.IsMarked(rl.ScopeLogs().At(j))
			mayHoldRecords := p.mayHoldRecords(marked)
			for k := range records.Len() {
				lr := records.At(k)
				if lr.Attributes().Len() > 0 && oomlogs.ClaimsTrust(lr) || mayHoldRecords && oomlogs.IsRecord(lr) {
					return true
				}
				if marked {
					continue
				}
				text := s.source.text(lr)
				if mayConcern(p.cfg.search(), text, holding && isSampled(k, records.Len())) {
					return true
				}
				if !active {
					continue
				}
				r := s.source.read(lr, of)
				if p.table.isSenderActive(s.keyer.sender(res, lr.Attributes(), &r)) {
					return true
				}
			}
		}
	}
	return false
}

// mayConcern reports whether a text may be for a stream in which no report is open; middle says to
// look whether it may be of the middle of a report too, whose head comes later.
func mayConcern(search parser.Search, text []byte, middle bool) bool {
	return search.MayMatter(text) || middle && parser.MayBelong(text)
}

// isSampled reports whether a log record is one of the three of its batch by which
// [parser.MayBelong] knows a batch out of the middle of a report.
func isSampled(i, of int) bool { return i == 0 || i == of/2 || i == of-1 }

// isRecord reports whether a log record is a record of a component before this one. marked says
// whether it stands under the mark of such components.
func (p *oomProcessor) isRecord(marked bool, lr plog.LogRecord) bool {
	return p.mayHoldRecords(marked) && oomlogs.IsRecord(lr)
}

// mayHoldRecords reports whether there can be records among log records that stand under the mark,
// or do not.
func (p *oomProcessor) mayHoldRecords(marked bool) bool {
	return marked || p.cfg.AcceptRecords == acceptAny
}

// plan says which stream each log record of a batch belongs to, and which streams the batch has
// something for.
type plan struct {
	keys    []streamKey // of each log record, in the order of the batch; 0 for one that is not read
	targets map[streamKey]target
}

// planFor makes the plan of a batch that matters, which came from a peer, "" for none that is
// known.
func (p *oomProcessor) planFor(ld plog.Logs, peer string, holding bool) plan {
	s := p.scratch.Get().(*scanner)
	defer p.scratch.Put(s)
	senders := p.sendersIn(ld, s, holding)
	made := plan{keys: make([]streamKey, 0, len(senders.of)), targets: make(map[streamKey]target)}
	last := make(map[senderKey]streamKey) // of the line before, by sender
	hosts := make(map[streamKey]target)   // of the streams
	for _, rl := range ld.ResourceLogs().All() {
		of := originOf(rl.Resource().Attributes())
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				sender := senders.of[len(made.keys)]
				if !senders.concerned[sender] {
					made.keys = append(made.keys, 0)
					continue
				}
				r := s.source.read(lr, of)
				key, host, known := streamKey(sender), []byte(nil), true
				switch {
				case r.form == event.Syslog:
					host = r.event.Host()
					key = s.keyer.ofHost(sender, host)
				case r.form == event.Raw:
					key, host, known = s.keyer.stream(sender, firstLine(r.text))
				case r.entry:
					host = r.event.Text(event.Hostname)
				}
				if !known {
					key = p.streamBefore(sender, last)
				} else if _, ok := hosts[key]; !ok && sender.class() != contained {
					id, names := s.keyer.host(rl.Resource().Attributes(), lr.Attributes(), string(host))
					hosts[key] = target{host: id, names: names}
				}
				last[sender] = key
				made.keys = append(made.keys, key)
				if _, ok := made.targets[key]; !ok && (p.table.isActive(key) || mayConcern(p.cfg.search(), r.text, holding)) {
					to := hosts[key]
					to.sender, to.peer = sender, peer
					made.targets[key] = to
				}
			}
		}
	}
	return made
}

// senders says who sent each log record of a batch, and which of them the batch has something for.
type senders struct {
	of        []senderKey // in the order of the batch; 0 for a log record that is not read
	concerned map[senderKey]bool
}

func (p *oomProcessor) sendersIn(ld plog.Logs, s *scanner, holding bool) senders {
	found := senders{of: make([]senderKey, 0, ld.LogRecordCount()), concerned: make(map[senderKey]bool)}
	for _, rl := range ld.ResourceLogs().All() {
		res := rl.Resource().Attributes()
		of := originOf(res)
		for _, sl := range rl.ScopeLogs().All() {
			marked := oomlogs.IsMarked(sl) // the receiver makes the records of the lines that it passes on
			for i, lr := range sl.LogRecords().All() {
				if marked || p.isRecord(marked, lr) {
					found.of = append(found.of, 0)
					continue
				}
				r := s.source.read(lr, of)
				sender := s.keyer.sender(res, lr.Attributes(), &r)
				found.of = append(found.of, sender)
				if !found.concerned[sender] && (p.table.isSenderActive(sender) || mayConcern(p.cfg.search(), r.text, holding && isSampled(i, sl.LogRecords().Len()))) {
					found.concerned[sender] = true
				}
			}
		}
	}
	return found
}

// streamBefore returns the stream of the sender's line before, in this batch or in one before it.
func (p *oomProcessor) streamBefore(sender senderKey, last map[senderKey]streamKey) streamKey {
	if key, ok := last[sender]; ok {
		return key
	}
	return p.table.newestOf(sender)
}

// firstLine returns the first line of text.
func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}
