// SPDX-License-Identifier: Apache-2.0

// Command oomtrail reads kernel logs and tells of out-of-memory kills: one record for each killed
// process.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser"
)

var usage = `oomtrail turns the Linux kernel's out-of-memory reports into records.

  oomtrail parse [-format json|text] [-transport T] [FILE ...]   one record for each killed process
  oomtrail explain [-kill N] [-transport T] [FILE ...]           one kill, the last or the Nth, with all that is known
  oomtrail why [-pid|-unit|-pod|-container X] [FILE ...]         each death by SIGKILL: who saw it, why it was, how sure that is
  oomtrail report [-transport T] [FILE ...]                      each report whole, as JSON
  oomtrail lines [-transport T] [FILE ...]                       LINE-NUMBER, KIND and TEXT of each input line
  oomtrail identity PATH ...                                     what a cgroup path says, as JSON
  oomtrail version

Without FILE, and for -, it reads standard input: dmesg | oomtrail parse
Compressed logs and journal files are read as what they hold; /dev/kmsg is this machine's own log.
Stamps without a zone are read in this machine's own, or in that of -location ZONE; a year that they lack comes from the file's
modification time, or from -written TIME.
Pods, containers and jobs are named by this machine's files, or by those below -root DIR, such as a mounted disk; -names=false leaves names out.
A kill that stands in several files is told once, as the most complete of them tells it.
T, the format of the lines, is ` + enum.Or(parser.FormatNames()) + `; auto is the default.
`

// The exit codes of the command.
const (
	exitOK    = 0 // also when there is nothing to report
	exitRead  = 1 // a file cannot be read, or the output cannot be written
	exitUsage = 2 // wrong usage
)

// errUsage marks an error of the command line.
var errUsage = errors.New("usage")

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out      *bufio.Writer
	notes    io.Writer // what a person should know beside the output
	terminal bool      // out is a terminal
}

// commands are the subcommands by name.
var commands = map[string]func(stdio, []string) error{
	"parse":    runParse,
	"explain":  runExplain,
	"why":      runWhy,
	"report":   runReport,
	"lines":    runLines,
	"identity": runIdentity,
	"version":  runVersion,
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run does what the arguments ask for and returns the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errOut, usage)
		return exitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		fmt.Fprint(out, usage)
		return exitOK
	}
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(errOut, "oomtrail: unknown command %q: use parse, explain, why, report, lines, identity or version\n", args[0])
		return exitUsage
	}
	io := stdio{in: in, out: bufio.NewWriter(out), notes: errOut, terminal: isTerminal(out)}
	err := command(io, args[1:])
	if flushErr := io.out.Flush(); err == nil {
		err = flushErr
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	for message := range strings.Lines(err.Error()) {
		fmt.Fprintf(errOut, "oomtrail %s: %s\n", args[0], strings.TrimSuffix(message, "\n"))
	}
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitRead
}

// noteNothing says what was read, where that held nothing, and what to look at next.
func (std stdio) noteNothing(in input) { nothing.Note(std.notes, *in.read, nothing.This) }

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// version is set by the linker in a release.
var version = ""

func runVersion(io stdio, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: version takes no arguments", errUsage)
	}
	v := version
	if info, ok := debug.ReadBuildInfo(); v == "" && ok {
		v = info.Main.Version
	}
	_, err := fmt.Fprintf(io.out, "oomtrail %s\n", v)
	return err
}
