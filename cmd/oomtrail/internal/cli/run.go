// SPDX-License-Identifier: Apache-2.0

// Package cli is the command oomtrail: one file a command, and what they share.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/progress"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// The exit codes of the command.
const (
	exitOK    = 0 // also when there is nothing to report
	exitRead  = 1 // a file cannot be read, or the output cannot be written
	exitUsage = 2 // wrong usage
	// What status --verify says.
	exitFails   = 3
	exitUnknown = 4
	exitCut     = 130
)

// exitWith is the error of a command that has said all, and ends with an exit code.
type exitWith int

func (e exitWith) Error() string { return "exit code " + strconv.Itoa(int(e)) }

// errUsage marks an error of the command line.
var errUsage = errors.New("usage")

// usage returns an error of the command line.
func usage(err error) error { return fmt.Errorf("%w: %w", errUsage, err) }

// stdio is what a command reads and writes.
type stdio struct {
	ctx context.Context
	// reading ends with ctx, and when the output can no longer be written.
	reading context.Context
	in      io.Reader
	out     *bufio.Writer
	notes   io.Writer // what a person should know beside the output
	// terminal and inTerminal are set where out and in are one, tty is that of out; width is that
	// of out, 0 where it is not known.
	terminal, inTerminal bool
	tty                  *os.File
	width                int
	color                colorFlag
	bar                  *progress.Bar // on the terminal that notes is, nil where it is none
	// cut says where the reading was cut off, "" where it was not.
	cut string
}

// Main runs the command and ends the process. Ctrl-C ends the reading: what is open by then is
// printed. A second one ends the process at once.
func Main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	ignorePipe()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		received := <-signals
		signal.Stop(signals) // the next one does what it does to any process
		cancel(stopped{received})
	}()
	code := Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	var by stopped
	if code == exitCut && errors.As(context.Cause(ctx), &by) {
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(by.Signal) == nil {
			select {} // the signal ends it, as a shell that waits for it has to see
		}
	}
	os.Exit(code)
}

// stopped is the cause of a context that a signal ended.
type stopped struct{ os.Signal }

func (s stopped) Error() string { return s.String() }

// Run does what the arguments ask for and returns the exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	std := &stdio{ctx: ctx, in: in, bar: progress.New(errOut)}
	std.tty = terminalOf(out)
	std.terminal, std.inTerminal = std.tty != nil, terminalOf(in) != nil
	std.width, _ = std.screen()
	errOut = std.bar.Over(errOut)
	if std.terminal { // most likely the same one
		out = std.bar.Over(out)
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	written := &sink{Writer: out, stop: stop}
	std.reading, std.out, std.notes = reading, bufio.NewWriter(written), errOut
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(std.out)
	root.SetErr(errOut)
	command, err := root.ExecuteContextC(ctx)
	_ = std.out.Flush() // the sink has the error
	if failed := written.failure(); failed != nil {
		if brokenPipe(failed) { // who read it has enough
			std.bar.Clear()
			return exitOK
		}
		if path := (*fs.PathError)(nil); errors.As(failed, &path) {
			failed = path.Err
		}
		std.cut, err = "", fmt.Errorf("cannot write the output: %w", failed)
	}
	var said exitWith
	if err != nil && !errors.As(err, &said) {
		for message := range strings.Lines(strings.TrimPrefix(err.Error(), errUsage.Error()+": ")) {
			// A file's name, which another has chosen, may stand in it.
			fmt.Fprintf(errOut, "%s: %s\n", command.CommandPath(), plain.AppendPrintable(nil, strings.TrimSuffix(message, "\n")))
		}
	}
	switch {
	case std.cut != "":
		fmt.Fprintf(errOut, "oomtrail: interrupted %s: what comes after it was not read, and a report that was open may be incomplete\n", std.cut)
		return exitCut
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	case said != 0:
		return int(said)
	}
	return exitRead
}

// sink is what the output is written to. The first error ends the reading.
type sink struct {
	io.Writer
	stop   func()
	mu     sync.Mutex // follow may give up a write that goes on
	failed error
}

func (s *sink) Write(b []byte) (int, error) {
	n, err := s.Writer.Write(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.failed == nil {
		s.failed = err
		s.stop()
	}
	return n, err
}

// failure returns the first error, nil for none.
func (s *sink) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// noArgs is for commands without files.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s takes no arguments, not %q", cmd.Name(), args[0]))
	}
	return nil
}
