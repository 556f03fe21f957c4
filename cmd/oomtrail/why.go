// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/story"
	"github.com/oomtrail/oomtrail/parser"
)

// runWhy prints the story of each death by SIGKILL, with the lines of all witnesses.
func runWhy(std stdio, args []string) error {
	var names naming
	var of story.Of
	var flags *flag.FlagSet
	in, err := parseArgs("why", std, args, func(f *flag.FlagSet) {
		f.Int64Var(&of.PID, "pid", 0, "only of the process with that pid")
		f.StringVar(&of.Unit, "unit", "", "only of that systemd unit")
		f.StringVar(&of.Pod, "pod", "", "only of that pod: NAME, NAMESPACE/NAME or its uid")
		f.StringVar(&of.Container, "container", "", "only of that container: its name, or its id's first six characters or more")
		names.define(f)
		flags = f
	})
	if err != nil {
		return err
	}
	flags.Visit(func(f *flag.Flag) {
		switch value := f.Value.String(); f.Name {
		case "pid":
			if of.PID < 1 {
				err = fmt.Errorf("%w: -pid: %d is no pid: use a number from 1", errUsage, of.PID)
			}
		case "unit", "pod", "container":
			if value == "" { // a script's empty variable: not every death is wanted
				err = fmt.Errorf("%w: -%s: it is empty: name a %s, or leave the flag out", errUsage, f.Name, f.Name)
			}
		}
	})
	if err != nil {
		return err
	}
	in = names.of(in)
	stories, omitted, err := in.stories(of)
	wanted := stories
	if of.Asks() {
		wanted = nil
		for i := range stories {
			if of.Matches(&stories[i]) {
				wanted = append(wanted, stories[i])
			}
		}
	}
	if len(wanted) == 0 && err == nil {
		nothing.NoteDeaths(std.notes, *in.read, len(stories))
	}
	if omitted > 0 {
		fmt.Fprintf(std.notes, "oomtrail: too many deaths: %d records, which were read first, are left out: ask for one by -pid, -unit, -pod or -container, or give a shorter log\n", omitted)
	}
	if failed := story.Print(std.out, wanted); failed != nil {
		return failed
	}
	return err // of a file that could not be read; the others were
}

// stories reads all inputs, and returns the deaths that they show together. omitted is how many
// records went, as there were too many; those of the deaths that are asked for stay.
func (in input) stories(of story.Of) (stories []story.Story, omitted int, err error) {
	opt := parser.Options{IncludeOriginal: true, NoTasks: true, Names: in.lookup}
	collector := story.Collector{Of: of}
	evidence, err := collector.Evidence(opt)
	if err != nil {
		return nil, 0, err
	}
	opt.Evidence, opt.Sigkill = evidence, true
	in.std.out = nil // nothing is printed before all is read
	err = in.each(func(r io.Reader, in input) error {
		return parser.ReadAll(r, in.apply(opt), func(rec *parser.Record) error {
			in.found()
			collector.Take(rec)
			return nil
		})
	})
	stories = collector.Stories()
	return stories, collector.Omitted, err
}

// noteDeaths says, where no kill of the kernel was found, what the inputs show of other deaths by
// SIGKILL. It reads files again, and nothing else.
func (in input) noteDeaths() {
	if len(in.files) == 0 {
		return
	}
	for _, name := range in.files {
		if !isRegular(name) {
			return
		}
	}
	again := in
	again.read = new([]*nothing.Input)
	stories, omitted, err := again.stories(story.Of{})
	if err != nil || len(stories) == 0 {
		return
	}
	more := ""
	if omitted > 0 {
		more = "more than "
	}
	fmt.Fprintf(in.std.notes, "  Of deaths by SIGKILL that the kernel's report does not tell of, the input shows %s%d: %s. The last:\n", more, len(stories), story.Summary(stories))
	fmt.Fprintf(in.std.notes, "    %s\n  Their witnesses: oomtrail why FILE ...\n", stories[len(stories)-1].Title())
}
