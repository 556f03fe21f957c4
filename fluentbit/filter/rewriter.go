// SPDX-License-Identifier: Apache-2.0

package filter

// rewriter makes a new chunk out of an old one by leaving events out and putting events in. What
// passes is copied in long runs, and nothing at all is copied when nothing changes.
type rewriter struct {
	in      []byte
	out     []byte
	copied  int // how much of in is dealt with
	changed bool
}

// upTo copies what passes, up to an offset of in.
func (r *rewriter) upTo(offset int) {
	if !r.changed {
		r.out = make([]byte, 0, len(r.in)+len(r.in)/8+4096)
		r.changed = true
	}
	r.out = append(r.out, r.in[r.copied:offset]...)
	r.copied = offset
}

// drop leaves in[from:to] out.
func (r *rewriter) drop(from, to int) {
	r.upTo(from)
	r.copied = to
}

// replace puts a value in the place of old, which is a part of in.
func (r *rewriter) replace(old, value []byte) {
	at := cap(r.in) - cap(old) // a part of a slice keeps all that is behind it
	r.drop(at, at+len(old))
	r.out = append(r.out, value...)
}

// insert puts events in at an offset, and empties them.
func (r *rewriter) insert(offset int, events *[]byte) {
	if len(*events) == 0 {
		return
	}
	r.upTo(offset)
	r.out = append(r.out, *events...)
	*events = (*events)[:0]
}

// result returns the new chunk, or that there is none.
func (r *rewriter) result() (out []byte, modified bool) {
	if !r.changed {
		return nil, false
	}
	r.upTo(len(r.in))
	return r.out, true
}
