// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// entryFields are the fields of a journal entry that say something about a kernel line.
var entryFields = []string{
	journalText, "PRIORITY", "SYSLOG_FACILITY", "SYSLOG_IDENTIFIER", transportField, "_HOSTNAME", "_MACHINE_ID", "_BOOT_ID",
	"_SOURCE_MONOTONIC_TIMESTAMP", "_SOURCE_BOOTTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP",
	"__MONOTONIC_TIMESTAMP", realtimeField, "__CURSOR",
}

// transportField says how an entry came into the journal.
const transportField = "_TRANSPORT"

// realtimeField is taken out of the body by the journald receiver, which makes the record's timestamp of it.
const realtimeField = "__REALTIME_TIMESTAMP"

// feed gives the lines of one log record to a parser and calls fn with what each of them made.
func feed(p *parser.Parser, src *source, r *reading, when pcommon.Timestamp, fn func(parser.Result)) {
	switch {
	case r.form == formJournal:
		if entry := journalEntry(r.fields, when, r.other); entry != nil {
			fn(p.Feed(entry))
		}
	case r.form == formKmsg:
		l := kmsgLine(r.fields, r.text)
		if r.other {
			l.Origin = format.OriginUser
		}
		fn(p.FeedLine(l))
	case r.parsed:
		src.line = src.message(r, when)
		fn(p.Feed(src.line))
	default:
		eachLine(r.text, func(line []byte) {
			src.line = append(src.line[:0], line...) // the parser may write to it, and the batch is not ours to change
			fn(p.Feed(src.line))
		})
	}
}

// journalEntry returns a journal entry as journalctl -o json prints it, which the parser reads. It returns nil for
// fields that JSON cannot hold: no journal has them. other says that the entry is not the kernel's, whatever it says of its format.
func journalEntry(m pcommon.Map, when pcommon.Timestamp, other bool) []byte {
	entry := make(map[string]any, len(entryFields))
	for _, name := range entryFields {
		if v, ok := m.Get(name); ok {
			entry[name] = v.AsRaw()
		}
	}
	if text, ok := entry[journalText].(string); ok && !utf8.ValidString(text) {
		entry[journalText] = numbersOf(text)
	}
	if _, ok := entry[realtimeField]; !ok && when != 0 {
		entry[realtimeField] = strconv.FormatInt(when.AsTime().UnixMicro(), 10)
	}
	if t, ok := entry[transportField].(string); other && (!ok || t == "kernel") {
		entry[transportField] = "syslog"
	}
	raw, err := json.Marshal(entry)
	if err != nil {
		return nil
	}
	return raw
}

// numbersOf returns text as journalctl prints what is not UTF-8: JSON would not keep its bytes.
func numbersOf(text string) []int {
	numbers := make([]int, len(text))
	for i := range len(text) {
		numbers[i] = int(text[i])
	}
	return numbers
}

// kmsgLine returns what Fluent Bit's in_kmsg made of a record of /dev/kmsg. It masks the facility off, so that
// nothing shows who wrote the line.
func kmsgLine(m pcommon.Map, text []byte) *format.Line {
	l := &format.Line{
		Text:     format.UnescapeKmsg(append([]byte(nil), text...)),
		Format:   format.Kmsg,
		Level:    -1,
		Facility: -1,
	}
	if n, ok := number(m, "priority"); ok && n >= 0 && n <= 7 {
		l.Level = int8(n)
	}
	if n, ok := number(m, "sequence"); ok && n >= 0 {
		l.Sequence, l.HasSequence = uint64(n), true
	}
	sec, hasSec := number(m, "sec")
	usec, hasUsec := number(m, "usec")
	const maxSec = 1 << 32 // 136 years of uptime
	if hasSec && hasUsec && sec >= 0 && sec < maxSec && usec >= 0 && usec < 1e6 {
		l.Uptime, l.HasUptime = sec*1e6+usec, true
	}
	return l
}

// number returns an int field of a map.
func number(m pcommon.Map, name string) (int64, bool) {
	v, ok := m.Get(name)
	if !ok || v.Type() != pcommon.ValueTypeInt {
		return 0, false
	}
	return v.Int(), true
}
