// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

const key = "oom-kill"

func newGate(t testing.TB, keys ...string) *Gate {
	g := New(keys, "")
	t.Cleanup(g.Free)
	return g
}

// TestGate: only a chunk without a key under a quiet tag passes, and what passes is counted.
func TestGate(t *testing.T) {
	g := newGate(t, key)
	chunk, matters := []byte("GET / 200"), []byte("x oom-killer x")
	tags := []string{"", "a", "ab", "abcd", "abcde", "kube.var.log.containers.a", strings.Repeat("long", 1000)}
	for i, tag := range tags {
		if g.try(tag, chunk) == pass {
			t.Errorf("tag %.20q: passes before it is quiet", tag)
		}
		g.Set([]byte(tag), true)
		g.Set([]byte(tag), true)
		if g.try(tag, chunk) != pass || g.try(tag, nil) != pass || g.try(tag, matters) == pass {
			t.Errorf("tag %.20q: not as a quiet tag", tag)
		}
		for _, other := range append([]string{tag + "\x00", tag + "a", "b" + tag}, tags[i+1:]...) {
			if g.try(other, chunk) == pass {
				t.Errorf("tag %.20q passes for %.20q", other, tag)
			}
		}
		if chunks, bytes := g.Passed(); chunks != 2 || bytes != uint64(len(chunk)) {
			t.Errorf("%d chunks, %d bytes passed", chunks, bytes)
		}
	}
	for _, tag := range tags {
		g.Set([]byte(tag), false)
		g.Set([]byte(tag), false)
		if g.try(tag, chunk) == pass {
			t.Errorf("tag %.20q: passes though it is not quiet any more", tag)
		}
	}
	if chunks, bytes := g.Passed(); chunks != 0 || bytes != 0 {
		t.Errorf("%d chunks, %d bytes passed", chunks, bytes)
	}
}

// TestManyTags: three hundred tags, those of a large node, are all kept; of a hundred thousand most
// are put out, never another one passes, and a tag can be set again.
func TestManyTags(t *testing.T) {
	g := newGate(t, key)
	tag := func(i int) string { return fmt.Sprintf("kube.var.log.containers.pod-%d", i) }
	for i := range 100_000 {
		if g.try(tag(i), nil) == pass {
			t.Fatalf("tag %d passes before it is quiet", i)
		}
		g.Set([]byte(tag(i)), true)
		if g.try(tag(i), nil) != pass {
			t.Fatalf("tag %d does not pass", i)
		}
		if i == 299 {
			for j := range i {
				if g.try(tag(j), nil) != pass {
					t.Errorf("of 300 tags tag %d is not kept", j)
				}
			}
		}
	}
}

// TestThreads: no chunk is lost in the count, and a tag that is not quiet lets none through,
// whatever other threads do.
func TestThreads(t *testing.T) {
	g := newGate(t, key)
	g.Set([]byte("quiet"), true)
	const threads, times = 4, 20_000
	var passing sync.WaitGroup
	for range threads {
		passing.Go(func() {
			for range times {
				if g.try("quiet", []byte("0123456789")) != pass || g.try("open", []byte("0123456789")) == pass {
					t.Error("wrong")
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { passing.Wait(); close(done) }()
	var chunks, bytes uint64
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		g.Set([]byte("another"), chunks%2 == 0)
		c, b := g.Passed()
		chunks, bytes = chunks+c, bytes+b
	}
	if chunks != threads*times || bytes != 10*chunks {
		t.Errorf("%d chunks, %d bytes passed, want %d chunks of 10", chunks, bytes, threads*times)
	}
}
