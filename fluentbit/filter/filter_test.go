// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// A small report, as a kernel of today prints it.
const (
	head  = "app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	usage = "memory: usage 32768kB, limit 32768kB, failcnt 80"
	which = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/limited,task_memcg=/limited,task=app,pid=42,uid=0"
	kill  = "Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
	noise = "usb 1-1: new high-speed USB device"
)

var reportLines = []string{head, usage, which, kill}

// newFilter makes an instance with a configuration and a clock that stands still; lines is what it
// logged.
func newFilter(t testing.TB, config ...string) (f *Filter, lines *[]string) {
	t.Helper()
	lines = new([]string)
	f, err := Start("test", pairs(config).get, pairs(config).keys(), func(level Level, line string) {
		*lines = append(*lines, fmt.Sprintf("%d %s", level, line))
	})
	if err != nil {
		t.Fatal(err)
	}
	f.now = func() time.Time { return fbtest.Boot }
	return f, lines
}

// kmsg makes a record of /dev/kmsg; sequence is also its time in seconds.
func kmsg(sequence int64, text string) fbtest.Kmsg {
	level := int64(4)
	if strings.Contains(text, "Killed process") {
		level = 3 // every kernel prints its kill lines as errors
	}
	return fbtest.Kmsg{Priority: level, Sequence: sequence, Usec: sequence * 1e6, Text: text}
}

// inKmsg makes the events of consecutive texts.
func inKmsg(first int64, texts ...string) []fbtest.Event {
	var events []fbtest.Event
	for i, text := range texts {
		events = append(events, kmsg(first+int64(i), text).InKmsg())
	}
	return events
}

// run gives a filter a chunk and returns what comes out of it: the chunk itself where it is not
// touched.
func run(t testing.TB, f *Filter, tag string, events ...fbtest.Event) []fbtest.Decoded {
	t.Helper()
	return runFrom(t, f, "", tag, events...)
}

// runFrom is run for a chunk of an input that the host names.
func runFrom(t testing.TB, f *Filter, input, tag string, events ...fbtest.Event) []fbtest.Decoded {
	t.Helper()
	chunk := fbtest.Chunk(events...)
	before := bytes.Clone(chunk)
	out, modified := f.RunFrom(input, []byte(tag), chunk)
	if !bytes.Equal(chunk, before) {
		t.Fatal("the filter changed its input")
	}
	if !modified {
		out = chunk
	}
	decoded, err := fbtest.Decode(out)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// brief writes events as one word each: the event's name for a record of ours, the text for any
// other.
func brief(events []fbtest.Decoded) []string {
	words := []string{}
	for _, e := range events {
		word := fmt.Sprint(e.Record["msg"])
		if oom, ok := e.Record["oom"].(map[string]any); ok {
			word = fmt.Sprint(oom["event_name"])
		}
		words = append(words, word)
	}
	return words
}

// oomOf returns the map oom of the only record of ours among events.
func oomOf(t testing.TB, events []fbtest.Decoded) (oom map[string]any, at fbtest.Decoded) {
	t.Helper()
	for _, e := range events {
		if m, ok := e.Record["oom"].(map[string]any); ok {
			if oom != nil {
				t.Fatal("more than one record")
			}
			oom, at = m, e
		}
	}
	if oom == nil {
		t.Fatal("no record")
	}
	return oom, at
}

func TestModes(t *testing.T) {
	tests := []struct {
		mode string
		want []string
	}{
		{"append", []string{noise, head, usage, noise, which, kill, "oom.kill", noise}},
		{"replace", []string{noise, noise, "oom.kill", noise}},
		{"only", []string{"oom.kill"}},
	}
	for _, test := range tests {
		f, _ := newFilter(t, "Mode", test.mode)
		got := brief(run(t, f, "kernel", inKmsg(1, noise, head, usage, noise, which, kill, noise)...))
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %q\nwant %q", test.mode, got, test.want)
		}
	}
}

// TestReplaceWithoutHead: a line of a report whose head was not seen is not dropped.
func TestReplaceWithoutHead(t *testing.T) {
	f, _ := newFilter(t, "Mode", "replace")
	got := brief(run(t, f, "kernel", inKmsg(1, noise, usage, which, kill)...))
	if want := []string{noise, usage, which, kill, "oom.kill"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReplaceGivesBack: a report that ends without a kill gives one record, which holds what was
// dropped. A kill's record does not, unless it was asked for.
func TestReplaceGivesBack(t *testing.T) {
	f, _ := newFilter(t, "Mode", "replace")
	events := run(t, f, "kernel", inKmsg(1, head, usage)...)
	if len(events) != 0 {
		t.Fatalf("%d events of an open report pass", len(events))
	}
	oom, _ := oomOf(t, run(t, f, "kernel", inKmsg(20, noise)...))
	if original, _ := oom["record_original"].(string); oom["event_name"] != "oom.unresolved" || !strings.Contains(original, head) || !strings.Contains(original, usage) {
		t.Errorf("got %v", oom)
	}
	oom, _ = oomOf(t, run(t, f, "kernel", inKmsg(30, reportLines...)...))
	if oom["record_original"] != nil {
		t.Errorf("the record of a kill holds its lines, which nobody asked for: %v", oom["record_original"])
	}
	f, _ = newFilter(t, "Mode", "replace", "Include_Original", "on")
	oom, _ = oomOf(t, run(t, f, "kernel", inKmsg(30, reportLines...)...))
	if original, _ := oom["record_original"].(string); !strings.Contains(original, kill) {
		t.Errorf("the record of a kill does not hold its lines: %v", oom)
	}
}

// TestTimeAndMetadata: a record has the time of the kill line, stands right behind it with its
// mark, whatever form the others have, and what passes keeps its bytes.
func TestTimeAndMetadata(t *testing.T) {
	for _, old := range []bool{false, true} {
		f, _ := newFilter(t)
		events := inKmsg(7, append(reportLines, noise)...)
		for i := range events {
			events[i].Old = old
		}
		out := run(t, f, "kernel", events...)
		_, record := oomOf(t, out)
		if want := kmsg(10, "").At(); !record.Time.Equal(want) {
			t.Errorf("the record's time is %v, want %v", record.Time, want)
		}
		if want := map[string]any{"oomtrail": []byte("2")}; !reflect.DeepEqual(record.Metadata, want) {
			t.Errorf("the record has the metadata %v, want %v", record.Metadata, want)
		}
		var passed []byte
		for _, e := range out {
			if e.Record["oom"] == nil {
				passed = append(passed, e.Raw...)
			}
		}
		if !bytes.Equal(passed, fbtest.Chunk(events...)) {
			t.Error("what passes is not what came")
		}
	}
}

// TestOursPass: a record of ours, in any form, passes untouched through every mode, and is no line
// of a report.
func TestOursPass(t *testing.T) {
	for _, format := range []string{"oom", "flat", "ecs"} {
		first, _ := newFilter(t, "Mode", "only", "Format", format, "Include_Original", "on")
		chunk, _ := first.Run([]byte("kernel"), fbtest.Chunk(inKmsg(1, reportLines...)...))
		for _, mode := range []string{"append", "replace", "only"} {
			second, _ := newFilter(t, "Mode", mode)
			second.Run([]byte("kernel"), fbtest.Chunk(inKmsg(1, head)...)) // a report is open
			if out, modified := second.Run([]byte("kernel"), chunk); modified {
				t.Errorf("%s through %s: became %q", format, mode, out)
			}
			if second.count.passedOurs != 1 || second.count.kills != 0 {
				t.Errorf("%s through %s: %s", format, mode, &second.count)
			}
		}
	}
}

// TestGap: what the kernel's numbering shows to be lost inside a report is told in its record; what
// was only scanned is not lost.
func TestGap(t *testing.T) {
	f, _ := newFilter(t)
	gap := append(inKmsg(1, head, usage), inKmsg(8, which, kill)...)
	oom, _ := oomOf(t, run(t, f, "kernel", gap...))
	if oom["report_lost_records"] != int64(5) || oom["report_complete"] != false {
		t.Errorf("lost_records %v, complete %v; want 5, false", oom["report_lost_records"], oom["report_complete"])
	}
	run(t, f, "kernel", inKmsg(100, noise)...) // closes what is open
	run(t, f, "kernel", inKmsg(101, noise, noise)...)
	bare := strings.Replace(kill, "Memory cgroup out", "Out", 1)
	oom, _ = oomOf(t, run(t, f, "kernel", inKmsg(200, noise, bare)...))
	if oom["report_lost_records"] != nil {
		t.Errorf("lines that were scanned only count as lost: %v", oom["report_lost_records"])
	}
}

// TestTimeout: a report that gets no further line is closed by the stream's own time, and by the
// clock when the next chunk of its tag comes; never by another tag, under which its record would go
// astray.
func TestTimeout(t *testing.T) {
	later := fbtest.Boot.Add(time.Minute)
	t.Run("own time", func(t *testing.T) {
		f, _ := newFilter(t)
		run(t, f, "kernel", inKmsg(1, head, usage)...)
		events := run(t, f, "kernel", inKmsg(13, noise)...)
		if got, want := brief(events), []string{"oom.unresolved", noise}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("clock", func(t *testing.T) {
		f, _ := newFilter(t)
		run(t, f, "app", fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: "[    1.000000] " + head}}})
		other := fbtest.Event{Time: later, Record: []form.KV{{Key: "n", Value: int64(1)}}}
		f.now = func() time.Time { return later }
		if got := brief(run(t, f, "another", other)); len(got) != 1 {
			t.Errorf("another tag got %q", got)
		}
		if got, want := brief(run(t, f, "app", other)), []string{"<nil>", "oom.unresolved"}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestUntouched: a chunk without OOM text comes back as it is, undecoded and without an allocation,
// also while a report is open under another tag.
func TestUntouched(t *testing.T) {
	f, _ := newFilter(t)
	run(t, f, "kernel", inKmsg(1, head)...)
	chunk := []byte("this is no msgpack, so it cannot have been decoded")
	tag := []byte("app")
	f.Run(tag, chunk) // the tag is remembered the first time
	if n := testing.AllocsPerRun(100, func() {
		if out, modified := f.Run(tag, chunk); out != nil || modified {
			t.Fatal("touched")
		}
	}); n != 0 {
		t.Errorf("%v allocations a chunk, want 0", n)
	}
	if f.count.errors != 0 || f.count.untouched < 100 {
		t.Errorf("%s", &f.count)
	}
}

// TestAllocations: a line between those of an open report costs a copy of its text and no more than
// one allocation beside it.
func TestAllocations(t *testing.T) {
	f, _ := newFilter(t)
	run(t, f, "kernel", inKmsg(1, head)...)
	const lines = 200
	var events []fbtest.Event
	for range lines {
		events = append(events, kmsg(2, noise).InKmsg())
	}
	chunk, tag := fbtest.Chunk(events...), []byte("kernel")
	if n := testing.AllocsPerRun(5, func() { f.Run(tag, chunk) }); n > 2*lines+20 {
		t.Errorf("%v allocations for %d lines", n, lines)
	} else {
		t.Logf("%v allocations for %d lines", n, lines)
	}
}

// TestExit tells what was counted, and what was open.
func TestExit(t *testing.T) {
	f, lines := newFilter(t)
	run(t, f, "kernel", inKmsg(1, reportLines...)...)
	run(t, f, "kernel", inKmsg(20, head)...)
	f.Exit()
	got := strings.Join(*lines, "\n")
	for _, want := range []string{
		`3 version test: key=auto format=oom`,
		`4 chunks=1 bytes=`,
		`2 a report was still open at exit, no record of it was sent: `,
		`3 chunks=2 bytes=`,
		`reports=1 kills=1 other_records=0 partial=1 lost_records=0 dropped=0 passed_records=0 duplicates=0 errors=0`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the log does not say %q:\n%s", want, got)
		}
	}
}

// TestBrokenChunk: what is no log event passes as it is, with everything behind it, and is told
// once.
func TestBrokenChunk(t *testing.T) {
	f, lines := newFilter(t, "Mode", "only")
	whole := fbtest.Chunk(inKmsg(1, reportLines...)...)
	for range 2 {
		out, modified := f.Run([]byte("kernel"), append(bytes.Clone(whole), "\xc1 Killed process"...))
		if !modified || !bytes.HasSuffix(out, []byte("\xc1 Killed process")) {
			t.Errorf("got %q", out)
		}
	}
	if n := strings.Count(strings.Join(*lines, "\n"), "1 chunk of tag"); n != 1 || f.count.errors != 2 {
		t.Errorf("told %d times, counted %d", n, f.count.errors)
	}
}

// TestOneBadEvent: a value that is no event, wherever it stands, costs nothing but itself: it
// passes as it is, and is left out where nothing but records passes, since Fluent Bit reads no
// event behind it.
func TestOneBadEvent(t *testing.T) {
	good := fbtest.Chunk(inKmsg(1, noise)...)
	record := good[13:] // behind the two heads, the stamp and the empty metadata
	stamp := good[:12]
	bad := map[string][]byte{
		"a number":           {0xcd, 0xfe, 0xed},
		"a text":             []byte("\xaeKilled process"),
		"an array of three":  {0x93, 0x01, 0x80, 0x80},
		"no stamp":           append([]byte{0x92, 0xc0}, record...),
		"a head of three":    append([]byte{0x92, 0x93, 0x01, 0x80, 0x80}, record...),
		"a record of text":   append(bytes.Clone(good[:13]), "\xaeKilled process"...),
		"no metadata":        append(append(bytes.Clone(stamp), 0xc0), record...),
		"a negative number":  append([]byte{0x92, 0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0}, record...),
		"nested without end": append(append(bytes.Clone(good[:13]), 0x81, 0xa1, 'k'), append(bytes.Repeat([]byte{0x91}, 5000), 0xc0)...),
	}
	wants := map[string][]string{
		"append":  {head, usage, which, kill, "oom.kill"},
		"replace": {"oom.kill"},
		"only":    {"oom.kill"},
	}
	events := inKmsg(1, reportLines...)
	for name, value := range bad {
		for mode, want := range wants {
			for at := range len(events) + 1 {
				f, _ := newFilter(t, "Mode", mode)
				chunk := append(append(fbtest.Chunk(events[:at]...), value...), fbtest.Chunk(events[at:]...)...)
				out, modified := f.Run([]byte("kernel"), chunk)
				if !modified {
					t.Fatalf("%s: nothing was made of the chunk", name)
				}
				nested := name == "nested without end" // it is deep, but an event
				if i := bytes.Index(out, value); i >= 0 != (mode != "only") {
					t.Errorf("%s before event %d, %s: it passes: %v", name, at, mode, i >= 0)
				} else if i >= 0 {
					out = append(out[:i:i], out[i+len(value):]...)
				}
				decoded, err := fbtest.Decode(out)
				if err != nil {
					t.Fatal(err)
				}
				if got := brief(decoded); !reflect.DeepEqual(got, want) {
					t.Errorf("%s before event %d, %s: %q, want %q", name, at, mode, got, want)
				}
				if (f.count.errors == 1) == nested {
					t.Errorf("%s: %d errors are counted", name, f.count.errors)
				}
			}
		}
	}
}

// TestPanic: a defect of ours costs a chunk its records, not Fluent Bit its life.
func TestPanic(t *testing.T) {
	f, lines := newFilter(t)
	f.now = func() time.Time { panic("a defect") }
	chunk := fbtest.Chunk(inKmsg(1, reportLines...)...)
	for range 2 {
		if out, modified := f.Run([]byte("kernel"), chunk); out != nil || modified {
			t.Errorf("got %q, %v", out, modified)
		}
	}
	if n := strings.Count(strings.Join(*lines, "\n"), "this is a defect"); n != 1 || f.count.errors != 2 {
		t.Errorf("told %d times, counted %d", n, f.count.errors)
	}
	f.now = time.Now
	oomOf(t, run(t, f, "kernel", inKmsg(1, reportLines...)...))
}

// TestManyHosts: five thousand hosts, some with names of a megabyte, keep to a bounded number of
// streams.
func TestManyHosts(t *testing.T) {
	f, _ := newFilter(t, "Mode", "only")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 5_000 {
		host := fmt.Sprint("host-", i)
		if i%500 == 0 {
			host += strings.Repeat("x", 1<<20)
		}
		run(t, f, "gateway", kmsg(1, head).InKmsgOf(host))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n := f.streams.Len(); n != 4096 {
		t.Errorf("%d streams, want 4096", n)
	}
	if mb := (after.HeapAlloc - before.HeapAlloc) >> 20; mb > 200 {
		t.Errorf("%d MB for 4096 streams", mb)
	} else {
		t.Logf("%d MB for 4096 streams with an open report each", mb)
	}
	if got := int(f.count.others); got != 5_000-4096 {
		t.Errorf("%d records of streams that had to go, want %d", got, 5_000-4096)
	}
}
