// SPDX-License-Identifier: Apache-2.0

package roster

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func every(string) bool { return true }

// all makes every stream that goes, or sheds, go and shed, and returns their names.
func all(r *Roster[string], next func() (*Entry[string], bool)) (names string) {
	for range 100 {
		e, shed := next()
		switch {
		case e == nil:
			return names
		case shed:
			names += e.Of + "- "
			r.Shed(e, need)
		default:
			names += e.Of + " "
			r.Remove(e)
		}
	}
	return names + "without end"
}

// TestNext: idle streams go before open ones, the least recently used first; of the open ones those
// of who has most.
func TestNext(t *testing.T) {
	var r Roster[string]
	hog, node := NewSender(nil), NewSender(nil)
	add := func(name string, from *Sender, open bool) *Entry[string] {
		e := r.Add(name, from)
		r.Set(e, open, 1)
		return e
	}
	add("n1", node, true)
	add("h1", hog, true)
	first := add("h2", hog, true)
	add("h3", hog, true)
	add("idle1", node, false)
	add("idle2", hog, false)
	add("n2", node, true)
	r.Use(first)
	got := all(&r, func() (*Entry[string], bool) { return r.Next(every), false })
	if want := "idle1 idle2 h1 n1 h3 n2 h2 "; got != want {
		t.Errorf("gone %s, want %s", got, want)
	}
	if r.Len() != 0 || r.Bytes() != 0 || r.AnyOpen() || hog.Streams() != 0 || node.Open() != 0 || hog.Bytes() != 0 {
		t.Errorf("%d streams left, %d bytes, %v %v", r.Len(), r.Bytes(), hog, node)
	}
}

// TestParent: senders of one connection count together, whatever they call themselves.
func TestParent(t *testing.T) {
	var r Roster[string]
	connection := NewSender(nil)
	node := NewSender(nil)
	r.Set(r.Add("n1", node), true, 100<<10)
	for i := range 3 {
		r.Set(r.Add(fmt.Sprint("h", i), NewSender(connection)), true, 40<<10)
	}
	r.Set(r.Add("n2", node), true, 10<<10)
	if e, shed := r.Relief(every, every); e.Of[0] != 'h' || !shed {
		t.Errorf("%s gives first, shed %v", e.Of, shed)
	}
	got := all(&r, func() (*Entry[string], bool) { return r.Next(every), false })
	if want := "h0 n1 h1 h2 n2 "; got != want {
		t.Errorf("gone %s, want %s", got, want)
	}
	if connection.Streams() != 0 || connection.Bytes() != 0 || connection.Open() != 0 {
		t.Errorf("%+v", connection)
	}
}

// TestRelief: who holds most gives first: the largest report sheds, once; then idle streams go;
// then open ones, unless they are to be kept.
func TestRelief(t *testing.T) {
	for _, keep := range []bool{false, true} {
		var r Roster[string]
		hog, node := NewSender(nil), NewSender(nil)
		add := func(name string, from *Sender, open bool, bytes int64) { r.Set(r.Add(name, from), open, bytes) }
		add("small", hog, true, need)
		add("idle", hog, false, need)
		add("large", hog, true, 1<<20)
		add("largest", hog, true, 2<<20)
		add("node", node, true, need+least)
		got := all(&r, func() (*Entry[string], bool) {
			return r.Relief(every, func(name string) bool { return !keep || name == "idle" })
		})
		want := "largest- large- idle small large node- largest node "
		if keep {
			want = "largest- large- idle node- "
		}
		if got != want {
			t.Errorf("keep %v: %s, want %s", keep, got, want)
		}
	}
	var r Roster[string]
	e := r.Add("busy", NewSender(nil))
	r.Set(e, true, 1<<20)
	if got, _ := r.Relief(func(string) bool { return false }, every); got != nil {
		t.Errorf("%s gives, which may not", got.Of)
	}
	r.Shed(e, need)
	r.Set(e, true, 3*need)
	if got, shed := r.Relief(every, every); got != e || !shed {
		t.Error("what has grown again since it shed does not shed again")
	}
}

// TestSums: whatever is done, the sums are those of what is there.
func TestSums(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var r Roster[int]
	top := NewSender(nil)
	senders := []*Sender{NewSender(nil), NewSender(top), NewSender(top)}
	entries := map[*Entry[int]]*Sender{}
	for i := range 10_000 {
		switch random.IntN(4) {
		case 0:
			from := senders[random.IntN(3)]
			entries[r.Add(i, from)] = from
		default:
			for e := range entries {
				switch random.IntN(4) {
				case 0:
					r.Remove(e)
					delete(entries, e)
				case 1:
					r.Use(e)
				case 2:
					r.Shed(e, random.Int64N(1<<20))
				default:
					r.Set(e, random.IntN(2) == 0, random.Int64N(1<<20))
				}
				break
			}
		}
	}
	want := map[*Sender]Sender{}
	var bytes int64
	for e, from := range entries {
		for s := from; s != nil; s = s.parent {
			w := want[s]
			w.streams++
			w.bytes += e.Bytes()
			if e.Open() {
				w.open++
			}
			want[s] = w
		}
		bytes += e.Bytes()
	}
	for _, s := range append(senders, top) {
		if w := want[s]; s.streams != w.streams || s.bytes != w.bytes || s.open != w.open {
			t.Errorf("counts %+v, want %+v", *s, w)
		}
	}
	if r.Len() != len(entries) || r.Bytes() != bytes {
		t.Errorf("%d streams, %d bytes; want %d, %d", r.Len(), r.Bytes(), len(entries), bytes)
	}
	open := 0
	r.EachOpen(func(e *Entry[int]) bool { open++; return true })
	if open != senders[0].open+top.open {
		t.Errorf("%d open, want %d", open, senders[0].open+top.open)
	}
}

// TestPast: the newest are remembered, as many as there is room for.
func TestPast(t *testing.T) {
	var p Past[int, string]
	if got := p.Get(1); got != "" {
		t.Error(got)
	}
	for i := range 3 * mostPast {
		p.Put(i, "old")
		p.Put(i, fmt.Sprint(i))
	}
	for i := range 3 * mostPast {
		want := ""
		if i >= 2*mostPast {
			want = fmt.Sprint(i)
		}
		if got := p.Get(i); got != want {
			t.Fatalf("%d: %q, want %q", i, got, want)
		}
	}
	if len(p.of) != mostPast || len(p.ring) != mostPast {
		t.Error(len(p.of), len(p.ring))
	}
}
