// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/parser"
)

// newParse returns the command that prints records for programs: it lists kills as the root command
// does, with what else a record can have.
func newParse(std *stdio) *cobra.Command {
	l := &list{std: std}
	var trust, stats, observations string
	cmd := &cobra.Command{
		Use:   "parse [FILE|DIR ...]",
		Short: "Print a record for each kill, as one JSON object a line",
		Example: `  journalctl -k -o json | oomtrail parse --format journal-json
  oomtrail parse --location Europe/Berlin */kern.log > kills.jsonl`,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if l.opt.Trust, err = parser.ParseTrust(trust); err != nil {
				return usage(fmt.Errorf("--trust: %w", err))
			}
			if l.opt.MemoryStat, err = parser.ParseMemoryStat(stats); err != nil {
				return usage(fmt.Errorf("--memory-stat: %w", err))
			}
			if l.opt.Observations, err = parser.ParseObservations(observations); err != nil {
				return usage(fmt.Errorf("--observations: %w", err))
			}
			if l.opt.TasksTop < 0 || l.opt.TasksTop > parser.MaxTasksTop {
				return usage(fmt.Errorf("--tasks-top: %d: use 0 to %d", l.opt.TasksTop, parser.MaxTasksTop))
			}
			l.opt.NoTasks = l.opt.TasksTop == 0
			if _, err := parser.New(l.opt); err != nil {
				return usage(err)
			}
			return l.run(args)
		},
	}
	l.input.define(cmd, true)
	outputFlag(cmd, &l.output, output.JSON)
	flags := cmd.Flags()
	flags.StringVar(&trust, "trust", "auto", "which lines may make a record: "+enum.Or(parser.TrustNames()))
	flags.StringVar(&observations, "observations", "unmatched", "which of what other programs say of a memory kill makes a record: unmatched (what joins no kill), all or none")
	flags.BoolVar(&l.opt.Sigkill, "sigkill", false, "add each death by SIGKILL, with its verdict")
	flags.StringVar(&stats, "memory-stat", "main", "how much of memory.stat: "+enum.Or(parser.MemoryStatNames()))
	flags.IntVar(&l.opt.TasksTop, "tasks-top", parser.DefaultTasksTop, "how many of the largest tasks to list, 0 to 50")
	flags.BoolVar(&l.opt.IncludeOriginal, "original", false, "add the report's lines as log.record.original")
	complete(cmd, "trust", parser.TrustNames()...)
	complete(cmd, "observations", parser.ObservationNames()...)
	complete(cmd, "memory-stat", parser.MemoryStatNames()...)
	l.filter.define(cmd)
	return cmd
}
