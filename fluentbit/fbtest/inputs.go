// SPDX-License-Identifier: Apache-2.0

package fbtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/internal/format"
)

// Boot is when the machines of these tests were booted.
var Boot = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// Kmsg is one record of /dev/kmsg.
type Kmsg struct {
	Priority, Sequence, Usec int64
	// Text is everything behind the semicolon but the last newline: escapes and dictionary lines as
	// they come.
	Text string
}

// ReadKmsg splits what was read from /dev/kmsg into its records.
func ReadKmsg(raw []byte) []Kmsg {
	var records []Kmsg
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if bytes.HasPrefix(line, []byte(" ")) && len(records) > 0 {
			records[len(records)-1].Text += "\n" + string(line)
			continue
		}
		head, text, _ := strings.Cut(string(line), ";")
		f := strings.Split(head, ",")
		if len(f) < 3 {
			continue
		}
		var n [3]int64
		for i := range n {
			n[i], _ = strconv.ParseInt(f[i], 10, 64)
		}
		records = append(records, Kmsg{n[0], n[1], n[2], text})
	}
	return records
}

// At returns the wall time of the record.
func (k Kmsg) At() time.Time { return Boot.Add(time.Duration(k.Usec) * time.Microsecond) }

// plain returns the text as the kernel meant it.
func (k Kmsg) plain() string { return string(format.UnescapeKmsg([]byte(k.Text))) }

// InKmsg makes what in_kmsg makes of a record.
func (k Kmsg) InKmsg() Event {
	return Event{Time: k.At(), Record: []form.KV{
		{Key: "priority", Value: k.Priority & 7}, {Key: "sequence", Value: k.Sequence},
		{Key: "sec", Value: k.Usec / 1e6}, {Key: "usec", Value: k.Usec % 1e6}, {Key: "msg", Value: k.Text},
	}}
}

// InOwn makes what our input makes of a record, with Emit all, in a boot.
func (k Kmsg) InOwn(boot string) Event {
	e := k.InKmsg()
	e.Record = append(e.Record, form.KV{Key: "facility", Value: k.Priority >> 3}, form.KV{Key: "boot_id", Value: boot})
	return e
}

// Systemd are the options of in_systemd.
type Systemd struct{ Lowercase, StripUnderscores bool }

// Event makes what in_systemd makes of a record that journald read from /dev/kmsg.
func (s Systemd) Event(k Kmsg, host string) Event {
	fields := []form.KV{
		{Key: "_MACHINE_ID", Value: "m-" + host}, {Key: "_HOSTNAME", Value: host}, {Key: "_BOOT_ID", Value: "b-" + host},
		{Key: "_TRANSPORT", Value: "kernel"}, {Key: "PRIORITY", Value: strconv.FormatInt(k.Priority&7, 10)},
		{Key: "SYSLOG_FACILITY", Value: strconv.FormatInt(k.Priority>>3, 10)}, {Key: "SYSLOG_IDENTIFIER", Value: "kernel"},
		{Key: "_SOURCE_MONOTONIC_TIMESTAMP", Value: strconv.FormatInt(k.Usec, 10)},
		{Key: "MESSAGE", Value: k.plain()},
	}
	for i := range fields {
		if s.StripUnderscores {
			fields[i].Key = strings.TrimPrefix(fields[i].Key, "_")
		}
		if s.Lowercase {
			fields[i].Key = strings.ToLower(fields[i].Key)
		}
	}
	return Event{Time: k.At(), Record: fields}
}

// InSyslog makes what in_syslog makes, with the parser syslog-rfc3164, of a record that a host sent
// on.
func (k Kmsg) InSyslog(host string) Event {
	return Event{Time: k.At().Truncate(time.Second), Record: []form.KV{
		{Key: "pri", Value: strconv.FormatInt(k.Priority, 10)}, {Key: "time", Value: k.At().Format(time.Stamp)},
		{Key: "host", Value: host}, {Key: "ident", Value: "kernel"},
		{Key: "message", Value: fmt.Sprintf("[%5d.%06d] %s", k.Usec/1e6, k.Usec%1e6, k.plain())},
	}}
}

// InTail makes what in_tail makes of a line of /var/log/kern.log.
func (k Kmsg) InTail(host string) Event {
	return Event{Time: k.At(), Record: []form.KV{
		{Key: "log", Value: fmt.Sprintf("%s %s kernel: [%5d.%06d] %s", k.At().Format(time.Stamp), host, k.Usec/1e6, k.Usec%1e6, k.plain())},
	}}
}

// InKmsgOf makes what in_kmsg and a record_modifier that adds the host make of a record.
func (k Kmsg) InKmsgOf(host string) Event {
	e := k.InKmsg()
	e.Record = append(e.Record, form.KV{Key: "host", Value: host})
	return e
}

// WithPriority makes what an in_kmsg that does not mask the facility off would make of a record.
func (k Kmsg) WithPriority(priority int64) Event {
	e := k.InKmsg()
	e.Record[0].Value = priority
	return e
}

// InSystemd makes the event that in_systemd makes of a journal entry in JSON, whose fields are
// texts.
func InSystemd(entry []byte) (e Event, err error) {
	var fields map[string]any
	if err := json.Unmarshal(entry, &fields); err != nil {
		return e, err
	}
	for name, value := range fields {
		if text, ok := value.(string); ok && !strings.HasPrefix(name, "__") {
			e.Record = append(e.Record, form.KV{Key: name, Value: text})
		}
	}
	slices.SortFunc(e.Record, func(a, b form.KV) int { return strings.Compare(a.Key, b.Key) })
	at, _ := fields["__REALTIME_TIMESTAMP"].(string)
	micros, err := strconv.ParseInt(at, 10, 64)
	e.Time = time.UnixMicro(micros)
	return e, err
}
