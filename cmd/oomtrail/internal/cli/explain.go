// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/counters"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/html"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// newExplain returns the command that prints all that is known of one kill.
func newExplain(std *stdio) *cobra.Command {
	var in inputFlags
	var chosen filterFlags
	var form output.Flag
	var which, trust string
	var look textpage.Options
	cmd := &cobra.Command{
		Use:   "explain [FILE|DIR ...]",
		Short: "Explain one kill: what happened, why, and what to do now",
		Example: `  oomtrail explain                        the last kill in this machine's log
  oomtrail explain --kill 3 kern.log      the third that oomtrail kern.log lists
  oomtrail explain --pod shop/cart-0 nodes/
  oomtrail explain -o md kern.log         for a ticket: three sentences, then the figures
  oomtrail explain -o html kern.log > kill.html
  dmesg | oomtrail explain -v --all`,
		RunE: func(_ *cobra.Command, args []string) error {
			var opt parser.Options
			var err error
			if opt.Trust, err = parseTrust(trust); err != nil {
				return err
			}
			number := 0
			if which != "last" {
				if number, err = strconv.Atoi(which); err != nil || number < 1 {
					return usage(fmt.Errorf("--kill: %q is neither a number from 1 nor last: use one that oomtrail lists", which))
				}
			}
			set, wanted, err := chosen.over(&in, std, args)
			if err != nil {
				return err
			}
			look.Color, look.Width = std.wantsColor(), std.width
			e := explainer{number: number, filter: wanted, render: renderer(form.Value, look)}
			opt.KeepLines = form.Value == output.HTML
			return e.run(std, set, opt, form.Value)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&which, "kill", "last", "`NUMBER` of the kill, as oomtrail lists it, or last")
	complete(cmd, "kill", "last")
	flags.BoolVar(&look.All, "all", false, "list every process, not only the ten largest")
	flags.BoolVarP(&look.Verbose, "verbose", "v", false, "add memory zones, memory.stat, slab, and who asked for memory")
	outputFlag(cmd, &form, output.Text, output.Text, output.JSON, output.Markdown, output.HTML)
	in.define(cmd, true)
	trustFlag(cmd, &trust)
	chosen.define(cmd)
	return cmd
}

// explainer keeps the page of one kill: the last that is wanted, or the one whose number is given.
// The page is made when its report is whole.
type explainer struct {
	number  int // 0 for the last
	filter  *filter.Filter
	render  func(kill.Kill) []byte // makes a page of it
	several bool                   // inputs are read
	kills   once.Kills             // of several inputs
	seen    int
	chosen  int        // the number of the one that is kept
	at      time.Time  // when that was
	death   int        // the number of the last kill of a single input, 0 for none
	held    *kill.Kill // its page is not made yet
	last    *kill.Kill // of which text is the page
	text    []byte
}

func (e *explainer) run(std *stdio, set *input.Set, opt parser.Options, form output.Format) error {
	e.several = set.Files() > 1
	reader := kills.Reader{Inputs: set, Options: opt}
	err := reader.Reports(kills.Handler{Kill: e.kill, Closed: e.closed})
	e.make()
	std.ended(set)
	deaths := "" // which are no kills of the kernel
	switch {
	case e.seen == 0 && err == nil:
		if std.cut == "" {
			nothing.Note(std.notes, set.Read(), counters.Note, func() {
				deaths = otherDeaths(set)
				fmt.Fprint(std.notes, deaths)
			})
		}
	case e.number > e.seen && err == nil:
		return usage(fmt.Errorf("--kill: there is no kill %d, the input holds %d", e.number, e.seen))
	case e.last == nil && e.number > 0 && err == nil:
		return usage(fmt.Errorf("--kill: kill %d does not match %s: leave one of them out", e.number, e.filter))
	case e.last == nil:
		std.noteFilter(e.filter, 0)
	}
	if e.last == nil {
		if form == output.HTML {
			return cmp.Or(e.empty(std, &reader, deaths, err), err)
		}
		return err
	}
	var failed error
	if form == output.JSON {
		failed = printJSON(std, e.last.Record)
	} else {
		_, failed = std.out.Write(e.text)
	}
	if e.number == 0 && e.death > 0 && e.death < e.chosen { // such as a report that was cut off after it
		fmt.Fprintf(std.notes, "oomtrail explain: this event is no kill; the last kill is --kill %d\n", e.death)
	}
	return cmp.Or(failed, err) // of a file that could not be read; the others were
}

// empty prints the file to look at where there is nothing to explain: why, as the list does.
func (e *explainer) empty(std *stdio, reader *kills.Reader, deaths string, err error) error {
	reader.Seen = e.seen
	none := html.Listing{Location: reader.Inputs.Dating.Location}
	none.Notes = std.pageNotes(reader, e.filter, 0, err, func(std *stdio) { fmt.Fprint(std.notes, deaths) })
	_, failed := std.out.Write(none.File())
	return failed
}

func (e *explainer) kill(k *kill.Kill) error {
	seen := once.Seen{Number: e.seen + 1}
	if e.several {
		seen = e.kills.See(k.Record)
	}
	e.seen = max(e.seen, seen.Number)
	if seen.Again && !seen.Better || e.number != 0 && seen.Number != e.number || e.number == 0 && e.before(k, seen.Number) || !e.filter.Wants(k.Record) {
		return nil
	}
	k.Number, e.chosen, e.at = seen.Number, seen.Number, k.Time()
	if !e.several && k.IsKill() {
		e.death = seen.Number
	}
	e.held = k.Keep()
	if k.Event == nil { // no report of it is to come
		e.make()
	}
	return nil
}

// before reports whether a kill came before the one that is chosen: by its time in several inputs,
// which are read one after another, where both have one.
func (e *explainer) before(k *kill.Kill, number int) bool {
	switch at := k.Time(); {
	case !e.several || number == e.chosen || at.Equal(e.at):
		return number < e.chosen
	case at.IsZero() || e.at.IsZero():
		return at.IsZero()
	default:
		return at.Before(e.at)
	}
}

func (e *explainer) closed(r *report.Report) error {
	if e.held != nil && e.held.Event.Report == r {
		e.make()
	}
	return nil
}

// make makes the page of the kill that is held.
func (e *explainer) make() {
	if e.held == nil {
		return
	}
	e.last, e.held = e.held, nil
	e.text = e.render(*e.last)
}

// renderer returns what makes a page of a kill in an output; of JSON none is made.
func renderer(form output.Format, look textpage.Options) func(kill.Kill) []byte {
	switch form {
	case output.JSON:
		return func(kill.Kill) []byte { return nil }
	case output.Markdown:
		return func(k kill.Kill) []byte { return textpage.Markdown(k, look) }
	case output.HTML:
		return func(k kill.Kill) []byte { return html.Explain(page.Of(k, page.Options{All: look.All})) }
	}
	return func(k kill.Kill) []byte {
		made := textpage.Of(k, look)
		return append(made.News, made.Rest...)
	}
}
