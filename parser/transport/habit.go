package transport

// form is a shape of prefix that a name can be crafted to look like.
type form uint8

const (
	formUnset form = iota
	// formStamp is a stamp, then the text.
	formStamp
	// formCaller is a stamp, a space, a caller, then the text (dmesg of util-linux 2.41 on).
	formCaller
	// formHost is a stamp, a host, a tag, then the text (journalctl -o short-monotonic).
	formHost
	// formTagged is the same without a host (--no-hostname).
	formTagged
	// formBare is a line without a stamp.
	formBare
	// formPriority is a line without a stamp behind a priority (printk.time=0).
	formPriority
	// formTag is a line without a stamp behind "kernel: ".
	formTag
	// formNames is a line without a stamp behind the names of dmesg -x.
	formNames
	// formShort is a line behind a stamp that is narrower than the kernel prints it, as
	// text looks whose blanks were folded.
	formShort
	// formGrep is a stamp behind a file name or line number of grep's.
	formGrep
)

// change is how often a form must be seen before others are doubted, and another one
// in a row before it is believed. A crafted name stands at the start of at most two lines in a
// row: "NAME invoked oom-killer" and "NAME cpuset=".
const change = 3

// habit remembers which of two ambiguous forms the lines of a stream have, so
// that a process called "<0>x" or "[    T1] x" keeps its name.
type habit struct {
	// stamped is what follows a kernel stamp at the start of a line, bare how lines without
	// one begin, behind how texts behind a tag or a priority begin, caller what follows a stamp behind a tag.
	stamped, bare, behind, caller usage
}

// fullStamp is the least length of the kernel's own "[%5lu.%06lu]".
const fullStamp = len("[    1.234567]")

// stampBehind reads a kernel stamp behind a tag or a priority and returns its
// length, 0 also for a crafted name: behind these, the other lines tell whether there is a stamp.
func (h *habit) stampBehind(b []byte) (usec int64, n int) {
	usec, n = kernelStamp(b)
	return usec, h.behind.doubtShort(n)
}

// doubtShort returns n, the length of a stamp, or 0 when the stamp is narrower than the
// kernel's and the stream's other lines have none such.
func (u *usage) doubtShort(n int) int {
	switch {
	case n == 0:
		u.accept(formBare, formBare)
	case n < fullStamp && u.accept(formShort, formBare) != formShort:
		return 0
	}
	return n
}

type usage struct {
	form, rival form
	// seen counts lines with form up to change, rivals those with rival in a row.
	seen, rivals uint8
}

// accept takes the form that a line seems to have and returns the one to believe:
// f, or plain when the stream's other lines do not have it. Call it once for a line.
func (u *usage) accept(f, plain form) form {
	if f == u.form {
		u.seen, u.rivals = min(u.seen+1, change), 0
		return f
	}
	if u.seen >= change {
		if u.rival != f {
			u.rival, u.rivals = f, 0
		}
		if u.rivals++; u.rivals < change {
			return plain
		}
	}
	*u = usage{form: f, seen: 1}
	return f
}

// settled reports whether the stream's lines are known to have form f.
func (u *usage) settled(f form) bool { return u.form == f && u.seen >= change }
