// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// runExplain prints one kill with all that its report holds.
func runExplain(std stdio, args []string) error {
	which, trust := "last", "auto"
	var names naming
	in, err := parseArgs("explain", std, args, func(f *flag.FlagSet) {
		f.StringVar(&which, "kill", which, "which kill of the input: a number from 1, or last")
		names.define(f)
		f.StringVar(&trust, "trust", trust, "which lines may make a record: auto, kernel or any")
	})
	if err != nil {
		return err
	}
	var opt parser.Options
	if opt.Trust, err = parser.ParseTrust(trust); err != nil {
		return fmt.Errorf("%w: -trust: %w", errUsage, err)
	}
	number := 0
	if which != "last" {
		if number, err = strconv.Atoi(which); err != nil || number < 1 {
			return fmt.Errorf("%w: -kill: %q is neither a number from 1 nor last", errUsage, which)
		}
	}
	in = names.of(in)
	e := explainer{number: number, options: page.Options{Color: wantsColor(std), Full: true}}
	err = in.each(func(r io.Reader, in input) error {
		e.several = in.several
		kill := func(k page.Kill) error { in.found(); return e.kill(k) }
		return eachKill(r, in.apply(opt), kill, e.closed)
	})
	switch {
	case e.seen == 0 && err == nil:
		std.noteNothing(in)
		in.noteDeaths()
	case e.number > e.seen && err == nil:
		return fmt.Errorf("%w: -kill: there is no kill %d, the input holds %d", errUsage, e.number, e.seen)
	}
	if _, failed := std.out.Write(e.text); failed != nil {
		return failed
	}
	return err // of a file that could not be read; the others were
}

// explainer keeps the page of one kill: the last, or the one whose number is given. The page is
// made when its report is whole.
type explainer struct {
	number  int // 0 for the last
	several bool
	kills   once.Kills // of several inputs
	options page.Options
	seen    int
	held    *page.Kill // its page is not made yet
	text    []byte
}

func (e *explainer) kill(k page.Kill) error {
	kill := once.Seen{Number: e.seen + 1}
	if e.several {
		kill = e.kills.See(k.Record)
	}
	e.seen = max(e.seen, kill.Number)
	if (!kill.Again || kill.Better) && (kill.Number == e.number || e.number == 0 && kill.Number == e.seen) {
		e.held = keep(k)
	}
	return nil
}

func (e *explainer) closed(r *report.Report) error {
	if e.held != nil && e.held.Event.Report == r {
		made := page.Of(*e.held, e.options)
		e.text, e.held = append(made.News, made.Rest...), nil
	}
	return nil
}
