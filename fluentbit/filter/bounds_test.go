// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// real returns the events of a whole report, as a host's own in_kmsg makes them, and the record
// that comes of them.
func real(t *testing.T) (events []fbtest.Event, want map[string]any) {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/captures/6.12/a_global_anon/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range fbtest.ReadKmsg(raw) {
		events = append(events, k.InKmsgOf("real"))
	}
	f, _ := newFilter(t)
	want, _ = oomOf(t, run(t, f, "node", events...))
	if want["report_complete"] != true || want["tasks_top"] == nil {
		t.Fatalf("not whole to begin with: %v", want)
	}
	return events, want
}

// TestHostileGateway: what comes under one tag claims ten thousand hosts, holds reports open under
// all of them, some with giant tables, while a host's report comes in under another tag, event by
// event. The budget is held, and that host's kill is told whole.
func TestHostileGateway(t *testing.T) {
	events, want := real(t)
	const limit, claims = 16 << 20, 10_000
	row := func(i int) string {
		return fmt.Sprintf("[%7d]  1000 %7d     9385     8302     8144      158         0   110592        0             0 worker-%07d", i, i, i)
	}
	const table = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"
	for _, input := range []string{"kmsg", "syslog"} {
		t.Run(input, func(t *testing.T) {
			line := func(host string, i int, text string) fbtest.Event {
				if input == "kmsg" {
					return kmsg(int64(i), text).InKmsgOf(host)
				}
				return fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: "Nov 21 08:00:00 " + host + " kernel: [  100.000000] " + text}}}
			}
			before := heap()
			var budget parser.Budget
			f, lines := newFilter(t, "Max_Memory", "16MiB")
			f.Within(&budget)
			var told []map[string]any
			most, fed := int64(0), 0
			feed := func() {
				for _, e := range run(t, f, "node", events[fed]) {
					if oom, ok := e.Record["oom"].(map[string]any); ok {
						told = append(told, oom)
					}
				}
				fed++
			}
			for i := range claims {
				host := fmt.Sprint("claim-", i)
				chunk := []fbtest.Event{line(host, 1, head), line(host, 2, table)}
				rows := 0
				switch {
				case i%1000 == 500:
					rows = 20_000 // 3 MiB
				case i%10 == 0:
					rows = 200
				}
				for n := range rows {
					chunk = append(chunk, line(host, n+3, row(n)))
				}
				f.Run([]byte("hostile"), fbtest.Chunk(chunk...))
				if used := budget.Used(); used > limit {
					t.Fatalf("%d bytes are used", used)
				}
				if i%(claims/len(events)) == 0 && fed < len(events)-1 {
					feed()
				}
				if i%2000 == 1999 {
					most = max(most, heap()-before)
				}
			}
			for fed < len(events) {
				feed()
			}
			if len(told) != 1 || !reflect.DeepEqual(told[0], want) {
				t.Errorf("%d records of the real host, want %v, got %v", len(told), want, told)
			}
			t.Logf("%d KiB of the heap at most, %d KiB counted, %d streams, %s", most>>10, budget.Used()>>10, f.streams.Len(), &f.count)
			if most > limit+2<<20 { // what is remembered of streams that are gone, and of tags
				t.Errorf("%d KiB of the heap", most>>10)
			}
			if f.count.kills != 1 || f.count.evicted == 0 {
				t.Errorf("%s", &f.count)
			}
			if f.Exit(); budget.Used() != 0 {
				t.Errorf("%d bytes are used after the end", budget.Used())
			}
			if len(*lines) > 5000 {
				t.Errorf("%d log lines", len(*lines))
			}
		})
	}
}

// inFile makes the event of a line of a file that names its host.
func inFile(host string, second int, text string) fbtest.Event {
	at := fbtest.Boot.Add(time.Duration(second) * time.Second)
	line := fmt.Sprintf("%s %s kernel: [%5d.000000] %s", at.Format(time.Stamp), host, 100+second, text)
	return fbtest.Event{Time: at, Record: []form.KV{{Key: "log", Value: line}}}
}

// TestNoStreamForOtherLines: lines that are no part of a report make no stream, whatever they claim
// and whatever is open under their tag.
func TestNoStreamForOtherLines(t *testing.T) {
	f, _ := newFilter(t)
	run(t, f, "gateway", inFile("open", 0, head))
	base := f.streams.Len() // the report's, and the file's
	if base != 2 {
		t.Errorf("%d streams for one report", base)
	}
	for i := range 200 {
		run(t, f, "gateway", inFile(fmt.Sprint("host-", i), 1, noise), inFile(fmt.Sprint("word-", i), 1, "the app's own Killed process 7 words"))
		run(t, f, "gateway", kmsg(int64(i+1), noise).InKmsgOf(fmt.Sprint("kmsg-", i)))
		run(t, f, fmt.Sprint("tag-", i), fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: "Mem-Info and Out of memory, they say"}}})
	}
	if n := f.streams.Len(); n != base {
		t.Errorf("%d streams, want %d", n, base)
	}
	got := brief(run(t, f, "gateway", inFile("open", 2, usage), inFile("open", 2, which), inFile("open", 2, kill)))
	if want := "oom.kill"; got[len(got)-1] != want {
		t.Errorf("got %q, want %s at the end", got, want)
	}
}

// TestOpenHostOfAFile: of a file that names its hosts, the lines of a host whose report is open go
// on with it, also when nothing else is known of the file any more.
func TestOpenHostOfAFile(t *testing.T) {
	f, _ := newFilter(t)
	run(t, f, "gateway", inFile("open", 0, head))
	for key := range f.streams.All() {
		if s := f.streams.Lookup([]byte(key)); !s.Open() {
			f.streams.Drop(s)
		}
	}
	run(t, f, "gateway", inFile("open", 1, usage), inFile("other", 1, usage))
	oom, _ := oomOf(t, run(t, f, "gateway", inFile("open", 1, which), inFile("open", 1, kill)))
	if oom["cgroup_memory_limit"] == nil || oom["trigger_name"] != "app" {
		t.Errorf("lost a line or its head: %v", oom)
	}
}

// TestEviction: when a stream with an open report has to go, its kill is still told once, under its
// own tag, and nobody is said to have been spared.
func TestEviction(t *testing.T) {
	for _, mode := range []string{"append", "replace", "only"} {
		f, lines := newFilter(t, "Mode", mode)
		var err error
		if f.streams, err = parser.NewStreams(f.options, 2, f.share); err != nil {
			t.Fatal(err)
		}
		of := func(host string, first int64, texts ...string) (events []fbtest.Event) {
			for i, text := range texts {
				events = append(events, kmsg(first+int64(i), text).InKmsgOf(host))
			}
			return events
		}
		names := func(events []fbtest.Decoded) (names []string) {
			for _, word := range brief(events) {
				if strings.HasPrefix(word, "oom.") {
					names = append(names, word)
				}
			}
			return names
		}
		run(t, f, "a", of("a", 1, head, usage, which)...)
		if got := names(run(t, f, "b", append(of("x", 1, head), of("y", 1, head)...)...)); got != nil {
			t.Errorf("%s: under another tag: %q", mode, got)
		}
		got := run(t, f, "a", of("a", 4, kill, kill, noise)...)
		if want := []string{"oom.unresolved", "oom.kill"}; !slices.Equal(names(got), want) {
			t.Errorf("%s: %q, want %q", mode, names(got), want)
		}
		for _, e := range got {
			if oom, ok := e.Record["oom"].(map[string]any); ok {
				original, _ := oom["record_original"].(string)
				if gives := mode == "replace" && oom["event_name"] == "oom.unresolved"; gives != strings.Contains(original, usage) || oom["report_complete"] != false {
					t.Errorf("%s: %v", mode, oom)
				}
			}
		}
		if f.count.evicted != 2 {
			t.Errorf("%s", &f.count)
		}
		f.Exit()
		if log := strings.Join(*lines, "\n"); !strings.Contains(log, `a record of tag "b"`) {
			t.Errorf("%s", log)
		}
	}
}

// TestNestedStreamKeys: a map or an array tells no host.
func TestNestedStreamKeys(t *testing.T) {
	f, _ := newFilter(t, "Stream_Keys", "node,rack")
	event := func(seq int64, node any, text string) fbtest.Event {
		e := kmsg(seq, text).InKmsg()
		e.Record = append(e.Record, form.KV{Key: "node", Value: node}, form.KV{Key: "rack", Value: int64(7)})
		return e
	}
	for i := range int64(50) {
		nested := any([]string{fmt.Sprint(i)})
		if i%2 == 0 {
			nested = []form.KV{{Key: fmt.Sprint(i), Value: i}}
		}
		run(t, f, "t", event(i+1, nested, head))
	}
	if n := f.streams.Len(); n != 1 {
		t.Errorf("%d streams, want 1", n)
	}
	run(t, f, "t", event(1, "n1", head), event(1, int64(5), head))
	if n := f.streams.Len(); n != 3 {
		t.Errorf("%d streams, want 3", n)
	}
	auto, _ := newFilter(t)
	for i := range int64(50) {
		e := kmsg(i+1, head).InKmsg()
		e.Record = append(e.Record, form.KV{Key: "hostname", Value: []string{fmt.Sprint(i)}})
		run(t, auto, "t", e)
	}
	if n := auto.streams.Len(); n != 1 {
		t.Errorf("%d streams, want 1", n)
	}
}

// TestBudgetOfTwo: the instances of a process share one budget; one that holds much gives way to
// another.
func TestBudgetOfTwo(t *testing.T) {
	var budget parser.Budget
	hog, _ := newFilter(t, "Max_Memory", "4MiB")
	node, _ := newFilter(t)
	hog.Within(&budget)
	node.Within(&budget)
	table := func(rows int) []fbtest.Event {
		texts := []string{head, "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"}
		for i := range rows {
			texts = append(texts, fmt.Sprintf("[%7d]  1000 %7d     9385     8302     8144      158         0   110592        0             0 w", i, i))
		}
		return inKmsg(1, texts...)
	}
	run(t, hog, "kernel", table(20_000)...)
	run(t, node, "kernel", table(12_000)...)
	if used := budget.Used(); used > 4<<20 {
		t.Errorf("%d bytes are used", used)
	}
	oom, _ := oomOf(t, run(t, hog, "kernel", inKmsg(20_003, which, kill)...))
	if cut, _ := oom["report_truncated"].(string); oom["report_complete"] != false || !strings.Contains(cut, "tasks") {
		t.Errorf("the hog's: %v", oom)
	}
	oom, _ = oomOf(t, run(t, node, "kernel", inKmsg(12_003, which, kill)...))
	if oom["tasks_count"] != int64(12_000) || oom["report_truncated"] != nil {
		t.Errorf("the other's: truncated %v, %v rows", oom["report_truncated"], oom["tasks_count"])
	}
	hog.Exit()
	node.Exit()
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are used after the end", used)
	}
}
