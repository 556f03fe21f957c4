// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
)

// Gate decides about chunks before the filter gets them: a chunk without any of [Filter.GateKeys],
// under a quiet tag, passes. Where [Filter.KeepWord] names a word, such a chunk is dropped unless
// it holds the word.
type Gate interface {
	// Passed returns how many chunks and bytes the gate let pass or dropped since the last call.
	Passed() (chunks, bytes uint64)
	// Set says whether a tag is quiet. It is called by one goroutine at a time.
	Set(tag []byte, quiet bool)
}

// SetGate sets the gate of the filter. Call it before the first chunk comes.
//
// A tag is quiet when the filter has seen a chunk of it, since a stream that begins later has lines
// before it, and no stream under it holds an open report, which only a chunk of the same tag opens.
// A gate that lets a chunk through while another thread's chunk of the same tag opens a report has
// done what it does when that chunk comes first: which one does is the host's to say.
func (f *Filter) SetGate(g Gate) { f.gate = g }

// GateKeys returns the words, of eight ASCII characters each, of which a chunk has one when it may
// matter to the filter, whatever its tag.
func (f *Filter) GateKeys() []string {
	if f.settings.Mode == Only {
		return f.settings.search().Keys()
	}
	return append(f.settings.search().Keys(), logevent.Verified)
}

// KeepWord returns the word of four bytes that keeps an untouched chunk from being dropped in mode
// only, "" in others.
func (f *Filter) KeepWord() string {
	if f.settings.Mode == Only {
		return logevent.Word
	}
	return ""
}

// countPassed counts what the gate decided about as if it had come to the filter.
func (f *Filter) countPassed() {
	if f.gate == nil {
		return
	}
	chunks, bytes := f.gate.Passed()
	f.count.chunks += chunks
	f.count.bytes += bytes
	f.count.untouched += chunks
	f.denied += chunks
}

// setGate tells the gate what became of a tag.
func (f *Filter) setGate(tag []byte) {
	if f.gate != nil {
		f.gate.Set(tag, !f.openUnder(tag) && !f.waitsUnder(tag))
	}
}
