// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser"
)

// recordFlags are the flags that say of what there are records, and what is in them.
type recordFlags struct {
	trust, stats, observations string
	opt                        parser.Options
}

// define adds the flags to those of a command that prints records for programs.
func (f *recordFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	trustFlag(cmd, &f.trust)
	flags.StringVar(&f.observations, "observations", "unmatched", "`WHICH` of what other programs say of a memory kill makes a record: unmatched (what joins no kill), all or none")
	flags.BoolVar(&f.opt.Sigkill, "sigkill", false, "add each death by SIGKILL, with its verdict")
	flags.StringVar(&f.stats, "memory-stat", "main", "how `MUCH` of memory.stat: "+enum.Or(parser.MemoryStatNames()))
	flags.IntVar(&f.opt.TasksTop, "tasks-top", parser.DefaultTasksTop, "`NUMBER` of the largest tasks to list, 0 to 50")
	flags.BoolVar(&f.opt.IncludeOriginal, "original", false, "add the report's lines as log.record.original")
	complete(cmd, "observations", parser.ObservationNames()...)
	complete(cmd, "memory-stat", parser.MemoryStatNames()...)
}

// read returns the parser's options that the flags ask for.
func (f *recordFlags) read() (o parser.Options, err error) {
	o = f.opt
	if o.Trust, err = parseTrust(f.trust); err != nil {
		return o, err
	}
	if o.MemoryStat, err = parser.ParseMemoryStat(f.stats); err != nil {
		return o, usage(fmt.Errorf("--memory-stat: %w", err))
	}
	if o.Observations, err = parser.ParseObservations(f.observations); err != nil {
		return o, usage(fmt.Errorf("--observations: %w", err))
	}
	if o.TasksTop < 0 || o.TasksTop > parser.MaxTasksTop {
		return o, usage(fmt.Errorf("--tasks-top: %d: use 0 to %d", o.TasksTop, parser.MaxTasksTop))
	}
	o.NoTasks = o.TasksTop == 0
	if _, err := parser.New(o); err != nil {
		return o, usage(err)
	}
	return o, nil
}

// trustFlag adds the flag of what may make a record to a command.
func trustFlag(cmd *cobra.Command, value *string) {
	cmd.Flags().StringVar(value, "trust", "auto", "`WHICH` lines may make a record: "+enum.Or(parser.TrustNames()))
	complete(cmd, "trust", parser.TrustNames()...)
}

// parseTrust reads the value of that flag.
func parseTrust(value string) (parser.Trust, error) {
	trust, err := parser.ParseTrust(value)
	if err != nil {
		return trust, usage(fmt.Errorf("--trust: %w", err))
	}
	return trust, nil
}
