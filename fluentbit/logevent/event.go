// SPDX-License-Identifier: Apache-2.0

// Package logevent reads and writes the log events that Fluent Bit's chunks are made of, as
// msgpack, and knows the mark that a record of ours carries. It decodes nothing but what it is
// asked for.
package logevent

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// Event is one log event of a chunk: [[stamp, metadata], record], or the older [stamp, record].
type Event struct {
	// Raw is all of it, Timestamp its time, Metadata (nil in the older form) and Record its maps,
	// as encoded.
	Raw, Timestamp, Metadata, Record []byte
	// Time is the timestamp.
	Time time.Time
	// Marker is true for the start and the end of a group, which have negative timestamps.
	Marker bool
	// GroupStart is true for the start of a group.
	GroupStart bool
	// Modern is true for the form with metadata.
	Modern bool
	// Broken is true for bytes whose end cannot be found: Raw then is all that was left of the
	// chunk.
	Broken bool
}

// errShape says that a value is no event.
var errShape = errors.New("not a Fluent Bit event")

// Next cuts the first event off b. It looks at the boundaries only: nothing is decoded but the
// time. An error says that b begins with a value that is no event: Raw is that value, and rest is
// what follows it, so that one bad event hides none behind it.
func (e *Event) Next(b []byte) (rest []byte, err error) {
	*e = Event{}
	rest, err = e.take(b)
	if err == nil {
		e.Raw = b[:len(b)-len(rest)]
		return rest, nil
	}
	*e = Event{Raw: b}
	rest, skipErr := msgp.Skip(b)
	if skipErr != nil {
		e.Broken = true
		return nil, skipErr
	}
	e.Raw = b[:len(b)-len(rest)]
	return rest, err
}

// take finds the parts of the event that b begins with, and returns what follows it.
func (e *Event) take(b []byte) (rest []byte, err error) {
	if b, err = pair(b); err != nil {
		return nil, err
	}
	if e.Modern = msgp.NextType(b) == msgp.ArrayType; e.Modern {
		if b, err = pair(b); err != nil {
			return nil, err
		}
	}
	if e.Timestamp, b, err = cut(b); err != nil {
		return nil, err
	}
	if e.Modern {
		if e.Metadata, b, err = cut(b); err != nil {
			return nil, err
		}
	}
	if e.Record, rest, err = cut(b); err != nil {
		return nil, err
	}
	if msgp.NextType(e.Record) != msgp.MapType || e.Modern && msgp.NextType(e.Metadata) != msgp.MapType {
		return nil, errShape // Fluent Bit takes it for none either
	}
	return rest, e.readTimestamp()
}

// pair takes the head off an array of two.
func pair(b []byte) ([]byte, error) {
	n, rest, err := msgp.ReadArrayHeaderBytes(b)
	if err == nil && n != 2 {
		err = errShape
	}
	return rest, err
}

// cut returns the first value of b, and what follows.
func cut(b []byte) (value, rest []byte, err error) {
	if rest, err = msgp.Skip(b); err != nil {
		return nil, nil, err
	}
	return b[:len(b)-len(rest)], rest, nil
}

// readTimestamp decodes the timestamp: ext type 0 with seconds and nanoseconds, or a number of
// seconds.
func (e *Event) readTimestamp() error {
	s := e.Timestamp
	switch msgp.NextType(s) {
	case msgp.IntType, msgp.UintType:
		sec, _, err := msgp.ReadInt64Bytes(s)
		e.set(sec, 0)
		return err
	case msgp.Float64Type:
		f, _, err := msgp.ReadFloat64Bytes(s)
		sec := math.Floor(f)
		if err != nil || !(math.Abs(sec) < 1<<40) {
			return errShape
		}
		e.set(int64(sec), int64((f-sec)*1e9))
		return nil
	}
	// fixext 8, or ext 8 of length 8; the type is 0 either way.
	switch {
	case len(s) == 10 && s[0] == 0xd7 && s[1] == 0:
		s = s[2:]
	case len(s) == 11 && s[0] == 0xc7 && s[1] == 8 && s[2] == 0:
		s = s[3:]
	default:
		return errShape
	}
	sec := int64(binary.BigEndian.Uint32(s))
	if sec >= 1<<32-2 { // -1 and -2 in 32 bits
		sec -= 1 << 32
	}
	e.set(sec, int64(binary.BigEndian.Uint32(s[4:])))
	return nil
}

// set keeps the time. Seconds of -1 and -2 are no time: they mark the start and the end of a group.
func (e *Event) set(sec, nsec int64) {
	e.Marker = sec == -1 || sec == -2
	e.GroupStart = sec == -1
	e.Time = time.Unix(sec, nsec)
}

// AppendTimestamp appends a time as Fluent Bit's encoder writes it.
func AppendTimestamp(b []byte, t time.Time) []byte {
	b = append(b, 0xd7, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}
