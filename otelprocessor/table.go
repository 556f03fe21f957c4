// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/roster"
	"github.com/oomtrail/oomtrail/parser"
)

// sender is where the lines of one or more streams come from. It is guarded by the table.
type sender struct {
	key    senderKey
	peer   string // the address that its lines came from first, "" when it is not known
	place  *roster.Sender
	active int // streams that are open or in use
	newest streamKey
}

// target is where lines of a batch belong: a stream of a sender, which a peer sent, and its host, 0
// for none that has a name.
type target struct {
	sender senderKey
	peer   string
	host   streamKey
	names  []string
	isHost bool // the target is the evidence of a host
}

// table holds the streams, at most limit besides those in use, and as much memory as its share of
// the budget allows.
type table struct {
	limit  int
	share  *parser.Share
	active atomic.Int64 // streams that are open or in use, without hosts
	gone   atomic.Int64 // idle streams that made room for what others hold, since they were asked for

	mu      sync.RWMutex
	byKey   map[streamKey]*stream
	hosts   int // how many of them are the evidence of a host
	senders map[senderKey]*sender
	peers   map[string]*roster.Sender
	roster  roster.Roster[*stream]
	past    roster.Past[streamKey, *parser.Past]
}

func newTable(limit int) *table {
	return &table{
		limit: limit, byKey: make(map[streamKey]*stream), senders: make(map[senderKey]*sender), peers: make(map[string]*roster.Sender),
	}
}

// isActive reports whether a stream has a report open, or may have once the call that works on it
// is done.
func (t *table) isActive(key streamKey) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := t.byKey[key]
	return s != nil && (s.open || s.users > 0)
}

// isSenderActive reports whether a stream of a sender is active.
func (t *table) isSenderActive(key senderKey) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	from := t.senders[key]
	return from != nil && from.active > 0
}

// newestOf returns the stream that a sender's lines last belonged to.
func (t *table) newestOf(key senderKey) streamKey {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from := t.senders[key]; from != nil {
		return from.newest
	}
	return streamKey(key)
}

// pastOf returns what is remembered of a stream that is gone, nil for nothing.
func (t *table) pastOf(key streamKey) *parser.Past {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.past.Get(key)
}

// take locks the streams that a batch is for and the evidence of their hosts, making those that are
// new. They are locked in the order of their keys, so that two calls cannot wait for each other.
func (t *table) take(targets map[streamKey]target) []*stream {
	keys := slices.Sorted(maps.Keys(targets))
	streams := make([]*stream, 0, 2*len(keys))
	taken := make(map[streamKey]bool, 2*len(keys))
	take := func(key streamKey, to target) *stream {
		s := t.byKey[key]
		if s == nil {
			s = t.add(key, to)
			if !s.isHost {
				t.roster.Set(s.place, true, s.place.Bytes()) // as it will be, most likely
			}
		}
		if !taken[key] {
			taken[key] = true
			t.roster.Use(s.place)
			t.use(s)
			streams = append(streams, s)
		}
		return s
	}
	t.mu.Lock()
	for _, key := range keys {
		s := take(key, targets[key])
		if !s.isHost {
			s.sender.newest = key
		}
		if s.host != 0 {
			take(s.host, s.ofHost())
		}
	}
	t.mu.Unlock()
	slices.SortFunc(streams, func(a, b *stream) int { return cmp.Compare(a.key, b.key) })
	for _, s := range streams {
		s.mu.Lock()
	}
	return streams
}

// takeSurplus locks the streams that are too many, in the order in which they have to go, when
// those of a batch are taken. None of them is in use, so that this never waits. Where it is the
// turn of a stream of the batch, it goes when the batch was read: see nextOf. locked are those that
// are too many and the evidence of their hosts.
func (t *table) takeSurplus(taken []*stream) (streams, locked []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.surplus(false) <= 0 && t.surplus(true) <= 0 {
		return nil, nil
	}
	own := make(map[*stream]bool, len(taken))
	for _, s := range taken {
		own[s] = true
	}
	for _, hosts := range [...]bool{false, true} {
		asked := maps.Clone(own)
		for range t.surplus(hosts) {
			e := t.roster.Next(func(s *stream) bool { return s.isHost == hosts && (asked[s] || !own[s] && t.mayGo(s, own)) })
			if e == nil {
				break
			}
			if asked[e.Of] {
				delete(asked, e.Of)
				continue
			}
			for _, s := range t.lock(e.Of, own) {
				own[s] = true
				locked = append(locked, s)
			}
			streams = append(streams, e.Of)
		}
	}
	return streams, locked
}

// surplus returns how many streams, or hosts, are too many.
func (t *table) surplus(hosts bool) int {
	if hosts {
		return t.hosts - t.limit
	}
	return len(t.byKey) - t.hosts - t.limit
}

// mayGo reports whether a stream that no call uses can go: nor does another call use the evidence
// of its host, which may have to take a kill. own are the streams of the call that asks.
func (t *table) mayGo(s *stream, own map[*stream]bool) bool {
	h := t.byKey[s.host]
	return unused(s) && (h == nil || unused(h) || own[h])
}

// unused reports whether no call works on a stream or waits for it. The caller holds mu.
func unused(s *stream) bool { return s.users == 0 }

// lock makes the caller, who holds mu, the user of a stream that may go, and of the evidence of its
// host where that is not the caller's own yet. It never waits. The evidence comes first.
func (t *table) lock(s *stream, own map[*stream]bool) (locked []*stream) {
	if s.host != 0 {
		h := t.byKey[s.host]
		if h == nil {
			h = t.add(s.host, s.ofHost())
		}
		if !own[h] {
			locked = append(locked, h)
		}
	}
	locked = append(locked, s)
	for _, s := range locked {
		t.use(s)
		s.mu.Lock()
	}
	return locked
}

// relieve makes one stream give memory back: it sheds, or it goes. Of the streams in use only those
// of the batch b can, nil for none; they do not go, since lines of theirs are still to be read. A
// stream with an open report goes as part of b: it is locked, and returned, behind the evidence of
// its host.
func (t *table) relieve(b *batch) (done bool, goes []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := b.streams()
	e, shed := t.roster.Relief(
		func(s *stream) bool { return unused(s) || own[s] && b.trialOf(s) != nil },
		func(s *stream) bool { return t.mayGo(s, own) && (!s.open || b != nil) })
	switch {
	case e == nil:
		return false, nil
	case shed && unused(e.Of):
		e.Of.shed()
		t.hold(e.Of, e.Of.size())
		t.roster.Shed(e, e.Bytes())
	case shed:
		t.hold(e.Of, b.shed(b.trialOf(e.Of)))
		t.roster.Shed(e, e.Bytes())
	case e.Of.open:
		return true, t.lock(e.Of, own)
	case e.Of.isHost:
		t.remove(e.Of)
	default:
		if past := e.Of.parser.Past(); past != nil {
			t.past.Put(e.Of.key, past)
		}
		t.gone.Add(1)
		t.remove(e.Of)
	}
	return true, nil
}

// nextOf returns the trial of a batch whose stream has to go first when there are too many streams,
// or hosts, besides those that go with the batch anyhow; nil when there are not or none can.
func (t *table) nextOf(b *batch, hosts bool) *trial {
	t.mu.Lock()
	defer t.mu.Unlock()
	evicted := int(b.evicted)
	if hosts {
		evicted = b.evictedHosts
	}
	if t.surplus(hosts) <= evicted {
		return nil
	}
	if e := t.roster.Next(func(s *stream) bool { return s.isHost == hosts && b.trialOf(s) != nil }); e != nil {
		return b.trialOf(e.Of)
	}
	return nil
}

// due returns the open streams that no call uses and that were fed nothing since then, and the
// hosts of which facts wait.
func (t *table) due(since time.Time) map[streamKey]target {
	t.mu.RLock()
	defer t.mu.RUnlock()
	due := make(map[streamKey]target)
	t.roster.EachOpen(func(e *roster.Entry[*stream]) bool {
		if s := e.Of; unused(s) && !s.fed.After(since) {
			due[s.key] = s.target()
		}
		return true
	})
	return due
}

// waiting returns the streams that no call uses and in which lines wait since then or longer, and
// whose they are.
func (t *table) waiting(since time.Time) map[streamKey]target {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := make(map[streamKey]target)
	t.roster.EachOpen(func(e *roster.Entry[*stream]) bool {
		if s := e.Of; unused(s) && !s.held.IsZero() && !s.held.After(since) {
			found[s.key] = s.target()
		}
		return true
	})
	return found
}

// fedAfter reports whether a report in s grew after then.
func (t *table) fedAfter(s *stream, then time.Time) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return s.fed.After(then)
}

// note says what a stream would be if the batch that works on it were accepted: whether a report is
// open in it, and what it holds with what the batch holds for it.
func (t *table) note(s *stream, open bool, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roster.Set(s.place, open, s.place.Bytes())
	t.hold(s, bytes)
}

// release gives a stream back as it was accepted. fed is when a report in it last grew, zero for no
// news; gone drops it, as does a first batch that was not accepted, and past is what is remembered
// of it then.
func (t *table) release(s *stream, fed time.Time, gone bool, past *parser.Past) {
	if gone {
		s.parser, s.evidence, s.window = nil, nil, window{}
	}
	if s.isGone() || !s.reports() {
		s.resource, s.when = pcommon.Map{}, logged{}
	}
	if s.parser != nil && !s.isOpen() {
		s.parser.Trim()
	}
	open, held, size := s.isOpen(), s.window.since(), s.size()
	s.mu.Unlock()

	t.mu.Lock()
	defer t.mu.Unlock()
	s.users--
	if s.users == 0 { // another call may have had the stream since, and given it back before
		open, held, size = s.isOpen(), s.window.since(), s.size()
	}
	s.open, s.held = open, held
	if !fed.IsZero() {
		s.fed = fed
	}
	if s.users == 0 && !s.open && !s.isHost {
		t.active.Add(-1)
		s.sender.active--
	}
	if past != nil {
		t.past.Put(s.key, past)
	}
	t.roster.Set(s.place, open, s.place.Bytes())
	t.hold(s, size)
	if s.users == 0 && s.isGone() {
		t.remove(s)
	}
}

// len returns how many streams are held.
func (t *table) len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.byKey) - t.hosts
}

// add makes a stream. The caller holds mu, as do those of the next three.
func (t *table) add(key streamKey, to target) *stream {
	from := t.senders[to.sender]
	if from == nil {
		from = &sender{key: to.sender, peer: to.peer, place: roster.NewSender(t.peer(to.peer))}
		t.senders[to.sender] = from
	}
	s := &stream{key: key, sender: from, host: to.host, names: to.names, isHost: to.isHost}
	s.place = t.roster.Add(s, from.place)
	t.byKey[key] = s
	if s.isHost {
		t.hosts++
	}
	t.hold(s, s.size())
	return s
}

// peer returns who sends from an address, nil where that is not known.
func (t *table) peer(address string) *roster.Sender {
	if address == "" {
		return nil
	}
	p := t.peers[address]
	if p == nil {
		p = roster.NewSender(nil)
		t.peers[address] = p
	}
	return p
}

// use counts a user in.
func (t *table) use(s *stream) {
	if s.users == 0 && !s.open && !s.isHost {
		t.active.Add(1)
		s.sender.active++
	}
	s.users++
}

// hold counts what a stream holds.
func (t *table) hold(s *stream, bytes int64) {
	t.share.Add(bytes - s.place.Bytes())
	t.roster.Set(s.place, s.place.Open(), bytes)
}

// remove drops a stream, and its sender and its peer when it was the last one.
func (t *table) remove(s *stream) {
	t.hold(s, 0)
	t.roster.Remove(s.place)
	delete(t.byKey, s.key)
	if s.isHost {
		t.hosts--
	}
	from := s.sender
	if from.place.Streams() > 0 {
		return
	}
	delete(t.senders, from.key)
	if p := t.peers[from.peer]; p != nil && p.Streams() == 0 {
		delete(t.peers, from.peer)
	}
}
