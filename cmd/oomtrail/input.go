package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// input is where lines come from, and how they are carried.
type input struct {
	transport transport.Format
	files     []string
	in        io.Reader
}

// parseArgs reads the flags of a command; define adds the command's own.
func parseArgs(name string, io stdio, args []string, define func(*flag.FlagSet)) (input, error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.out)
	carrier := flags.String("transport", "auto", "what carried the lines: auto, kmsg, dmesg, syslog, journal-json, journal-export or none")
	if define != nil {
		define(flags)
	}
	flags.Usage = func() {
		fmt.Fprintf(io.out, "usage: oomtrail %s [flags] [FILE ...]\n", name)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return input{}, err
		}
		return input{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	format, err := transport.ParseFormat(*carrier)
	if err != nil {
		return input{}, fmt.Errorf("%w: -transport: %w", errUsage, err)
	}
	return input{transport: format, files: flags.Args(), in: io.in}, nil
}

// each calls fn with each input in turn. A file that cannot be read does not keep the others from being read.
func (in input) each(fn func(io.Reader) error) error {
	if len(in.files) == 0 {
		return fn(in.in)
	}
	var errs []string
	for _, name := range in.files {
		if err := eachFile(name, fn); err != nil {
			errs = append(errs, err.Error())
		}
	}
	if len(errs) > 0 {
		return errors.New(strings.Join(errs, "\n"))
	}
	return nil
}

// eachFile opens a file and hands it to fn. The error names the file.
func eachFile(name string, fn func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, errors.Unwrap(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("cannot read %s: it is a directory", name)
	}
	return fn(oneRecordReads(f))
}

// options are the parser's options for this input.
func (in input) options() parser.Options { return parser.Options{Transport: in.transport} }
