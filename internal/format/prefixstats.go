// SPDX-License-Identifier: Apache-2.0

package format

// form is a shape of prefix that a name can be crafted to look like.
type form uint8

const (
	formUnset form = iota
	// formStamp is a timestamp, then the text.
	formStamp
	// formCaller is a timestamp, a space, a caller, then the text (dmesg of util-linux 2.41 on).
	formCaller
	// formVendor is a timestamp, what a maker's kernel adds, then the text: see [vendorCaller].
	formVendor
	// formHost is a timestamp, a host, a tag, then the text (journalctl -o short-monotonic).
	formHost
	// formTagged is the same without a host (--no-hostname).
	formTagged
	// formBare is a line without a timestamp.
	formBare
	// formPriority is a line without a timestamp after a priority (printk.time=0).
	formPriority
	// formTag is a line without a timestamp after "kernel: ".
	formTag
	// formHostTag is a line without a timestamp after "host kernel: ".
	formHostTag
	// formNames is a line without a timestamp after the names of dmesg -x.
	formNames
	// formShort is a line after a timestamp that is narrower than the kernel prints it, as
	// text looks whose spaces were folded.
	formShort
	// formGrep is a timestamp after a file name or line number that grep prints.
	formGrep
)

// remembered is for how many input lines a form is remembered.
const remembered = 16

// change is how often a form must be seen before others are doubted, and another one
// in a row before it is believed. A crafted name stands at the start of at most two lines in a
// row: "NAME invoked oom-killer" and "NAME cpuset=".
const change = 3

// prefixStats remembers which of two ambiguous forms the lines of a stream have, so
// that a process called "<0>x" or "[    T1] x" keeps its name.
type prefixStats struct {
	// stamped is what follows a kernel timestamp at the start of a line, unprefixed how lines
	// without one begin. tagged is how texts after a tag or a priority begin, caller what follows a
	// timestamp after a tag.
	stamped, unprefixed, tagged, caller formVote
}

// fullStamp is the least length of the kernel's own "[%5lu.%06lu]".
const fullStamp = len("[    1.234567]")

// stampAfterTag reads a kernel timestamp after a tag or a priority and returns its length, 0 also
// for a crafted name: after these, the other lines show whether there is a timestamp.
func (h *prefixStats) stampAfterTag(b []byte, line int) (usec int64, n int) {
	usec, n = kernelStamp(b)
	return usec, h.tagged.doubtShort(n, line)
}

// doubtShort returns n, the length of a timestamp, or 0 when the timestamp is narrower than the
// kernel's and the stream's other lines have none such.
func (u *formVote) doubtShort(n, line int) int {
	switch {
	case n == 0:
		u.accept(formBare, formBare, line)
	case n < fullStamp && u.accept(formShort, formBare, line) != formShort:
		return 0
	}
	return n
}

// formVote is what forms the newest lines had that could have several. It depends on the last
// [remembered] lines of the input and on nothing else, so that it makes no difference whether lines
// before those were read or passed over.
type formVote struct {
	// seen are the newest lines with one of the forms, as a ring; the newest is seen[last].
	seen [remembered]sighting
	last uint8
	// pure is the number of the line from which on all that are remembered have the form of the
	// newest.
	pure int
}

// sighting is a form and the number of the line that had it.
type sighting struct {
	line int
	form form
}

// accept takes the form that a line seems to have and returns the one to believe: f, or plain when
// the stream's other lines do not have it. line is its number. Call it once for a line.
func (u *formVote) accept(f, plain form, line int) form {
	newest := u.seen[u.last].form
	if newest != f && newest != formUnset {
		u.pure = line + remembered
	}
	believed := f
	if line <= u.pure {
		if k := u.known(line); !k.add(f) {
			believed = plain
		}
	}
	u.last = (u.last + 1) % remembered
	u.seen[u.last] = sighting{line, f}
	return believed
}

// settled reports whether the lines before the one with that number are known to have form f.
func (u *formVote) settled(f form, line int) bool {
	if u.pure < line { // all have one form: so many of them show it
		s := &u.seen[(u.last+remembered-change+1)%remembered]
		return u.seen[u.last].form == f && s.form != formUnset && s.line >= line-remembered
	}
	k := u.known(line)
	return k.form == f && k.seen >= change
}

// known goes through what is remembered when the line with that number is read.
func (u *formVote) known(line int) (k knowledge) {
	for i := range remembered {
		if s := &u.seen[(int(u.last)+1+i)%remembered]; s.form != formUnset && s.line >= line-remembered {
			k.add(s.form)
		}
	}
	return k
}

// knowledge is the form that lines are believed to have.
type knowledge struct {
	form, rival form
	// seen counts lines with form up to change, rivals those with rival in a row.
	seen, rivals uint8
}

// add takes the form of one more line and reports whether it is believed.
func (k *knowledge) add(f form) bool {
	if f == k.form {
		k.seen, k.rivals = min(k.seen+1, change), 0
		return true
	}
	if k.seen >= change {
		if k.rival != f {
			k.rival, k.rivals = f, 0
		}
		if k.rivals++; k.rivals < change {
			return false
		}
	}
	*k = knowledge{form: f, seen: 1}
	return true
}
