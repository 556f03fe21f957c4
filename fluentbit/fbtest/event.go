// SPDX-License-Identifier: Apache-2.0

// Package fbtest makes chunks of log events as Fluent Bit's inputs make them, and reads
// them back, for tests.
package fbtest

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// Event is one log event.
type Event struct {
	Time     time.Time
	Metadata []form.KV
	Record   []form.KV
	// Old chooses the encoding without metadata.
	Old bool
}

// Append appends the event as Fluent Bit encodes it.
func (e Event) Append(b []byte) []byte {
	b = append(b, 0x92) // [[time, metadata], record] or [time, record]
	if !e.Old {
		b = append(b, 0x92)
	}
	b = append(b, 0xd7, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Time.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(e.Time.Nanosecond()))
	if !e.Old {
		b = appendValue(b, e.Metadata)
	}
	return appendValue(b, e.Record)
}

// Chunk encodes events one after the other.
func Chunk(events ...Event) []byte {
	var b []byte
	for _, e := range events {
		b = e.Append(b)
	}
	return b
}

// GroupStart and GroupEnd make the markers of a group; the start names the resource.
func GroupStart(host string) Event {
	return Event{Time: time.Unix(1<<32-1, 0), Record: []form.KV{
		{Key: "resource", Value: []form.KV{{Key: "attributes", Value: []form.KV{{Key: "host.name", Value: host}}}}},
	}}
}

// GroupEnd makes the marker behind a group.
func GroupEnd() Event { return Event{Time: time.Unix(1<<32-2, 0)} }

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case []form.KV:
		b = msgp.AppendMapHeader(b, uint32(len(v)))
		for _, kv := range v {
			b = msgp.AppendString(b, kv.Key)
			b = appendValue(b, kv.Value)
		}
		return b
	case []string:
		b = msgp.AppendArrayHeader(b, uint32(len(v)))
		for _, s := range v {
			b = msgp.AppendString(b, s)
		}
		return b
	}
	b, err := msgp.AppendIntf(b, value)
	if err != nil {
		panic(err) // a test gave a value that no event can hold
	}
	return b
}

// Decoded is one event read back.
type Decoded struct {
	Raw      []byte
	Time     time.Time
	Old      bool
	Metadata map[string]any
	Record   map[string]any
}

// Decode reads a chunk back.
func Decode(chunk []byte) ([]Decoded, error) {
	var events []Decoded
	for rest := chunk; len(rest) > 0; {
		v, next, err := msgp.ReadIntfBytes(rest)
		if err != nil {
			return events, fmt.Errorf("event %d: %w", len(events), err)
		}
		root, ok := v.([]any)
		if !ok || len(root) != 2 {
			return events, fmt.Errorf("event %d is %v, no pair", len(events), v)
		}
		d := Decoded{Raw: rest[:len(rest)-len(next)], Old: true}
		stamp := root[0]
		if head, ok := stamp.([]any); ok && len(head) == 2 {
			d.Old, stamp = false, head[0]
			if d.Metadata, ok = head[1].(map[string]any); !ok {
				return events, fmt.Errorf("event %d has the metadata %v", len(events), head[1])
			}
		}
		ext, ok := stamp.(*msgp.RawExtension)
		if !ok || len(ext.Data) != 8 {
			return events, fmt.Errorf("event %d has the time %v", len(events), stamp)
		}
		d.Time = time.Unix(int64(binary.BigEndian.Uint32(ext.Data)), int64(binary.BigEndian.Uint32(ext.Data[4:])))
		if d.Record, ok = root[1].(map[string]any); !ok {
			return events, fmt.Errorf("event %d has the record %v", len(events), root[1])
		}
		events, rest = append(events, d), next
	}
	return events, nil
}
