// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/status"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/watch"
)

// places are the flags that say which part of a machine status is about.
var places = []string{"unit", "pod", "container", "cgroup"}

// viewer is what the flags of status say.
type viewer struct {
	std              *stdio
	watch, verify    bool
	interval, sample time.Duration
	since, location  string
	root             string
	names            bool
	limit            int
	output           output.Flag
	filter           filterFlags
}

// newStatus returns the command that shows how this machine stands.
func newStatus(std *stdio) *cobra.Command {
	v := &viewer{std: std}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how near this machine is to running out of memory",
		Long: `status shows on one screen how this machine stands with its memory: what the kernel has killed since
boot and whether its log has it, what is left, which process the kernel would choose next, which
cgroups are nearest their limit, and which settings are risky, each with the line that changes it.
It only reads, and looks when you ask: oomtrail follow --warnings warns by itself.

With --verify it says whether a fix holds: the peak under the limit, oom_kill and max steady, no
restart. Exit code: 0 it holds, 3 it does not, 4 it is not known, or not yet; 2 for a name that
nothing has.

Without root it shows what this user may see, and says what it could not.`,
		Example: `  oomtrail status                                     this machine
  oomtrail status --pod shop/cart-0                   one pod
  oomtrail status --watch                             again and again, until Ctrl-C
  oomtrail status -o json | jq '.next.processes[0]'   who would be next
  oomtrail status --verify --since 10m --unit nginx   does the fix hold?`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return v.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&v.watch, "watch", false, "show it again and again, until Ctrl-C")
	flags.DurationVar(&v.interval, "interval", 5*time.Second, "`TIME` between two looks of --watch, such as 2s or 1m")
	flags.DurationVar(&v.sample, "sample", time.Second, "`TIME` to look twice in, to see what grows; 0 looks once; --watch looks back a minute")
	flags.IntVar(&v.limit, "limit", 5, "how many `ROWS` of processes and of cgroups, 0 for all")
	flags.BoolVar(&v.verify, "verify", false, "say whether a fix holds, by the exit code too: with one of "+"--"+strings.Join(places, ", --"))
	flags.StringVar(&v.since, "since", "", "for --verify: `TIME` from which on it has to hold: 2026-05-01T12:00:00Z, 10m, 2h (default: when it was last started)")
	complete(cmd, "since", "10m", "1h", "24h")
	complete(cmd, "interval", "2s", "10s", "1m")
	complete(cmd, "sample", "10s", "1m")
	outputFlag(cmd, &v.output, output.Text, output.Text, output.JSON)
	v.filter.definePatterns(cmd, places...)
	shownIn(cmd, &v.location)
	namesFlag(cmd, &v.names)
	flags.StringVar(&v.root, "root", "", "root directory `DIR` of this machine, where status runs in a container")
	if err := cmd.MarkFlagDirname("root"); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

// run shows the machine once, or until the context ends.
func (v *viewer) run(cmd *cobra.Command) error {
	std := v.std
	dating, err := input.Dating(v.location, "")
	if err != nil {
		return usage(err)
	}
	var since time.Time
	if cmd.Flags().Changed("since") { // also to nothing, by a script's empty variable
		if since, err = filter.ParseTime("since", v.since, time.Now(), dating.Location); err != nil {
			return usage(err)
		}
		if since.After(time.Now()) {
			return usage(fmt.Errorf("--since: %q is still to come: use a time that has passed", v.since))
		}
	}
	if err := v.check(); err != nil {
		return err
	}
	var chosen filter.Filter
	if err := v.filter.readPatterns(&chosen); err != nil {
		return err
	}
	if v.verify && !chosen.Asks() {
		return usage(errors.New("--verify: it is about one unit, pod, container or cgroup: add --unit, --pod, --container or --cgroup"))
	}
	system := watch.At(v.root)
	if err := system.Check(); err != nil {
		if v.root == "" && runtime.GOOS != "linux" {
			return fmt.Errorf("status looks at a running Linux machine, and this is %s: run it there", runtime.GOOS)
		}
		return fmt.Errorf("--root: %q: %w", v.root, err)
	}
	c := &status.Collector{System: system, Root: v.root, Filter: &chosen, Location: dating.Location, Limit: v.limit}
	c.Host, _ = machine.Identify("", v.root, os.Getenv)
	if v.root == "" {
		c.Outside.Processes, c.Outside.Cgroups = system.Narrowed()
	}
	names := &input.Set{Notes: std.notes}
	if v.names {
		names.FindNames(v.root)
		c.Names = names.Lookup
	}
	if ownBoot(system) {
		c.Self = os.Getpid()
		c.ReadLog = func() status.Log { return v.readLog(names) }
	} else {
		c.Unseen = append(c.Unseen, "the kernel's log: it was not read, as "+machine.BootIDFile(system.Proc)+" does not name the boot of the kernel that runs here")
	}
	return v.show(c, since)
}

// check looks at the flags that are no text.
func (v *viewer) check() error {
	switch {
	case v.limit < 0:
		return usage(fmt.Errorf("--limit: %d: use a number from 1, or 0 for all", v.limit))
	case v.interval < 100*time.Millisecond:
		return usage(fmt.Errorf("--interval: %s is too short: use 100ms or more", v.interval))
	case v.sample < 0:
		return usage(fmt.Errorf("--sample: %s: use 0 or more", v.sample))
	case v.watch && v.verify:
		return usage(errors.New("--watch and --verify: a verdict is given once: leave one out"))
	case v.since != "" && !v.verify:
		return usage(errors.New("--since: only --verify is about a time: add it, or leave --since out"))
	}
	if err := setting.RootPath("--root", v.root); err != nil {
		return usage(err)
	}
	return nil
}

// show prints what a collector sees.
func (v *viewer) show(c *status.Collector, since time.Time) error {
	std := v.std
	if v.watch {
		for {
			s := c.Collect(time.Now())
			if err := v.print(c, &s); err != nil {
				return err
			}
			if !std.wait(v.interval) {
				return nil
			}
		}
	}
	if v.sample > 0 {
		c.Collect(time.Now())
		if err := v.missing(c); err != nil {
			return err
		}
		if !std.wait(v.sample) {
			return nil
		}
	}
	if !v.verify {
		s := c.Collect(time.Now())
		return v.print(c, &s)
	}
	s := c.Verify(time.Now(), since)
	if err := v.missing(c); err != nil {
		return err
	}
	if err := v.print(c, &s); err != nil {
		return err
	}
	switch s.Verdict.Outcome {
	case status.Fails:
		return exitWith(exitFails)
	case status.Unknown:
		return exitWith(exitUnknown)
	}
	return nil
}

// missing returns an error where --verify is about what nothing here is called.
func (v *viewer) missing(c *status.Collector) error {
	m := c.Missing()
	if !v.verify || m == nil || m.Unsure != "" {
		return nil
	}
	remedy := "oomtrail status shows what runs"
	if len(m.Near) > 0 {
		quoted := make([]string, len(m.Near))
		for i, name := range m.Near {
			quoted[i] = strconv.Quote(name)
		}
		remedy = "use " + enum.Or(quoted)
	}
	return usage(fmt.Errorf("%s: nothing on this machine is called that: no process, no cgroup, no unit, no kill of the kernel's log: %s", c.Filter, remedy))
}

// print writes one look, at once. On a terminal, --watch draws each over the one before.
func (v *viewer) print(c *status.Collector, s *status.Status) error {
	std := v.std
	if v.output.Value == output.JSON {
		text, err := s.JSON()
		if err != nil {
			return err
		}
		_, _ = std.out.Write(text) // Flush has the error
		return std.out.Flush()
	}
	width, height := std.screen()
	var page bytes.Buffer
	if err := s.Print(&page, textpage.Options{Color: std.wantsColor(), Width: width}, c.Location); err != nil {
		return err
	}
	switch {
	case v.watch && std.terminal:
		fmt.Fprintf(std.out, "\x1b[H\x1b[2J%s", cutToScreen(page.Bytes(), width, height))
	case v.watch:
		fmt.Fprintf(std.out, "%s\n", page.Bytes())
	default:
		_, _ = page.WriteTo(std.out) // Flush has the error
	}
	return std.out.Flush()
}

// wait waits. It reports whether nobody has ended it meanwhile.
func (std *stdio) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-std.reading.Done():
		return false
	case <-t.C:
		return true
	}
}

// ownBoot reports whether the files of a system are those of the kernel that runs here, whose log
// this process could read.
func ownBoot(s watch.System) bool {
	id := machine.BootIDOf(machine.BootIDFile(s.Proc))
	return id != "" && id == machine.BootID()
}

// readLog reads the kernel's kills from its own log.
func (v *viewer) readLog(names *input.Set) (l status.Log) {
	set := *names
	set.Context, set.Own, set.Brief = v.std.reading, true, true
	reader := kills.Reader{Inputs: &set, Options: parser.Options{NoTasks: true}}
	l.Err = reader.Records(func(k *kill.Kill) error {
		if k.IsKill() && k.Killer() == "kernel" {
			l.Kills = append(l.Kills, *k)
		}
		return nil
	})
	if l.Err != nil { // status takes no files
		l.Err = errors.New(strings.TrimSuffix(l.Err.Error(), ", or name a file"))
	}
	return l
}
