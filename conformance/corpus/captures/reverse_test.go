// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// prefixes are what stands before a line in an everyday log, uptime after the machine's start.
var prefixes = map[string]func(uptime time.Duration) string{
	"one second": func(time.Duration) string { return "Nov 29 09:00:10 node7 kernel: " },
	"without a year": func(uptime time.Duration) string {
		return time.Date(2026, 12, 31, 23, 59, 50, 0, time.UTC).Add(uptime).Format(time.Stamp) + " node7 kernel: "
	},
	"dmesg -T": func(uptime time.Duration) string {
		return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC).Add(uptime).Format("[Mon Jan _2 15:04:05 2006] ")
	},
	"two kinds": func(uptime time.Duration) string {
		if uptime/time.Millisecond%2 == 0 {
			return "Nov 29 09:00:10 node7 kernel: "
		}
		return "2026-11-29T09:00:10+00:00 node7 kernel: "
	},
	"none": func(time.Duration) string { return "" },
}

// TestNewestFirst: a capture in everyday formats gives the same records whichever end of it comes
// first, and those of /dev/kmsg.
func TestNewestFirst(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, c := range list {
		for name, log := range allFormats(c) {
			t.Run(c.Name()+"/"+name, func(t *testing.T) {
				want := outline(t, log)
				records += len(want)
				for what, other := range map[string][]byte{
					"newest first":                 newestFirst(log),
					"newest first, with two lines": append(newestFirst(log), "one\ntwo\n"...),
				} {
					if got := outline(t, other); !slices.Equal(got, want) {
						t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
			})
		}
	}
	if records == 0 {
		t.Error("no records at all")
	}
}

// allFormats returns a capture in each format that was captured, and in everyday formats; each ends
// with a newline.
func allFormats(c *Capture) map[string][]byte {
	logs := map[string][]byte{}
	for name, log := range map[string][]byte{"kmsg": c.Kmsg, "syslog": c.Syslog, "journal": c.Journal} {
		if len(log) > 0 {
			logs[name] = append(bytes.TrimSuffix(bytes.Clone(log), []byte("\n")), '\n')
		}
	}
	for name, prefix := range prefixes {
		logs[name] = everyday(c.Kmsg, prefix)
	}
	return logs
}

// everyday writes the log of /dev/kmsg as another format.
func everyday(kmsg []byte, prefix func(time.Duration) string) (log []byte) {
	decoder := format.NewDecoder(report.Kmsg)
	for line := range bytes.Lines(kmsg) {
		decoder.Decode(bytes.TrimSuffix(line, []byte("\n")), func(l *format.Line) {
			for text := range strings.SplitSeq(string(l.Text), "\n") {
				log = fmt.Appendf(log, "%s%s\n", prefix(time.Duration(l.Uptime)*time.Microsecond), text)
			}
		})
	}
	return log
}

// TestNewestFirstExport: entries in export form stay whole, and are turned around.
func TestNewestFirstExport(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		var entries [][]byte
		decoder := format.NewDecoder(report.Kmsg)
		for line := range bytes.Lines(c.Kmsg) {
			decoder.Decode(bytes.TrimSuffix(line, []byte("\n")), func(l *format.Line) {
				glue := []byte("=")
				if bytes.ContainsAny(l.Text, "\n\t\x1b") {
					glue = binary.LittleEndian.AppendUint64([]byte("\n"), uint64(len(l.Text)))
				}
				entries = append(entries, fmt.Appendf(nil, "__CURSOR=s=1;i=%x\n__REALTIME_TIMESTAMP=%d\n_TRANSPORT=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=%d\nMESSAGE%s%s\n\n",
					l.Uptime, 1795942800000000+l.Uptime, l.Uptime, glue, l.Text))
			})
		}
		want := outline(t, bytes.Join(entries, nil))
		slices.Reverse(entries)
		if got := outline(t, bytes.Join(entries, nil)); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.Name(), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// newestFirst turns the lines of a log around.
func newestFirst(log []byte) (turned []byte) {
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	for _, line := range slices.Backward(lines) {
		turned = append(append(turned, line...), '\n')
	}
	return turned
}

// outline returns what the records of a log say of each report, sorted.
func outline(t *testing.T, log []byte) (lines []string) {
	t.Helper()
	reference := func() time.Time { return time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC) }
	err := parser.ReadAll(bytes.NewReader(log), parser.Options{Location: time.UTC, Reference: reference}, func(r *record.Record) error {
		pid, _ := r.Get("process.pid")
		complete, _ := r.Get("oom.report.complete")
		lines = append(lines, fmt.Sprint(r.Text("event.name"), " ", pid.Int64(), " ", r.Text("process.title"), " ", r.Text("oom.scope"),
			" ", complete, " ", r.Text("oom.cgroup.path")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}
