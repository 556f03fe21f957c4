// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// first is the first warning that can be about the kill: before it, and of the cgroup or of the
// whole machine, whichever runs out.
func (o *outcome) first() (w said, ok bool) {
	for _, w := range o.records {
		if w.Event == eventWarning && o.about(w) && (!o.killed || !w.at.After(o.victim.at)) {
			return w, true
		}
	}
	return said{}, false
}

// about reports whether a warning is about what the scenario does.
func (o *outcome) about(w said) bool {
	if o.scenario.place == whole {
		return w.Cgroup == ""
	}
	return w.Cgroup == o.cgroup
}

// kill is the record of the kill.
func (o *outcome) kill() (k said, ok bool) {
	for _, k := range o.records {
		if o.killed && k.Event == eventKill && k.PID == o.victim.pid {
			return k, true
		}
	}
	return said{}, false
}

// named is how long before it the record of the kill says that it was warned of.
func (o *outcome) named() (lead time.Duration, ok bool) {
	k, _ := o.kill()
	if k.Lead == nil {
		return 0, false
	}
	return time.Duration(*k.Lead * float64(time.Second)), true
}

// ours reports whether a record is about what this program does: cgroups of others are not, nor is
// the machine where others work on it.
func (o *outcome) ours(w said) bool {
	return strings.HasPrefix(w.Cgroup, o.own) || w.Cgroup == "" && o.alone
}

// false counts warnings where nothing was to come, or of what was healthy beside it.
func (o *outcome) false() (n int) {
	for _, w := range o.records {
		if w.Event == eventWarning && o.ours(w) && (o.scenario.truth == healthy || !o.about(w)) {
			n++
		}
	}
	return n
}

// failed says what is wrong with an outcome, "" for nothing.
func (o *outcome) failed() string {
	_, warned := o.first()
	_, named := o.named()
	_, recorded := o.kill()
	switch {
	case o.killed && (o.scenario.truth == healthy || o.scenario.truth == stuck):
		return "KILLED: nobody was to be"
	case !o.killed && (o.scenario.truth == leaks || o.scenario.truth == sudden):
		return "NO KILL: nothing can be said"
	case o.false() > 0:
		return fmt.Sprintf("%d FALSE", o.false())
	case !warned && (o.scenario.truth == leaks || o.scenario.truth == stuck):
		return "NO WARNING"
	case o.killed && !recorded:
		return "NO RECORD of the kill"
	case o.killed && named != warned:
		return "THE KILL DOES NOT NAME THE WARNING"
	}
	return ""
}

// printTable prints a row for each scenario.
func printTable(to io.Writer, all []*outcome) {
	if len(all) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nscenario\tlimit\tmost held\tfirst warning\tafter\tbefore the kill\tthe kill says\tfalse\tcpu\trss\twatches\tfds\t")
	for _, o := range all {
		limit := "machine"
		if o.scenario.place == limited {
			limit = fmt.Sprintf("%d MiB", o.scenario.limit)
		}
		cause, after, before, says := "none", "-", "-", "-"
		if first, ok := o.first(); ok {
			cause, after = first.Cause, seconds(first.at.Sub(o.began))
			if o.killed {
				before = seconds(o.victim.at.Sub(first.at))
			}
		}
		if !o.killed {
			before = "no kill"
		}
		if lead, ok := o.named(); ok {
			says = seconds(lead)
		}
		fmt.Fprintf(w, "%s\t%s\t%.0f %%\t%s\t%s\t%s\t%s\t%d\t%.2f %%\t%.1f MiB\t%d\t%d\t%s\n", o.scenario.name, limit, 100*o.most, cause, after, before, says, o.false(),
			100*o.cost.cpu.Seconds()/o.took.Seconds(), float64(o.cost.rss)/mib, o.cost.watches, o.cost.fds, o.failed())
	}
	_ = w.Flush() // to standard output
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// details prints what came.
func details(to io.Writer, o *outcome) {
	for _, w := range o.records {
		if o.ours(w) {
			fmt.Fprintf(to, "  %s %s %s: %s\n", seconds(w.at.Sub(o.began)), w.Event, w.Cause, w.Body)
		}
	}
	for line := range strings.Lines(o.notes) {
		fmt.Fprint(to, "  ", line)
	}
	if o.killed {
		fmt.Fprintf(to, "  %s killed: %s (%d)\n", seconds(o.victim.at.Sub(o.began)), o.victim.name, o.victim.pid)
	}
}
