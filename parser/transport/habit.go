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
	// formBare is a line without a stamp.
	formBare
	// formPriority is a line without a stamp behind a priority (printk.time=0).
	formPriority
	// formTag is a line without a stamp behind "kernel: ".
	formTag
)

// change is how often in a row a form must be seen before it replaces the one
// that the stream had. A crafted name stands at the start of at most two lines in a
// row: "NAME invoked oom-killer" and "NAME cpuset=".
const change = 3

// habit remembers which of two ambiguous forms the lines of a stream have, so
// that a process called "<0>x" or "[    T1] x" keeps its name.
type habit struct {
	stamped, bare usage
}

type usage struct {
	form, rival form
	rivals      uint8
}

// accept takes the form that a line seems to have and returns the one to believe:
// f, or plain when the stream's other lines do not have it.
func (u *usage) accept(f, plain form) form {
	if f == plain || u.form == formUnset || u.form == f {
		u.form, u.rivals = f, 0
		return f
	}
	if u.rival != f {
		u.rival, u.rivals = f, 0
	}
	if u.rivals++; u.rivals < change {
		return plain
	}
	u.form, u.rivals = f, 0
	return f
}
