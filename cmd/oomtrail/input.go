// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/unpack"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// input is where lines come from, and how they are carried. Whoever names the transport vouches for
// the input: trusted is then the source of that transport, and it is none where the transport is
// guessed.
type input struct {
	transport report.Format
	trusted   report.Source
	// dating says how stamps are dated that leave something open: see [input.writtenBy].
	dating format.Dating
	// lookup finds names; nil finds none. users is set where the root that it looks in is that of
	// the machine whose /dev/kmsg there is.
	lookup func(parser.Workload) parser.Names
	users  bool
	files  []string
	// read holds what was read of each input; seen is that of this one.
	read *[]*nothing.Input
	seen *nothing.Input
	// warned is set once the person knows that an input can give no record.
	warned *bool
	// several is set where there is more than one input, more where a further one is a file, which
	// is read to its end.
	several, more bool
	// brief is set where nobody will ask what was read.
	brief bool
	std   stdio
}

// parseArgs reads the flags of a command; define adds the command's own.
func parseArgs(name string, std stdio, args []string, define func(*flag.FlagSet)) (input, error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is told once, by run
	carrier := flags.String("transport", "auto", "format of the lines: "+enum.Or(parser.FormatNames())+"; auto finds it line by line; to name it says that you know where the lines come from, and lets records be verified")
	location := flags.String("location", "", "time zone of stamps that name none, such as Europe/Berlin or UTC (default: this machine's own)")
	written := flags.String("written", "", "when the input was written to last, such as 2026-05-01: stamps without a year lie before it (default: the file's modification time; now for a stream)")
	if define != nil {
		define(flags)
	}
	flags.Usage = func() {}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(std.out, "usage: oomtrail %s [flags] [FILE ...]\n", name)
			flags.SetOutput(std.out)
			flags.PrintDefaults()
			return input{}, err
		}
		return input{}, fmt.Errorf("%w: %w: see oomtrail %s -h", errUsage, err, name)
	}
	format, err := report.ParseFormat(*carrier)
	if err != nil {
		return input{}, fmt.Errorf("%w: -transport: %w", errUsage, err)
	}
	dating, err := readDating(*location, *written)
	if err != nil {
		return input{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	return input{transport: format, trusted: format.Source(), dating: dating, files: flags.Args(), std: std, read: new([]*nothing.Input), warned: new(bool)}, nil
}

// each calls fn with each input in turn, and with what is known of it. A file that cannot be read
// does not keep the others from being read.
func (in input) each(fn func(io.Reader, input) error) error {
	if len(in.files) == 0 {
		return in.eachFile("-", fn)
	}
	in.several = len(in.files) > 1
	var errs []string
	for i, name := range in.files {
		in.more = slices.ContainsFunc(in.files[i+1:], isRegular)
		if err := in.eachFile(name, fn); err != nil {
			errs = append(errs, err.Error())
		}
	}
	if len(errs) > 0 {
		return errors.New(strings.Join(errs, "\n"))
	}
	return nil
}

// isRegular reports whether a name is that of a file which has an end.
func isRegular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// eachFile opens a file, or takes standard input for -, and hands it to fn. The error names the
// file.
func (in input) eachFile(name string, fn func(io.Reader, input) error) error {
	if name == "-" {
		return in.writtenBy(in.std.in).hand(in.std.in, "standard input", "", fn)
	}
	if err := refuse(name); err != nil {
		return err
	}
	f, err := os.Open(name) // of a named pipe it waits for the writer, as who names one wants
	if err != nil {
		if strings.HasPrefix(name, "-") {
			return fmt.Errorf("cannot read %s: flags go before the files", name)
		}
		return fmt.Errorf("cannot read %s: %w", name, errors.Unwrap(err))
	}
	defer func() { _ = f.Close() }() // it was only read
	if r, ok := kernelRing(f); ok {
		if in.transport == report.Auto { // this machine's own log: nobody has to vouch for it
			in.transport, in.trusted = report.Kmsg, report.SourceKmsg
		}
		in.dating.Boot = booted()
		in.seen = in.remember(r, name)
		in.seen.Machine = true
		return fn(prompt{in.seen, in.std.out}, in)
	}
	return in.writtenBy(f).hand(f, name, name, fn)
}

// hand gives fn what an input holds; file is its path, "" for none. A file that is no text, and in
// which nothing was found, is an error.
func (in input) hand(r io.Reader, name, file string, fn func(io.Reader, input) error) error {
	unpacked, err := unpack.Reader(r, name, file)
	if err != nil {
		return err
	}
	defer unpacked.Close()
	text := io.Reader(prompt{unpacked, in.std.out}) // not below the unpacking: a program reads its input while we print
	if f, ok := r.(*os.File); ok && file != "" {
		text, in = in.byYears(f, text)
	}
	in.seen = in.remember(text, name)
	if err := fn(in.seen, in); err != nil {
		return err
	}
	if file != "" && in.seen.Found == 0 && in.seen.IsBinary() {
		return fmt.Errorf("cannot read %s: it is binary data, not a log: name a log, such as /var/log/kern.log, or pipe one in: dmesg | oomtrail parse", name)
	}
	return nil
}

// remember adds an input to those that were read.
func (in input) remember(r io.Reader, name string) *nothing.Input {
	seen := nothing.Over(r, name)
	seen.Brief = in.brief
	seen.Format, seen.Dating = in.transport, in.dating
	if in.read != nil {
		*in.read = append(*in.read, seen)
	}
	return seen
}

// found counts an event of this input.
func (in input) found() { in.seen.Found++ }

// refuse returns an error for what cannot be read as a file, with a remedy.
func refuse(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil: // to open it says better what is wrong
		return nil
	case info.IsDir():
		return fmt.Errorf("cannot read %s: it is a directory: name the files in it, as in %s", name, filepath.Join(name, "*.log"))
	case info.Mode()&os.ModeSocket != 0:
		return fmt.Errorf("cannot read %s: it is a socket: pipe what comes from it into oomtrail, or use - for standard input", name)
	}
	return nil
}

// prompt is an input that prints what there is to print before it waits for more: somebody may be
// watching a live log.
type prompt struct {
	io.Reader
	out *bufio.Writer
}

func (p prompt) Read(b []byte) (int, error) {
	if p.out == nil { // somebody else prints it
		return p.Reader.Read(b)
	}
	if err := p.out.Flush(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
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

// apply puts what is known of this input into the parser's options. Where that leaves no way to a
// record, it says so, once.
func (in input) apply(o parser.Options) parser.Options {
	if o.Trust == parser.TrustKernel && in.trusted == report.SourceNone && !*in.warned {
		*in.warned = true
		fmt.Fprintln(in.std.notes, "oomtrail: -trust kernel: nobody vouches for the input, so no record comes of it: "+
			"name its -transport ("+enum.Or(provableFormats())+") if you know where it comes from, or use -trust auto")
	}
	o.Transport, o.TrustedSource = in.transport, in.trusted
	o.Names, o.UserNames = in.lookup, in.users && in.seen.Machine
	o.Location, o.Reference, o.Boot = in.dating.Location, in.dating.Reference, in.dating.Boot
	return o
}
