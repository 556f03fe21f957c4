// SPDX-License-Identifier: Apache-2.0

// Package input opens what the command reads: files, directories, compressed logs, journal files,
// standard input, and this machine's own log.
package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/progress"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Set is all that a command reads. It is for one goroutine.
type Set struct {
	// Context ends the reading where it ends: what is open by then is cut off.
	Context context.Context
	// Args are files, directories, and - for standard input. Without any it is standard input, or
	// this machine's own log where Own is set.
	Args []string
	Own  bool
	// Journal has this machine's own log be the whole journal of this boot, where there is one, and
	// not only the kernel's.
	Journal bool
	// Stdin is standard input, Notes takes what a person should know beside the output.
	Stdin io.Reader
	Notes io.Writer
	// Format is that of the lines. To name it is to vouch for the input: lines of a format that
	// proves its writer make verified records. Dating says how timestamps are dated that leave
	// something open.
	Format report.Format
	Dating format.Dating
	// Lookup finds names; nil finds none. Users is set where it looks on the machine whose
	// /dev/kmsg there is.
	Lookup func(parser.Workload) parser.Names
	Users  bool
	// Brief is set where nobody will ask what was read.
	Brief bool
	// BeforeRead is called before more is read, which may take long: a moment to print.
	BeforeRead func() error
	// Quiet is called when nothing more comes of an input for a while: somebody may be watching a
	// live log. Nil is not.
	Quiet func() error
	// Progress is called each time before more of a file is read; nil is not.
	Progress func(progress.State)

	sources  []source
	expanded bool
	unfound  []string // what cannot be looked into
	read     []*nothing.Input
	progress progress.State
	// count is how much was read of files, also by a goroutine that hands one to a program.
	count   *atomic.Int64
	warned  bool
	skipped int
	cut     bool
	rootErr error
}

// Input is one input.
type Input struct {
	io.Reader
	// Name is the file, or what else to call it.
	Name string
	// Format and Dating are the set's, with what is known of this input.
	Format report.Format
	Dating format.Dating
	// Several is set where there is more than one input, File where it is a file, which is read to
	// its end, More where a further one is such a file.
	Several, File, More bool

	set     *Set
	trusted report.Source
	seen    *nothing.Input
}

// Each calls fn with each input in turn. One that cannot be read does not keep the others from
// being read: the error names all that could not. An input that was cut off is the last.
func (s *Set) Each(fn func(*Input) error) error {
	s.expand()
	errs := slices.Clone(s.unfound)
	if s.rootErr != nil {
		errs = append(errs, s.rootErr.Error())
	}
	for i := range s.sources {
		src := &s.sources[i]
		in := &Input{Name: src.title(), Format: s.Format, Dating: s.Dating, set: s, trusted: s.Format.Source(), Several: len(s.sources) > 1, File: src.regular}
		in.More = slices.ContainsFunc(s.sources[i+1:], func(later source) bool { return later.regular })
		s.progress.Name, s.progress.File, s.progress.Files = in.Name, i+1, len(s.sources)
		before := s.count.Load()
		err := s.open(src, in, fn)
		if !errors.Is(err, parser.ErrCutOff) {
			s.count.Store(before + src.size) // whatever of it was read, and by whom
		}
		if len(s.read) > nothing.Listed && in.seen != nil {
			in.seen.Forget() // a directory may hold thousands
		}
		switch {
		case err == nil:
		case errors.Is(err, parser.ErrCutOff):
			s.cut = true
			return joined(errs)
		case src.walked && errors.As(err, new(noLog)):
			s.skipped++
		default:
			errs = append(errs, err.Error())
		}
	}
	if s.skipped > 0 {
		fmt.Fprintf(s.Notes, "oomtrail: skipped %s of data that is no log\n", files(s.skipped))
	}
	return joined(errs)
}

func joined(errs []string) error {
	if len(errs) == 0 {
		return nil
	}
	return errors.New(strings.Join(errs, "\n"))
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprint(n, " files")
}

// Read returns what was read of each input.
func (s *Set) Read() []*nothing.Input { return s.read }

// far returns how far the reading is, in bytes of all files. Of a compressed file its own count.
// There is no total where an input has no size.
func (s *Set) far() progress.State {
	p := s.progress
	p.Done = s.count.Load()
	return p
}

// Cut says where the reading was cut off, "" where it was not.
func (s *Set) Cut() string {
	if !s.cut {
		return ""
	}
	text := "in " + s.progress.Name
	if s.progress.Files > 1 {
		text += fmt.Sprintf(", input %d of %d", s.progress.File, s.progress.Files)
	}
	if s.progress.Total > 0 {
		text += fmt.Sprintf(", after %d %% of the bytes", 100*s.far().Done/s.progress.Total)
	}
	return text
}

// Again returns a set that reads the same files once more, where all inputs are files, else nil.
func (s *Set) Again() *Set {
	s.expand()
	for _, src := range s.sources {
		if !src.regular {
			return nil
		}
	}
	again := *s
	again.read, again.skipped, again.cut, again.Notes = nil, 0, false, io.Discard
	again.count = new(atomic.Int64)
	again.warned = true
	return &again
}

// Files returns how many inputs there are.
func (s *Set) Files() int {
	s.expand()
	return len(s.sources)
}

// Found counts an event of this input.
func (in *Input) Found() { in.seen.Found++ }

// Apply puts what is known of this input into the parser's options. Where that leaves no way to a
// record, it says so, once.
func (in *Input) Apply(o parser.Options) parser.Options {
	s := in.set
	if o.Trust == parser.TrustKernel && in.trusted == report.SourceNone && !s.warned {
		s.warned = true
		fmt.Fprintln(s.Notes, "oomtrail: --trust kernel: nobody vouches for the input, so no record comes of it: "+
			"name its --format ("+enum.Or(provableFormats())+") if you know where it comes from, or use --trust auto")
	}
	o.Transport, o.TrustedSource, o.Input = in.Format, in.trusted, in.Name
	o.Names, o.UserNames = s.Lookup, s.Users && in.seen.Machine
	o.Location, o.Reference, o.Boot = in.Dating.Location, in.Dating.Reference, in.Dating.Boot
	return o
}

// provableFormats returns the names of the formats whose lines can prove that the kernel wrote
// them.
func provableFormats() (names []string) {
	for _, name := range parser.FormatNames() {
		if f, err := parser.ParseFormat(name); err == nil && f.Source() != parser.TrustedNone {
			names = append(names, name)
		}
	}
	return names
}

// remember adds an input to those that were read.
func (in *Input) remember(r io.Reader) *nothing.Input {
	in.seen = nothing.Over(r, in.Name)
	in.seen.Brief, in.seen.Format, in.seen.Dating = in.set.Brief, in.Format, in.Dating
	in.set.read = append(in.set.read, in.seen)
	return in.seen
}

// standardInput is the title of that input.
const standardInput = "standard input"

// open opens a source and hands it to fn as an input. The error names it.
func (s *Set) open(src *source, in *Input, fn func(*Input) error) error {
	switch {
	case src.own:
		return s.openOwn(in, fn)
	case src.name == "-":
		in.writtenBy(s.Stdin)
		return s.hand(s.Stdin, "", in, fn)
	}
	if err := refuse(src.name); err != nil {
		return err
	}
	f, err := openFile(s.Context, src.name)
	if err != nil {
		if errors.Is(err, parser.ErrCutOff) {
			return err
		}
		return unreadable(src.name, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	if r, ok := kernelRing(f); ok {
		return s.handRing(r, in, fn)
	}
	if isDevice(f) {
		return fmt.Errorf("cannot read %s: it is a device, not a log: name a log, such as /var/log/kern.log or %s", src.name, kmsg.Path)
	}
	in.writtenBy(f)
	return s.hand(f, src.name, in, fn)
}

// isDevice reports whether a file is a device other than a terminal and the one that is always
// empty: most others have no end.
func isDevice(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeDevice == 0 || term.IsTerminal(int(f.Fd())) {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// handRing gives fn the kernel's ring buffer.
func (s *Set) handRing(r io.Reader, in *Input, fn func(*Input) error) error {
	if in.Format == report.Auto { // this machine's own log: nobody has to vouch for it
		in.Format, in.trusted = report.Kmsg, report.SourceKmsg
	}
	in.Dating.Boot = booted()
	in.Reader = in.remember(s.prompted(r))
	in.seen.Machine = true
	return fn(in)
}

// refuse returns an error for what cannot be read as a file, with a remedy.
func refuse(name string) error {
	if info, err := os.Stat(name); err == nil && info.Mode()&os.ModeSocket != 0 { // to open it says better what else is wrong
		return fmt.Errorf("cannot read %s: it is a socket: pipe what comes from it into oomtrail, or use - for standard input", name)
	}
	return nil
}
