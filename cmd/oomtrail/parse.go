// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// runParse prints one record for each killed process.
func runParse(std stdio, args []string) error {
	var format, trust, stats, observations string
	opt := parser.Options{}
	var names naming
	in, err := parseArgs("parse", std, args, func(f *flag.FlagSet) {
		f.StringVar(&format, "format", "json", "json (one flat object a line) or text (for people)")
		f.StringVar(&trust, "trust", "auto", "which lines may make a record: auto, kernel or any")
		f.StringVar(&observations, "observations", "unmatched", "which of what other programs say of a memory kill makes a record: unmatched (what joins no kill), all or none")
		f.BoolVar(&opt.Sigkill, "sigkill", false, "add each death by SIGKILL, with its verdict")
		f.StringVar(&stats, "memory-stat", "main", "how much of memory.stat: main, all or none")
		f.IntVar(&opt.TasksTop, "tasks-top", 10, "how many of the largest tasks to list, 0 to 50")
		names.define(f)
		f.BoolVar(&opt.IncludeOriginal, "original", false, "add the report's lines as log.record.original")
	})
	if err != nil {
		return err
	}
	if opt.Trust, err = parser.ParseTrust(trust); err != nil {
		return fmt.Errorf("%w: -trust: %w", errUsage, err)
	}
	if opt.MemoryStat, err = parser.ParseMemoryStat(stats); err != nil {
		return fmt.Errorf("%w: -memory-stat: %w", errUsage, err)
	}
	if opt.Observations, err = parser.ParseObservations(observations); err != nil {
		return fmt.Errorf("%w: -observations: %w", errUsage, err)
	}
	if opt.TasksTop < 0 || opt.TasksTop > parser.MaxTasksTop {
		return fmt.Errorf("%w: -tasks-top: %d: use 0 to 50", errUsage, opt.TasksTop)
	}
	opt.NoTasks = opt.TasksTop == 0
	in = names.of(in)
	if _, err := parser.New(opt); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	switch format {
	case "json":
		in.brief = !std.terminal
		printed := 0
		kills := once.Holder[*record.Record]{Hand: func(r *record.Record) error {
			printed++
			return printJSON(std, r)
		}}
		err := in.each(func(r io.Reader, in input) error {
			err := parser.ReadAll(r, in.apply(opt), func(r *record.Record) error {
				in.found()
				if !in.several {
					return kills.Hand(r)
				}
				return kills.Take(r, r, in.more)
			})
			return kills.Release(in.more, err)
		})
		err = kills.Release(false, err)
		if err == nil && printed == 0 && std.terminal {
			std.noteNothing(in)
		}
		return err
	case "text":
		return printPages(std, in, opt)
	}
	return fmt.Errorf("%w: -format: unknown format %q: use json or text", errUsage, format)
}

// printJSON writes a record as one flat JSON object on a line, at once: somebody may be waiting at
// the end of a pipe.
func printJSON(std stdio, r *record.Record) error {
	if _, err := std.out.Write(append(r.AppendJSON(nil), '\n')); err != nil {
		return err
	}
	return std.out.Flush()
}
