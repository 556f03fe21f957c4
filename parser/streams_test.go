package parser

import (
	"fmt"
	"testing"
)

// head and kill begin and end the smallest report that has both.
const (
	testHead = "6,1,1000000,-;app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	testKill = "3,2,1000100,-;Memory cgroup out of memory: Killed process 42 (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0"
)

func newStreams(t *testing.T, limit int) *Streams {
	t.Helper()
	s, err := NewStreams(Options{}, limit)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(s *Streams, key string) *Stream {
	stream, _ := s.Get([]byte(key))
	return stream
}

// TestStreamsKeepState: each key has its own parser, and the same one each time.
func TestStreamsKeepState(t *testing.T) {
	s := newStreams(t, 0)
	a, b := get(s, "a"), get(s, "b")
	if a == b || a != get(s, "a") || s.Len() != 2 {
		t.Fatalf("two keys gave %p and %p, %d streams", a, b, s.Len())
	}
	a.Feed([]byte(testHead))
	if !a.Open() || b.Open() || !s.AnyOpen() {
		t.Fatalf("a open %v, b open %v, any open %v; want true, false, true", a.Open(), b.Open(), s.AnyOpen())
	}
	if got := b.Feed([]byte(testKill)).Records; len(got) != 1 || got[0].Text("oom.trigger.name") != "" {
		t.Fatalf("b knows what a was told: %v", got)
	}
	if got := a.Feed([]byte(testKill)).Records; len(got) != 1 || got[0].Text("oom.trigger.name") != "app" {
		t.Fatalf("a forgot what it was told: %v", got)
	}
}

// TestStreamsEvict: the least recently used stream goes, and what it held comes out.
func TestStreamsEvict(t *testing.T) {
	s := newStreams(t, 2)
	get(s, "old").Feed([]byte(testHead))
	get(s, "new")
	_, evicted := s.Get([]byte("newest"))
	if s.Len() != 2 || s.Lookup([]byte("old")) != nil || s.AnyOpen() {
		t.Fatalf("%d streams, old %v, any open %v", s.Len(), s.Lookup([]byte("old")), s.AnyOpen())
	}
	if len(evicted) != 1 || evicted[0].Text("event.name") != "oom.no_victim" {
		t.Fatalf("evicted %v, want the no_victim record of the open report", evicted)
	}

	get(s, "new") // used again, so newest is the oldest now
	get(s, "third")
	if s.Lookup([]byte("newest")) != nil || s.Lookup([]byte("new")) == nil {
		t.Fatal("the recently used stream went, not the other")
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
	s.EachOpen(func(stream *Stream) { keys += stream.Key })
	if keys != "abc" {
		t.Errorf("open streams %q, want abc", keys)
	}
	if !s.AnyOpenWhere(func(stream *Stream) bool { return stream.Key == "b" }) || s.AnyOpenWhere(func(stream *Stream) bool { return stream.Key == "idle" }) {
		t.Error("AnyOpenWhere misses b, or takes idle for open")
	}
	if got := s.FlushAll(); len(got) != 3 || s.AnyOpen() {
		t.Errorf("%d records, any open %v; want 3, false", len(got), s.AnyOpen())
	}
}

// TestStreamsCommit: a clone that was fed becomes the stream's state, one that was not changes nothing.
func TestStreamsCommit(t *testing.T) {
	s := newStreams(t, 0)
	stream := get(s, "a")
	trial := stream.Clone()
	trial.Feed([]byte(testHead))
	if s.AnyOpen() {
		t.Fatal("a trial on a clone opened the stream")
	}
	stream.Commit(trial)
	if !s.AnyOpen() || !stream.Open() {
		t.Fatal("the committed clone is not the stream's state")
	}
}

// TestStreamsLookupAllocates: finding a known stream is free.
func TestStreamsLookupAllocates(t *testing.T) {
	s := newStreams(t, 0)
	keys := make([][]byte, 100)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "host-%d", i)
		s.Get(keys[i])
	}
	i := 0
	if n := testing.AllocsPerRun(1000, func() { s.Get(keys[i%100]); s.Lookup(keys[i%100]); i++ }); n != 0 {
		t.Errorf("%v allocations a lookup, want 0", n)
	}
}

// TestSkip: lines that were scanned and not fed are no loss, and the stream had begun before the next one.
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
