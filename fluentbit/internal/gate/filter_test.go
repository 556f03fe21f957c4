// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// startFilter starts a filter; log is what it logs.
func startFilter(t testing.TB, config map[string]string) (f *filter.Filter, log *[]string) {
	t.Helper()
	log = new([]string)
	f, err := filter.Start("test", func(key string) string { return config[key] }, nil, func(level filter.Level, line string) {
		*log = append(*log, fmt.Sprint(level, " ", line))
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, log
}

// traffic makes chunks under several tags: kernel logs with reports, some with lines lost, in
// pieces of any size, and other lines between them.
type traffic struct {
	r       *rand.Rand
	tags    []string
	streams map[string][]fbtest.Event
}

func newTraffic(t testing.TB, seed uint64) *traffic {
	t.Helper()
	traffic := &traffic{r: rand.New(rand.NewPCG(seed, 0)), tags: []string{"app", "app.other"}, streams: make(map[string][]fbtest.Event)}
	for _, name := range []string{"6.12/c_memcg_v2", "6.12/f_oomgroup", "6.12/e_service"} {
		raw, err := os.ReadFile("../../../testdata/captures/" + name + "/kmsg.raw")
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range fbtest.ReadKmsg(raw) {
			if seed%2 == 0 || traffic.r.IntN(4) > 0 {
				traffic.streams[name] = append(traffic.streams[name], k.InKmsg())
			}
		}
		traffic.tags = append(traffic.tags, name)
	}
	return traffic
}

func (t *traffic) next() (tag string, chunk []byte) {
	tag = t.tags[t.r.IntN(len(t.tags))]
	events := t.streams[tag]
	switch {
	case t.r.IntN(20) == 0:
		return tag, append(t.accessLog(), oneOfOurs()...)
	case t.r.IntN(20) == 0:
		return tag, append(t.accessLog(), fbtest.Chunk(fbtest.Event{Record: []form.KV{{Key: "oom.trust", Value: "verified"}}})...)
	case len(events) == 0 || t.r.IntN(8) == 0:
		return tag, t.accessLog()
	}
	n := min(len(events), 1+t.r.IntN(1<<max(0, t.r.IntN(16)-8)))
	t.streams[tag] = events[n:]
	chunk = fbtest.Chunk(events[:n]...)
	if t.r.IntN(50) == 0 {
		chunk = chunk[:t.r.IntN(len(chunk))]
	}
	return tag, chunk
}

func (t *traffic) accessLog() []byte {
	var events []fbtest.Event
	for range t.r.IntN(30) {
		events = append(events, fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: fmt.Sprintf("10.0.0.%d GET /", t.r.IntN(256))}}})
	}
	return fbtest.Chunk(events...)
}

// oneOfOurs is an event that looks like a record, without a word of the kernel's.
func oneOfOurs() []byte {
	return fbtest.Chunk(fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "event.name", Value: "oom.kill"}}})
}

// pair is a filter behind a gate beside the same filter alone.
type pair struct {
	gate            *Gate
	behind, alone   *filter.Filter
	gotLog, wantLog *[]string
	passed          int // chunks that the gate decided about
}

func newPair(t testing.TB, config map[string]string) *pair {
	t.Helper()
	var p pair
	p.alone, p.wantLog = startFilter(t, config)
	p.behind, p.gotLog = startFilter(t, config)
	p.gate = New(p.behind.GateKeys(), p.behind.KeepWord())
	t.Cleanup(p.gate.Free)
	p.behind.SetGate(p.gate)
	return &p
}

// give gives both a chunk and returns what becomes of it, which has to be the same.
func (p *pair) give(t testing.TB, tag string, chunk []byte) []byte {
	t.Helper()
	want, wantModified := p.alone.Run([]byte(tag), chunk)
	var got []byte
	var modified bool
	switch p.gate.try(tag, chunk) {
	case pass:
		p.passed++
	case drop:
		p.passed++
		modified = true
	default:
		got, modified = p.behind.Run([]byte(tag), chunk)
	}
	if modified != wantModified || !bytes.Equal(got, want) {
		t.Fatalf("a chunk of tag %s becomes (%v)\n%q\nand alone (%v)\n%q", tag, modified, got, wantModified, want)
	}
	return got
}

// exit ends both, which have to tell the same counters.
func (p *pair) exit(t testing.TB) {
	t.Helper()
	p.alone.Exit()
	p.behind.Exit()
	if !slices.Equal(*p.gotLog, *p.wantLog) {
		t.Fatalf("the log is\n%q\nand alone\n%q", *p.gotLog, *p.wantLog)
	}
}

// TestFilterBehindGate: with the gate before it a filter gives what it gives alone, chunk by chunk,
// and counts the same.
func TestFilterBehindGate(t *testing.T) {
	for _, mode := range []string{"append", "replace", "only"} {
		t.Run(mode, func(t *testing.T) {
			passed := 0
			for seed := range uint64(20) {
				p := newPair(t, map[string]string{"Mode": mode, "Format": "flat"})
				traffic := newTraffic(t, seed)
				for range 700 {
					tag, chunk := traffic.next()
					p.give(t, tag, chunk)
				}
				p.exit(t)
				passed += p.passed
			}
			if passed < 2000 {
				t.Errorf("the gate decided about %d chunks", passed)
			}
		})
	}
}

// TestHandedBackIsNotLost: the numbers of kernel records that the gate handed back are not missed
// by a kill line behind them.
func TestHandedBackIsNotLost(t *testing.T) {
	p := newPair(t, map[string]string{"Format": "flat"})
	kill := func(pid int) string {
		return fmt.Sprintf("Out of memory: Killed process %d (app) total-vm:100kB, anon-rss:50kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:44kB oom_score_adj:0", pid)
	}
	for i, text := range []string{"a line", "a line", kill(42), "a line", "a line", "a line", kill(43), "a line"} {
		at := int64(i) * 3600e6 // each line closes what is open
		out := p.give(t, "kernel", fbtest.Chunk(fbtest.Kmsg{Priority: 3, Sequence: int64(i), Usec: at, Text: text}.InKmsg()))
		if bytes.Contains(out, []byte("lost_records")) {
			t.Errorf("after %q a loss is told: %q", text, out)
		}
	}
	p.exit(t)
	if p.passed == 0 {
		t.Error("the gate handed nothing back")
	}
}
