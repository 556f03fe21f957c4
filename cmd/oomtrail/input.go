package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// input is where lines come from, and how they are carried. Whoever names the transport vouches for the input: trusted is then
// the source of that transport, and it is none where the transport is guessed.
type input struct {
	transport transport.Format
	trusted   transport.TrustedSource
	// dating says how stamps are dated that leave something open: see [input.writtenBy].
	dating transport.Dating
	files  []string
	std    stdio
}

// parseArgs reads the flags of a command; define adds the command's own.
func parseArgs(name string, std stdio, args []string, define func(*flag.FlagSet)) (input, error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is told once, by run
	carrier := flags.String("transport", "auto", "what carried the lines: auto, kmsg, dmesg, syslog, journal-json, journal-export or none")
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
	format, err := transport.ParseFormat(*carrier)
	if err != nil {
		return input{}, fmt.Errorf("%w: -transport: %w", errUsage, err)
	}
	dating, err := readDating(*location, *written)
	if err != nil {
		return input{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	return input{transport: format, trusted: format.Source(), dating: dating, files: flags.Args(), std: std}, nil
}

// each calls fn with each input in turn, and with what is known of it. A file that cannot be read does not keep the others from
// being read.
func (in input) each(fn func(io.Reader, input) error) error {
	if len(in.files) == 0 {
		return fn(prompt{in.std.in, in.std.out}, in.writtenBy(in.std.in))
	}
	var errs []string
	for _, name := range in.files {
		if err := in.eachFile(name, fn); err != nil {
			errs = append(errs, err.Error())
		}
	}
	if len(errs) > 0 {
		return errors.New(strings.Join(errs, "\n"))
	}
	return nil
}

// eachFile opens a file, or takes standard input for -, and hands it to fn. The error names the file.
func (in input) eachFile(name string, fn func(io.Reader, input) error) error {
	if name == "-" {
		return fn(prompt{in.std.in, in.std.out}, in.writtenBy(in.std.in))
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
	defer f.Close()
	if r, ok := kernelRing(f); ok {
		if in.transport == transport.Auto { // this machine's own log: nobody has to vouch for it
			in.transport, in.trusted = transport.Kmsg, transport.TrustedKmsg
		}
		in.dating.Boot = booted()
		return fn(prompt{r, in.std.out}, in)
	}
	r, err := uncompressed(f)
	if err != nil {
		return err
	}
	return fn(prompt{r, in.std.out}, in.writtenBy(f))
}

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

// prompt is an input that prints what there is to print before it waits for more: somebody may be watching a live log.
type prompt struct {
	io.Reader
	out *bufio.Writer
}

func (p prompt) Read(b []byte) (int, error) {
	if err := p.out.Flush(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// apply puts what is known of this input into the parser's options.
func (in input) apply(o parser.Options) parser.Options {
	o.Transport, o.TrustedSource = in.transport, in.trusted
	o.Location, o.Reference, o.Boot = in.dating.Location, in.dating.Reference, in.dating.Boot
	return o
}
