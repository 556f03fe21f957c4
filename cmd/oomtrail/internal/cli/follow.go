// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/follow"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/watch"
)

// follower is what the flags of follow say.
type follower struct {
	std                  *stdio
	source, state, since string
	hostName, location   string
	root                 string
	names                bool
	output               output.Flag
	filter               filterFlags
	records              recordFlags
	warnings             warningFlags
}

// newFollow returns the command that prints kills as they happen.
func newFollow(std *stdio) *cobra.Command {
	f := &follower{std: std}
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Print this machine's kills as they happen",
		Long: `follow reads this machine's kernel log live and prints each kill as soon as the kernel has reported
it: on a terminal one line a kill, in a pipe one JSON object a line. It reads until Ctrl-C.

With --warnings it also says when this machine runs short of memory, and when a cgroup nears its
limit: which it is, how much is left, and which processes would be next. A kill that was warned of
says how long before it. Not each kill is: a process may take all that is left at once.

With --state it goes on after a restart where it was: no kill is lost that the kernel's log still
holds, and none is printed twice but after a crash, and then with the same log.record.uid.

/dev/kmsg has the kernel's kills. The journal (--source journal) also has what other killers and
witnesses say: systemd-oomd, earlyoom, the kubelet, containerd.`,
		Example: `  oomtrail follow                                     from now on
  oomtrail follow --since boot                        and those since this machine started
  oomtrail follow --state /var/lib/oomtrail/state     for a service: a restart loses and repeats none
  oomtrail follow --warnings                          and warn before a kill
  oomtrail follow --root /host --host-name "$NODE"    in a pod that has the node's files in /host`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return f.run() },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.source, "source", follow.SourceAuto, "`SOURCE` to read: kmsg (/dev/kmsg), journal, or auto: the first of them that can be read")
	complete(cmd, "source", follow.SourceNames()...)
	flags.StringVar(&f.state, "state", "", "`FILE` that keeps what was printed, so that a restart goes on there")
	outputFlag(cmd, &f.output, output.Auto, output.Table, output.JSON)
	f.records.define(cmd)
	flags.StringVar(&f.since, "since", "", "begin with the kills since that `TIME`, or since boot: boot, 2026-05-01, yesterday, 2h (default: now; with --state where it ended)")
	f.filter.definePatterns(cmd)
	f.warnings.define(cmd)
	shownIn(cmd, &f.location)
	namesFlag(cmd, &f.names)
	flags.StringVar(&f.root, "root", "", "root directory `DIR` of this machine, where follow runs in a container: for names, and to run journalctl in")
	flags.StringVar(&f.hostName, "host-name", "", "`NAME` of this machine in the records (default: its own; in a container none, but that of --root)")
	return cmd
}

// run follows until the context ends, or the reader of the output does.
func (f *follower) run() error {
	std := f.std
	settings, wanted, err := f.warnings.read()
	if err != nil {
		return err
	}
	o, chosen, err := f.options()
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return fmt.Errorf("follow reads the log of a running Linux kernel, and this is %s: run it on the Linux machine, or give oomtrail a log of it", runtime.GOOS)
	}
	o.Keep = chosen.Wants
	o.Out = flushed{std.out}
	o.Note = func(text string) { fmt.Fprintln(std.notes, "oomtrail follow: "+text) }
	if wanted {
		if err := f.warn(&o, settings); err != nil {
			return err
		}
	}
	if std.format(&f.output) == output.Table {
		location := o.Parser.Location
		o.Append = func(b []byte, r *parser.Record) []byte { return appendLine(b, r, location, std.width) }
		if std.terminal && f.since == "" && f.state == "" {
			what := "a kill"
			if o.Warn != nil {
				what = "a warning or a kill"
			}
			fmt.Fprintf(std.notes, "waiting for %s; Ctrl-C ends it\n", what)
		}
	}
	err = follow.Run(std.ctx, o)
	if errors.Is(err, syscall.EPIPE) || err == nil {
		std.out.Reset(nil) // nothing is left in it, or nobody reads it
		return nil
	}
	if errors.Is(err, follow.ErrUnread) {
		std.out = bufio.NewWriter(io.Discard) // to flush the other would wait for the reader
	}
	return err
}

// warn has warnings printed, and kills name them.
func (f *follower) warn(o *follow.Options, settings warning.Settings) error {
	system := watch.At(f.root)
	if err := system.Check(); err != nil {
		return fmt.Errorf("--warnings: %w", err)
	}
	w := warning.New(warning.Options{
		System: system, Settings: settings, Names: o.Parser.Names, HostName: o.Parser.HostName, HostID: o.Parser.HostID,
		Key: func(key string) string { return "--" + warningFlag(key) }, Note: o.Note,
	})
	o.Warn, o.Parser.Warned = w.Run, w.Warned
	return nil
}

// options reads the flags that are about kills.
func (f *follower) options() (o follow.Options, chosen *filter.Filter, err error) {
	chosen = new(filter.Filter)
	if err := f.filter.readPatterns(chosen); err != nil {
		return o, nil, err
	}
	if o.Parser, err = f.records.read(); err != nil {
		return o, nil, err
	}
	if err := errors.Join(setting.OneOf("--source", f.source, follow.SourceNames()...), setting.RootPath("--root", f.root)); err != nil {
		return o, nil, usage(err)
	}
	if info, err := os.Stat(filepath.Join("/", f.root)); err != nil || !info.IsDir() {
		return o, nil, fmt.Errorf("--root: %q: no such directory: mount the machine's root directory there", f.root)
	}
	if f.state == "" && f.filter.cmd.Flags().Changed("state") { // a script's empty variable
		return o, nil, usage(errors.New(`--state: "" is no file: name one, such as /var/lib/oomtrail/state, or leave the flag out`))
	}
	dating, err := input.Dating(f.location, "")
	if err != nil {
		return o, nil, usage(err)
	}
	switch {
	case !f.filter.cmd.Flags().Changed("since"):
	case f.since == "boot":
		o.Boot = true
	default:
		if o.Since, err = filter.ParseTime("since", f.since, time.Now(), dating.Location); err != nil {
			return o, nil, usage(fmt.Errorf("%w, or boot", err))
		}
	}
	o.Source, o.State = f.source, f.state
	o.Parser.Location = dating.Location
	o.Parser.HostName, o.Parser.HostID = machine.Identify(f.hostName, f.root, os.Getenv)
	if f.names {
		set := &input.Set{Notes: f.std.notes}
		set.FindNames(f.root)
		o.Parser.Names, o.Parser.UserNames = set.Lookup, set.Users
	}
	o.Journal = journalctl.Command{Path: journalctl.In(f.root), Root: f.root, Matches: journalctl.Matches(witness.Units(), o.Parser.Sigkill)}
	return o, chosen, nil
}

// flushed is a buffer that holds nothing back.
type flushed struct{ out *bufio.Writer }

// Write implements io.Writer.
func (f flushed) Write(b []byte) (int, error) {
	if n, err := f.out.Write(b); err != nil {
		return n, err
	}
	return len(b), f.out.Flush()
}

// appendLine adds a kill as one line for a person. Lines come one by one, so that columns have
// their widths before what stands in them is known; names are cut to them where a terminal has a
// width. A warning is one line too, a sentence.
func appendLine(b []byte, r *parser.Record, location *time.Location, width int) []byte {
	k := &kill.Kill{Record: r}
	if k.IsWarning() {
		b = fmt.Appendf(b, "%s  warning: %s", k.Moment(location), plain.Printable(r.Body))
		if next := k.Next(); next != "" {
			b = fmt.Appendf(b, "; next: %s", plain.Printable(next))
		}
		return append(b, '\n')
	}
	for _, c := range []struct {
		text  string
		width int
		name  bool // may be cut
	}{{k.Moment(location), 19, false}, {k.Process(), 24, true}, {k.Memory(), 18, false}, {k.Where(), 30, true}, {k.Cause(), 0, false}} {
		text := plain.Printable(c.text)
		if width > 0 && c.name {
			text = output.Cut(text, c.width)
		}
		b = fmt.Appendf(b, "%-*s  ", c.width, text)
	}
	if complete, ok := r.Get("oom.report.complete"); ok && !complete.Bool() {
		b = append(b, "(incomplete)  "...)
	}
	if warned := k.Warned(); warned != "" {
		b = fmt.Appendf(b, "(%s)", warned)
	}
	return append(bytes.TrimRight(b, " "), '\n')
}
