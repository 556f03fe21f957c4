// SPDX-License-Identifier: Apache-2.0

package filter

import "github.com/oomtrail/oomtrail/parser/record"

// mostLate is how many records wait at most for a chunk of their tag.
const mostLate = 1024

// late holds records of streams that had to make room while a chunk of another tag was filtered,
// under which they would go astray.
type late struct {
	all []lateRecord
	of  map[string]int // how many there are of a tag
}

// lateRecord is one of them, with the tag and the time that it goes out with.
type lateRecord struct {
	tag    string
	state  *stream
	record *record.Record
}

// add keeps a record; false when there are too many.
func (l *late) add(s *stream, r *record.Record) bool {
	if len(l.all) >= mostLate {
		return false
	}
	if l.of == nil {
		l.of = make(map[string]int)
	}
	l.all = append(l.all, lateRecord{s.tag, s, r})
	l.of[s.tag]++
	return true
}

// has reports whether records of a tag wait.
func (l *late) has(tag []byte) bool { return l.of[string(tag)] > 0 }

// take calls fn with the records of a tag, which wait no more.
func (l *late) take(tag []byte, fn func(*stream, *record.Record)) {
	if !l.has(tag) {
		return
	}
	kept := l.all[:0]
	for _, r := range l.all {
		if r.tag == string(tag) {
			fn(r.state, r.record)
		} else {
			kept = append(kept, r)
		}
	}
	clear(l.all[len(kept):])
	l.all = kept
	delete(l.of, string(tag))
}
