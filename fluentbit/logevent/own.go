// SPDX-License-Identifier: Apache-2.0

package logevent

import (
	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser/record"
)

// markKey is the key of the mark in an event's metadata. Its value is the version of the record, as
// bytes: inputs make metadata of what they read only from JSON, which has no bytes, and log lines
// never reach it otherwise.
const markKey = "oomtrail"

// AppendRecordHead appends what stands before the map of a record of ours: the event's time as
// encoded, and the mark.
func AppendRecordHead(b, stamp []byte, version string) []byte {
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendArrayHeader(b, 2)
	b = append(b, stamp...)
	b = msgp.AppendMapHeader(b, 1)
	b = msgp.AppendString(b, markKey)
	return msgp.AppendBytes(b, []byte(version))
}

// mark returns the version that the event's mark names; ok is false when it has no mark.
func (e *Event) mark() (version string, ok bool) {
	value := Find(e.Metadata, markKey)
	if msgp.NextType(value) != msgp.BinType {
		return "", false
	}
	b, _, err := msgp.ReadBytesZC(value)
	return string(b), err == nil
}

// Accept says which events that come in are records of ours.
type Accept uint8

const (
	// AcceptMarked: those with the mark.
	AcceptMarked Accept = iota
	// AcceptAny: all that can be one, where something on the way drops the metadata.
	AcceptAny
	// AcceptNone: none, where anybody may send events with metadata.
	AcceptNone
)

var acceptNames = enum.New[Accept]("accept_records", "marked", "any", "none")

// String returns the name of the value as the setting spells it.
func (a Accept) String() string { return acceptNames.String(a) }

// AcceptNames returns the names of the values of [Accept], by value.
func AcceptNames() []string { return acceptNames.All() }

// Claim is what an event says about itself that a record of ours says: texts, "" for what is
// missing.
type Claim struct {
	// Event, UID, Version and Host are its attributes event.name, log.record.uid,
	// oom.record.version and host.name.
	Event, UID, Version, Host string
}

// Word is in every event whose [Claim] says anything.
const Word = "oom."

// Claim reads what the event says, in any form of a record. The record's own words prove nothing.
func (e *Event) Claim() Claim {
	return Claim{
		Event:   text(e.Attribute("event.name")),
		UID:     text(e.Attribute("log.record.uid")),
		Version: text(e.Attribute("oom.record.version")),
		Host:    text(e.Attribute("host.name")),
	}
}

// Plausible reports whether a record of ours can say this.
func (c Claim) Plausible() bool { return record.CanBeRecord(c.Event, c.UID, c.Version) }

// Attribute returns the value of an attribute of a record, as encoded, in whichever form the event
// has it; nil where it is absent.
func (e *Event) Attribute(name string) []byte {
	for _, key := range form.Keys(name) {
		if value := path(e.Record, key); value != nil {
			return value
		}
	}
	return Find(Find(e.Record, "oom"), form.ShortName(name))
}

func text(value []byte) string {
	b, _, err := Text(value)
	if err != nil {
		return ""
	}
	return string(b)
}

// Verdict is what an event is to a setting of [Accept].
type Verdict uint8

const (
	// Foreign: an event that claims nothing.
	Foreign Verdict = iota
	// Own: a record of ours.
	Own
	// Unmarked: it could be one, but nothing shows that it is.
	Unmarked
	// Unknown: it has the mark, but is no record that this version knows.
	Unknown
)

// Judge says what the event is; c is what it claims.
func (e *Event) Judge(a Accept) (v Verdict, c Claim) {
	version, marked := e.mark()
	c = e.Claim()
	plausible := c.Plausible()
	switch {
	case a == AcceptNone && (marked || plausible):
		return Unmarked, c
	case marked && (!plausible || c.Version != version):
		return Unknown, c
	case marked || plausible && a == AcceptAny:
		return Own, c
	case plausible:
		return Unmarked, c
	}
	return Foreign, c
}

// Verified is the value of oom.trust in a record of which it is proven that the kernel wrote its
// lines. It is in every event that [Event.TrustClaims] finds something in.
const Verified = "verified"

// Unverified is its value in all others.
const Unverified = "unverified"

// TrustClaims returns the values by which an event claims to be verified, in any form of a record,
// as encoded: they are parts of Record. Only a record of ours has a right to them.
func (e *Event) TrustClaims() (claims [][]byte) {
	note := func(value []byte) {
		if text(value) == Verified {
			claims = append(claims, value)
		}
	}
	Each(e.Record, func(key, value []byte) bool {
		switch string(key) {
		case "oom.trust":
			note(value)
		case "oom":
			Each(value, func(key, value []byte) bool {
				if string(key) == "trust" {
					note(value)
				}
				return true
			})
		}
		return true
	})
	return claims
}
