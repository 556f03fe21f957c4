// SPDX-License-Identifier: Apache-2.0

// Package zone makes a time zone of what a browser knows about one: its offset at each time. The
// database of time zones would be a fifth of the page.
package zone

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// Of returns a time zone, by its offset from UTC at each time. It is right for twenty years before
// a time and one behind it; outside of that it keeps the offset of the nearer end.
func Of(name string, now time.Time, offset func(time.Time) time.Duration) *time.Location {
	const step = 14 * 24 * time.Hour // shorter than any offset lasts, that of Morocco's Ramadan too
	from, to := now.AddDate(-20, 0, 0).Truncate(time.Hour), now.AddDate(1, 0, 0)
	var changes []change
	last := offset(from)
	changes = append(changes, change{from, last})
	for at := from; at.Before(to); at = at.Add(step) {
		next := at.Add(step)
		if now := offset(next); now != last {
			changes = append(changes, change{bisect(at, next, last, offset), now})
			last = now
		}
	}
	location, err := time.LoadLocationFromTZData(name, file(changes))
	if err != nil { // it was written here
		panic(err)
	}
	return location
}

// change is a time from which on an offset holds.
type change struct {
	at     time.Time
	offset time.Duration
}

// bisect returns the first second between two times at which the offset is no longer what it was.
func bisect(from, to time.Time, was time.Duration, offset func(time.Time) time.Duration) time.Time {
	for to.Sub(from) > time.Second {
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if !middle.After(from) {
			break
		}
		if offset(middle) == was {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}

// file writes changes as a file of the database of time zones, version 2 (RFC 8536).
func file(changes []change) []byte {
	var zones, abbreviations, times, kinds bytes.Buffer
	seen := map[time.Duration]byte{}
	for _, c := range changes {
		kind, ok := seen[c.offset]
		if !ok {
			kind = byte(len(seen))
			seen[c.offset] = kind
			_ = binary.Write(&zones, binary.BigEndian, int32(c.offset/time.Second))
			zones.Write([]byte{0, byte(abbreviations.Len())})
			abbreviations.WriteString(abbreviation(c.offset) + "\x00")
		}
		_ = binary.Write(&times, binary.BigEndian, c.at.Unix())
		kinds.WriteByte(kind)
	}
	var out bytes.Buffer
	head := func(times, kinds, names int) {
		out.WriteString("TZif2" + string(make([]byte, 15)))
		for _, n := range [...]int{0, 0, 0, times, kinds, names} {
			_ = binary.Write(&out, binary.BigEndian, uint32(n))
		}
	}
	head(0, 1, 1) // the part of version 1, which nobody reads
	out.Write(make([]byte, 6+1))
	head(len(changes), len(seen), abbreviations.Len())
	out.Write(times.Bytes())
	out.Write(kinds.Bytes())
	out.Write(zones.Bytes())
	out.Write(abbreviations.Bytes())
	out.WriteString("\n\n")
	return out.Bytes()
}

// abbreviation names an offset: UTC+2, UTC-3:30.
func abbreviation(offset time.Duration) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	hours, minutes := int(offset.Hours()), int(offset.Minutes())%60
	switch {
	case offset == 0:
		return "UTC"
	case minutes > 0:
		return fmt.Sprintf("UTC%c%d:%02d", sign, hours, minutes)
	}
	return fmt.Sprintf("UTC%c%d", sign, hours)
}
