// SPDX-License-Identifier: Apache-2.0

package output

import (
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser/record"
)

// event is one record on its way out, in the form that the filter gave it.
type event struct {
	// uid is the record's stable id, key what a store knows it by; "" where it has none.
	uid, key string
	// time is the kill line's time.
	time time.Time
	// message is the sentence for a person.
	message string
	// fields are all of the record, the message included.
	fields []form.KV
}

// newEvent makes an event of a record of ours.
func newEvent(fields []form.KV, at time.Time) event {
	e := event{time: at, fields: fields}
	e.uid, e.key = textOf(fields, "log.record.uid"), textOf(fields, "oom.record.key")
	if e.key == "" && e.uid != "" { // of a version that made none
		e.key = record.Key(e.uid, textOf(fields, "host.id"), textOf(fields, "host.name"), textOf(fields, "oom.log_host"))
	}
	for _, key := range []string{"message", "body"} {
		if text, found := get(fields, key).(string); found {
			e.message = text
			break
		}
	}
	return e
}

// name is what a line of log knows the event by.
func (e *event) name() string {
	if e.uid == "" {
		return strconv.Quote(words([]byte(e.message)))
	}
	return words([]byte(e.uid))
}

// text returns the text of an attribute, "" when it is absent or no text.
func (e *event) text(attribute string) string { return textOf(e.fields, attribute) }

// textOf returns the text of a record's attribute, "" when it is absent or no text.
func textOf(fields []form.KV, attribute string) string {
	text, _ := lookup(fields, attribute).(string)
	return text
}

// lookup returns the value of a record's attribute in whichever form the fields are, nil when it is
// absent.
func lookup(fields []form.KV, attribute string) any {
	for _, key := range form.Keys(attribute) {
		if v := get(fields, key); v != nil {
			return v
		}
	}
	if inner, ok := get(fields, "oom").([]form.KV); ok {
		return get(inner, form.ShortName(attribute))
	}
	return nil
}

// get returns the value of a key, as it stands or as a path into objects; nil when it is absent.
func get(fields []form.KV, key string) any {
	for i := range fields {
		if fields[i].Key == key {
			return fields[i].Value
		}
	}
	if head, rest, dotted := strings.Cut(key, "."); dotted {
		if inner, ok := get(fields, head).([]form.KV); ok {
			return get(inner, rest)
		}
	}
	return nil
}

// size is about how many bytes the event takes, in memory and on the wire.
func (e *event) size() int { return 64 + len(e.message) + valueSize(e.fields) }

func valueSize(value any) int {
	n := 16
	switch v := value.(type) {
	case string:
		n += len(v)
	case []any:
		for i := range v {
			n += valueSize(v[i])
		}
	case []form.KV:
		for i := range v {
			n += len(v[i].Key) + valueSize(v[i].Value)
		}
	}
	return n
}
