// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// inputFlags are the flags that say what is read, and how.
type inputFlags struct {
	format, location, written string
	names                     bool // false in a command that has not the flags of names
	root                      string
}

// define adds the flags of a command that reads logs; named adds those of names.
func (f *inputFlags) define(cmd *cobra.Command, named bool) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", "auto", "`FORMAT` of the log's lines: "+enum.Or(parser.FormatNames())+"; auto finds it line by line; to name it says that you know where the log comes from, and lets records be verified")
	flags.StringVar(&f.location, "location", "", "time `ZONE` of timestamps that name none, and of times that are shown, such as Europe/Berlin or UTC (default: this machine's own)")
	flags.StringVar(&f.written, "written", "", "`TIME` when the log was written to last, such as 2026-05-01: timestamps without a year lie before it (default: the file's modification time; now for a stream)")
	complete(cmd, "format", parser.FormatNames()...)
	complete(cmd, "location", "UTC", "Local")
	complete(cmd, "written")
	if named {
		namesFlag(cmd, &f.names)
		flags.StringVar(&f.root, "root", "", "root directory `DIR` of the machine that the log is of, such as a mounted disk (default: this machine's)")
		if err := cmd.MarkFlagDirname("root"); err != nil {
			panic(err) // the flag is there
		}
	}
}

// namesFlag adds the flag of names to a command.
func namesFlag(cmd *cobra.Command, value *bool) {
	cmd.Flags().BoolVar(value, "names", true, "add the names that a machine's own files give its pods, containers and jobs")
}

// shownIn adds the flag of the zone of times to a command that reads none of a file.
func shownIn(cmd *cobra.Command, value *string) {
	cmd.Flags().StringVar(value, "location", "", "time `ZONE` of times that are shown, such as Europe/Berlin or UTC (default: this machine's own)")
	complete(cmd, "location", "UTC", "Local")
}

// open returns what a command reads. It is this machine's own log where nothing is named and
// nothing is piped in.
func (f *inputFlags) open(std *stdio, args []string) (*input.Set, error) {
	format, err := report.ParseFormat(f.format)
	if err != nil {
		err = fmt.Errorf("--format: unknown format %q: use %s", f.format, enum.Or(parser.FormatNames()))
		if slices.Contains(output.Names(), f.format) {
			err = fmt.Errorf("%w; for the output use -o %s", err, f.format)
		}
		return nil, usage(err)
	}
	dating, err := input.Dating(f.location, f.written)
	if err != nil {
		return nil, usage(err)
	}
	set := &input.Set{
		Context: std.reading, Args: args, Own: std.inTerminal, Stdin: std.in, Notes: std.notes,
		Format: format, Dating: dating, BeforeRead: std.out.Flush,
	}
	if std.bar != nil {
		set.Progress = std.bar.Show
	}
	if f.names {
		set.FindNames(f.root)
	}
	return set, nil
}

// ended notes how the reading of a command ended.
func (std *stdio) ended(set *input.Set) {
	std.bar.Clear()
	std.cut = set.Cut()
}

// filterFlags are the flags that choose kills.
type filterFlags struct {
	since, until string
	patterns     [][]string // by subject
	pid          int64
	cmd          *cobra.Command
}

// define adds the flags to those of a command.
func (f *filterFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "", "only kills from that `TIME` on: 2026-05-01, 2026-05-01T12:00:00Z, yesterday, 2h, 7d")
	flags.StringVar(&f.until, "until", "", "only kills before that `TIME`")
	complete(cmd, "since", "yesterday", "1h", "24h", "7d")
	complete(cmd, "until", "yesterday", "1h", "24h")
	f.definePatterns(cmd)
}

// definePatterns adds the flags that are no times: those of some subjects, of all where none are
// named.
func (f *filterFlags) definePatterns(cmd *cobra.Command, of ...string) {
	f.cmd = cmd
	flags := cmd.Flags()
	f.patterns = make([][]string, len(filter.Subjects))
	for i := range filter.Subjects {
		s := &filter.Subjects[i]
		if len(of) > 0 && !slices.Contains(of, s.Name) {
			continue
		}
		flags.StringArrayVar(&f.patterns[i], s.Name, nil, s.Usage)
		complete(cmd, s.Name, s.Values...)
	}
}

// definePID adds the flag of the process id.
func (f *filterFlags) definePID(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&f.pid, "pid", 0, "only of the process with that process `ID`")
}

// over opens the inputs that the flags and arguments name, and returns the filter over them.
func (f *filterFlags) over(in *inputFlags, std *stdio, args []string) (*input.Set, *filter.Filter, error) {
	set, err := in.open(std, args)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := f.read(time.Now(), set.Dating.Location)
	return set, wanted, err
}

// read returns the filter that the flags ask for. now is the present, in the zone of the flags.
func (f *filterFlags) read(now time.Time, location *time.Location) (*filter.Filter, error) {
	var chosen filter.Filter
	flags := f.cmd.Flags()
	for _, at := range []struct {
		flag, value string
		set         func(time.Time)
	}{{"since", f.since, chosen.Since}, {"until", f.until, chosen.Until}} {
		if !flags.Changed(at.flag) {
			continue
		}
		t, err := filter.ParseTime(at.flag, at.value, now, location)
		if err != nil {
			return nil, usage(err)
		}
		at.set(t)
	}
	if err := f.readPatterns(&chosen); err != nil {
		return nil, err
	}
	if flags.Changed("pid") {
		if f.pid < 1 {
			return nil, usage(fmt.Errorf("--pid: %d is no process id: use a number from 1", f.pid))
		}
		chosen.PID(f.pid)
	}
	if err := chosen.Check(); err != nil {
		return nil, usage(err)
	}
	return &chosen, nil
}

// readPatterns adds to a filter what the flags ask for that are no times.
func (f *filterFlags) readPatterns(chosen *filter.Filter) error {
	for i, patterns := range f.patterns {
		for _, text := range patterns {
			if err := chosen.Add(&filter.Subjects[i], text); err != nil {
				return usage(err)
			}
		}
	}
	return nil
}

// noteFilter says what a filter left out that a person may miss.
func (std *stdio) noteFilter(f *filter.Filter, shown int) {
	std.noteUntimed(f)
	if shown == 0 && f.Rest > 0 {
		fmt.Fprintf(std.notes, "oomtrail: no kill matches %s; the input has %s\n", f, count(f.Rest, "other"))
	}
}

// noteUntimed says how many kills went of which nobody knows when they were.
func (std *stdio) noteUntimed(f *filter.Filter) {
	if f.Untimed > 0 {
		fmt.Fprintf(std.notes, "oomtrail: %s without a time left out by --since or --until: their log has no dates: dmesg -T and journalctl print them\n", count(f.Untimed, "kill"))
	}
}

// count writes a number and what it counts.
func count(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return fmt.Sprint(n, " ", many[0])
	}
	return fmt.Sprint(n, " ", one, "s")
}

// outputFlag adds the flag of the output to a command that has some of the formats, of which value
// is the default.
func outputFlag(cmd *cobra.Command, f *output.Flag, value output.Format, of ...output.Format) {
	f.Of, f.Value = of, value
	usage := "output: " + enum.Or(output.Names(of...))
	if value == output.Auto {
		usage += " (default: table on a terminal, json in a pipe)"
	}
	cmd.Flags().VarP(f, "output", "o", usage)
	complete(cmd, "output", output.Names(of...)...)
}

// format returns the format of the output. Where nobody names one it is a table on a terminal, and
// JSON elsewhere.
func (std *stdio) format(f *output.Flag) output.Format {
	switch {
	case f.Value != output.Auto:
		return f.Value
	case std.terminal:
		return output.Table
	}
	return output.JSON
}

// colors are the values of --color.
var colors = []string{"auto", "always", "never"}

// colorFlag says whether colours are wanted.
type colorFlag struct{ value string }

func (c *colorFlag) String() string {
	if c.value == "" {
		return colors[0]
	}
	return c.value
}

func (c *colorFlag) Type() string { return "WHEN" }

func (c *colorFlag) Set(s string) error {
	if !slices.Contains(colors, s) {
		return fmt.Errorf("unknown value %q: use %s", s, enum.Or(colors))
	}
	c.value = s
	return nil
}

// wantsColor reports whether the output is a terminal whose reader has not asked for plain text
// (https://no-color.org), or has asked for colours.
func (std *stdio) wantsColor() bool {
	switch std.color.String() {
	case "always":
		return true
	case "never":
		return false
	}
	return std.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
