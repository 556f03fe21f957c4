// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/story"
	"github.com/oomtrail/oomtrail/internal/nothing"
	"github.com/oomtrail/oomtrail/parser"
)

// newWhy returns the command that prints the story of each death by SIGKILL, with the lines of all
// witnesses.
func newWhy(std *stdio) *cobra.Command {
	var in inputFlags
	var chosen filterFlags
	cmd := &cobra.Command{
		Use:   "why [FILE|DIR ...]",
		Short: "Say why a process died of SIGKILL (exit code 137), and who saw it",
		Example: `  oomtrail why                       of this machine, since its start
  journalctl -o json --since yesterday > journal.json
  oomtrail why --unit nginx journal.json /var/log/audit/audit.log`,
		RunE: func(_ *cobra.Command, args []string) error {
			set, of, err := chosen.over(&in, std, args)
			if err != nil {
				return err
			}
			set.Journal = true   // other programs are witnesses
			set.BeforeRead = nil // nothing is printed before all is read
			stories, omitted, err := collectStories(set, of)
			std.ended(set)
			wanted := stories
			if of.Asks() {
				wanted = nil
				for i := range stories {
					if s := &stories[i]; of.Matches(s.Record, s.Kernel) {
						wanted = append(wanted, *s)
					}
				}
			}
			if len(wanted) == 0 && err == nil && std.cut == "" {
				nothing.NoteDeaths(std.notes, set.Read(), len(stories))
			}
			if omitted > 0 {
				fmt.Fprintf(std.notes, "oomtrail: too many deaths: the first %d records are left out: choose by --pid, --unit, --pod or --container, or give a shorter log\n", omitted)
			}
			if failed := story.Print(std.out, wanted); failed != nil {
				return failed
			}
			return err // of a file that could not be read; the others were
		},
	}
	in.define(cmd, true)
	chosen.definePID(cmd)
	chosen.define(cmd)
	return cmd
}

// collectStories reads all inputs, and returns the deaths that they show together. omitted is how
// many records went, as there were too many; those of the deaths that are asked for stay.
func collectStories(set *input.Set, of *filter.Filter) (stories []story.Story, omitted int, err error) {
	opt := parser.Options{IncludeOriginal: true, NoTasks: true, Names: set.Lookup}
	collector := story.Collector{Of: of}
	evidence, err := collector.Evidence(opt)
	if err != nil {
		return nil, 0, err
	}
	opt.Evidence, opt.Sigkill = evidence, true
	err = set.Each(func(in *input.Input) error {
		return parser.ReadAll(in, in.Apply(opt), func(rec *parser.Record) error {
			in.Found()
			collector.Take(rec)
			return nil
		})
	})
	stories = collector.Stories()
	return stories, collector.Omitted, err
}

// otherDeaths says, where no kill of the kernel was found, what the inputs show of other deaths by
// SIGKILL, "" for nothing. It reads files again, and nothing else.
func otherDeaths(set *input.Set) string {
	again := set.Again()
	if again == nil {
		return ""
	}
	stories, omitted, err := collectStories(again, nil)
	if err != nil || len(stories) == 0 {
		return ""
	}
	more := ""
	if omitted > 0 {
		more = "more than "
	}
	return fmt.Sprintf("  But the input shows %s%s: %s. The last one:\n    %s\n  For all of them: oomtrail why FILE ...\n",
		more, count(len(stories), "death by SIGKILL", "deaths by SIGKILL"), story.Summary(stories), stories[len(stories)-1].Title())
}
