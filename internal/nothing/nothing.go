// SPDX-License-Identifier: Apache-2.0

// Package nothing says what was read where no kill was found: how much, from when to when, in which
// format; and what else ends a process.
package nothing

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
)

// ends is how much of either end of an input is kept, to see format and times.
const ends = 64 << 10

// Input is an input that remembers how much was read of it, and its two ends. It is for one
// goroutine.
type Input struct {
	// Name is the file, or what else to call it.
	Name string
	// Format and Dating are as the parser has them.
	Format report.Format
	Dating format.Dating
	// Machine is set for this machine's own kernel log.
	Machine bool
	// Brief is set where only what kind of input it is will be asked.
	Brief bool
	// Found is how many events came out of it.
	Found int

	r          io.Reader
	lines      int64
	last       byte // read
	head, tail []byte
}

// Over returns an input that reads r.
func Over(r io.Reader, name string) *Input { return &Input{Name: name, r: r} }

func (in *Input) Read(b []byte) (int, error) {
	n, err := in.r.Read(b)
	if n == 0 {
		return n, err
	}
	got := b[:n]
	if room := ends - len(in.head); room > 0 {
		in.head = append(in.head, got[:min(room, n)]...)
	}
	if in.Brief {
		return n, err
	}
	in.lines += int64(bytes.Count(got, []byte{'\n'}))
	in.last = got[n-1]
	if n >= ends {
		in.tail = append(in.tail[:0], got[n-ends:]...)
		return n, err
	}
	if len(in.tail)+n > 2*ends { // now and then, so that small reads cost little
		in.tail = in.tail[:copy(in.tail, in.tail[len(in.tail)+n-ends:])]
	}
	in.tail = append(in.tail, got...)
	return n, err
}

// Lines returns how many lines were read.
func (in *Input) Lines() int64 {
	if in.last != 0 && in.last != '\n' {
		return in.lines + 1
	}
	return in.lines
}

// Empty reports whether nothing was read.
func (in *Input) Empty() bool { return len(in.head) == 0 }

// IsBinary reports whether the beginning is rather data than text.
func (in *Input) IsBinary() bool {
	odd := 0
	for _, c := range in.head {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != 0x1b {
			odd++
		}
	}
	return odd > len(in.head)/10
}

// Listed is how many inputs are described; of more only the lines are counted.
const Listed = 10

// Forget lets go of what was read, and of what it was read from.
func (in *Input) Forget() { in.head, in.tail, in.r = nil, nil, nil }

// Describe says what was read: "kern.log: 1,234 lines of syslog, from … to …".
func (in *Input) Describe() string {
	lines, name := in.Lines(), plain.Printable(in.Name)
	switch {
	case len(in.head) == 0:
		return name + ": empty"
	case in.IsBinary():
		return name + ": binary data, not a log"
	}
	text := name + ": " + plain.Count(lines, "line")
	form, first, last := in.span()
	if form != "" {
		text += " of " + form
	}
	if first != "" {
		text += ", from " + first + " to " + last
	}
	return text
}

// span reads both ends: the most frequent format, the first time and the last.
func (in *Input) span() (form, first, last string) {
	decoder := format.NewDecoder(in.Format).Date(in.Dating)
	formats := map[report.Format]int{}
	take := func(l *format.Line) {
		formats[l.Format]++
		at := ""
		switch {
		case !l.Wall.IsZero():
			at = l.Wall.UTC().Format(time.RFC3339)
		case l.HasUptime:
			at = strconv.FormatFloat(float64(l.Uptime)/1e6, 'f', 1, 64) + " s after boot"
		case len(l.Stamp) > 0:
			at = string(l.Stamp)
		default:
			return
		}
		if first == "" {
			first = at
		}
		last = at
	}
	tail := in.tail[max(0, len(in.tail)-ends):]
	if len(tail) == ends { // it begins inside a line
		tail = tail[bytes.IndexByte(tail, '\n')+1:]
	}
	for _, end := range [][]byte{in.head, tail} {
		for line := range bytes.Lines(end) {
			decoder.Decode(bytes.TrimSuffix(line, []byte{'\n'}), take)
		}
	}
	decoder.Flush(take)
	most := 0
	for f, n := range formats {
		if n > most {
			most, form = n, f.Title()
		}
	}
	return form, first, last
}

// describe writes what was read.
func describe(w io.Writer, inputs []*Input) {
	for _, in := range inputs[:min(Listed, len(inputs))] {
		fmt.Fprintln(w, "  read "+in.Describe())
	}
	if more := len(inputs) - Listed; more > 0 {
		lines := int64(0)
		for _, in := range inputs[Listed:] {
			lines += in.Lines()
		}
		fmt.Fprintf(w, "  and %s: %s\n", plain.Count(more, "more input"), plain.Count(lines, "line"))
	}
}

// Note writes to w what was read, what this machine's own counters know if its own log was read, as
// machine writes it, what else the caller found, and what to look at next. machine and more may be
// nil.
func Note(w io.Writer, inputs []*Input, machine func(io.Writer), more func()) {
	fmt.Fprintln(w, "oomtrail: no out-of-memory kill in the input")
	Explain(w, inputs, machine, more)
}

// Explain is [Note] for a page that says itself that there was nothing.
func Explain(w io.Writer, inputs []*Input, machine func(io.Writer), more func()) {
	describe(w, inputs)
	if len(inputs) == 1 && inputs[0].Empty() && !inputs[0].Machine {
		fmt.Fprint(w, wroteNothing)
		return
	}
	if len(inputs) == 1 && inputs[0].Machine && machine != nil {
		machine(w)
	}
	if more != nil {
		more()
	}
	fmt.Fprint(w, others)
}

// NoteDeaths writes to w what was read, where no death by SIGKILL was found that was asked for;
// others are those that the input shows.
func NoteDeaths(w io.Writer, inputs []*Input, others int) {
	fmt.Fprint(w, "oomtrail: no such death by SIGKILL in the input")
	if others > 0 {
		fmt.Fprintf(w, ", which shows %s", plain.Count(others, "other"))
	}
	fmt.Fprintln(w)
	describe(w, inputs)
	fmt.Fprint(w, elsewhere)
}

// wroteNothing is what to do where there was nothing to read, of which nothing follows.
const wroteNothing = `  There was nothing to read. If a program was to write it, such as journalctl or
  kubectl, see what it says on its own: it may lack rights, or have no such log.
`

// elsewhere is where else to look for a death that the input does not show.
const elsewhere = `
  A shell, Docker and Kubernetes report 137 for a process that SIGKILL ended.
  A program may also exit with 137 itself, and the kubelet reports it where it
  does not know (ContainerStatusUnknown). Read the logs of that machine and time
  together: the journal, the kernel's log and /var/log/audit/audit.log.
    journalctl -o json --since TIME > journal.json
    oomtrail why journal.json /var/log/audit/audit.log
`

// others is what looks like an out-of-memory kill and is none.
const others = `  Exit code 137 means that SIGKILL ended a process. If this log shows no kill,
  something else sent it: a stop that hit its timeout (docker stop, kubelet,
  systemd), kill -9, or a killer such as systemd-oomd or earlyoom, which logs
  elsewhere. Or the log starts too late, or is of another machine. oomtrail why
  reads the journal for it.
  "Cannot allocate memory" is not a kill: the kernel refused an allocation. Look
  at ulimit -v, vm.max_map_count, and with vm.overcommit_memory=2 at CommitLimit
  and Committed_AS in /proc/meminfo.
`
