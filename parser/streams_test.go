// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// head and kill begin and end the smallest report that has both.
const (
	testHead = "6,1,1000000,-;app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	testKill = "3,2,1000100,-;Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
)

func newStreams(t *testing.T, limit int) *Streams {
	t.Helper()
	s, err := NewStreams(Options{}, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get returns the stream of a key, which comes from a sender of the same name.
func get(s *Streams, key string) *Stream { return s.Get([]byte(key), []byte(key)) }

// TestStreamsKeepState: each key has its own parser, and the same one each time.
func TestStreamsKeepState(t *testing.T) {
	s := newStreams(t, 0)
	a, b := get(s, "a"), get(s, "b")
	if a == b || a != get(s, "a") || s.Len() != 2 {
		t.Fatalf("two keys gave %p and %p, %d streams", a, b, s.Len())
	}
	a.Feed([]byte(testHead))
	if !a.Open() || b.Open() || !s.AnyOpen() || !s.AnyOpenFrom([]byte("a")) || s.AnyOpenFrom([]byte("b")) || s.AnyOpenFrom([]byte("c")) {
		t.Fatalf("a open %v, b open %v, any open %v; want true, false, true", a.Open(), b.Open(), s.AnyOpen())
	}
	if got := b.Feed([]byte(testKill)).Records; len(got) != 1 || got[0].Text("oom.trigger.name") != "" {
		t.Fatalf("b knows what a was told: %v", got)
	}
	if got := a.Feed([]byte(testKill)).Records; len(got) != 1 || got[0].Text("oom.trigger.name") != "app" {
		t.Fatalf("a forgot what it was told: %v", got)
	}
}

// TestStreamsEvict: the least recently used stream without an open report goes first; with none,
// the least recently used one, and what it held comes out.
func TestStreamsEvict(t *testing.T) {
	s := newStreams(t, 2)
	get(s, "open").Feed([]byte(testHead))
	get(s, "idle")
	get(s, "newest")
	if s.Len() != 2 || s.Lookup([]byte("idle")) != nil || !s.AnyOpen() || len(s.Evicted()) != 0 {
		t.Fatalf("%d streams, idle %v, any open %v", s.Len(), s.Lookup([]byte("idle")), s.AnyOpen())
	}

	get(s, "newest").Feed([]byte(testHead))
	get(s, "open") // used again, so newest is the oldest now
	get(s, "third")
	if s.Lookup([]byte("newest")) != nil || s.Lookup([]byte("open")) == nil {
		t.Fatal("the recently used stream went, not the other")
	}
	evicted := s.Evicted()
	if len(evicted) != 1 || evicted[0].Stream.Key != "newest" || len(evicted[0].Records) != 1 || len(s.Evicted()) != 0 {
		t.Fatalf("evicted %v", evicted)
	}
	r := evicted[0].Records[0]
	if complete, _ := r.Get("oom.report.complete"); r.Text("event.name") != "oom.unresolved" || complete.Bool() || r.Text("oom.report.missing") == "" {
		t.Errorf("evicted with %s, complete %v, missing %q", r.Text("event.name"), complete, r.Text("oom.report.missing"))
	}
}

// TestEvictionTellsAKillOnce: wherever in a report its stream has to go, all lines read, its kills
// are told once each, and nobody is said not to have been killed. What cannot be known to be whole
// is not said to be.
func TestEvictionTellsAKillOnce(t *testing.T) {
	files, _ := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	cuts := 0 // inside a report
	for _, name := range files {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
		run := func(cut int) (kills, others []string) {
			s := newStreams(t, 2)
			take := func(records []*Record) {
				for _, r := range records {
					if name := r.Text("event.name"); name == "oom.kill" {
						kills = append(kills, fmt.Sprint(r.Text("log.record.uid"), r.Text("process.title")))
					} else {
						others = append(others, name)
					}
				}
			}
			for i, line := range lines {
				if i == cut {
					for _, key := range []string{"x", "y"} {
						get(s, key).Feed([]byte(testHead)) // lines of two more hosts
					}
					for _, e := range s.Evicted() {
						take(e.Records)
					}
				}
				take(get(s, "host").Feed(bytes.Clone(line)).Records)
				s.Evicted() // of the two
			}
			if host := s.Lookup([]byte("host")); host != nil {
				take(host.Flush())
			}
			return kills, others
		}
		want, none := run(-1)
		for cut := 0; cut < len(lines); cut += 1 + len(lines)/100 {
			got, others := run(cut)
			if !slices.Equal(got, want) {
				t.Fatalf("%s:%d: %d kills, want %d", name, cut, len(got), len(want))
			}
			unresolved := 0
			others = slices.DeleteFunc(others, func(name string) bool {
				if name == "oom.unresolved" {
					unresolved++
				}
				return name == "oom.unresolved"
			})
			cuts += unresolved
			if !slices.Equal(others, none) || unresolved > 1 {
				t.Errorf("%s:%d: %v and %d unresolved, want %v", name, cut, others, unresolved, none)
			}
		}
	}
	if cuts < 1000 {
		t.Errorf("%d cuts", cuts)
	}
}

// TestSendersKeepTheirRoom: a sender of many open reports loses his own, not those of others.
func TestSendersKeepTheirRoom(t *testing.T) {
	s := newStreams(t, 100)
	for i := range 10 {
		get(s, fmt.Sprint("node", i)).Feed([]byte(testHead))
	}
	get(s, "idle")
	hostile := 0
	for i := range 1000 {
		s.Get(fmt.Appendf(nil, "claim%d", i), []byte("hostile")).Feed([]byte(testHead))
		for _, e := range s.Evicted() {
			if e.Stream.Sender != "hostile" {
				t.Fatalf("%s had to go", e.Stream.Key)
			}
			hostile++
		}
	}
	if hostile != 910 || s.Len() != 100 || s.Lookup([]byte("idle")) != nil {
		t.Errorf("%d of his went, %d streams", hostile, s.Len())
	}
	for i := range 10 {
		if got := get(s, fmt.Sprint("node", i)).Feed([]byte(testKill)).Records; len(got) != 1 || got[0].Text("oom.trigger.name") != "app" {
			t.Errorf("node%d lost its report", i)
		}
	}
}

// TestStreamsFlushAll: every open report is closed, in the order of the keys.
func TestStreamsFlushAll(t *testing.T) {
	s := newStreams(t, 0)
	for _, key := range []string{"b", "c", "a"} {
		get(s, key).Feed([]byte(testHead))
	}
	get(s, "idle")
	var keys string
	s.EachOpen(func(stream *Stream) bool { return stream.Key != "b" }, func(stream *Stream) { keys += stream.Key })
	if keys != "ac" {
		t.Errorf("open streams %q, want ac", keys)
	}
	if got := s.FlushAll(); len(got) != 3 || s.AnyOpen() {
		t.Errorf("%d records, any open %v; want 3, false", len(got), s.AnyOpen())
	}
}

// TestStreamsLookupAllocates: finding a known stream is free.
func TestStreamsLookupAllocates(t *testing.T) {
	s := newStreams(t, 0)
	keys := make([][]byte, 100)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "host-%d", i)
		s.Get(keys[i], keys[i])
	}
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		key := keys[i%100]
		s.Get(key, key)
		s.Lookup(key)
		s.AnyOpenFrom(key)
		s.Evicted()
		i++
	}); n != 0 {
		t.Errorf("%v allocations a lookup, want 0", n)
	}
}

// TestSkip: lines that were scanned and not fed are no loss, and the stream had begun before the
// next one.
func TestSkip(t *testing.T) {
	const bare = "3,500,9000100,-;Out of memory: Killed process 43 (b) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
	for _, skip := range []bool{false, true} {
		p, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		p.Feed([]byte(testKill))
		p.Flush()
		if skip {
			p.Skip()
		}
		r := p.Feed([]byte(bare)).Records[0]
		lost, ok := r.Get("oom.report.lost_records")
		if ok == skip {
			t.Errorf("skip %v: lost_records %d, present %v", skip, lost.Int64(), ok)
		}
	}
}
