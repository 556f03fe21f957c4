// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/output"
)

// newParse returns the command that prints records for programs: it lists kills as the root command
// does, with what else a record can have.
func newParse(std *stdio) *cobra.Command {
	l := &list{std: std}
	var records recordFlags
	cmd := &cobra.Command{
		Use:   "parse [FILE|DIR ...]",
		Short: "Print a record for each kill, as one JSON object a line",
		Example: `  journalctl -k -o json | oomtrail parse --format journal-json
  oomtrail parse --location Europe/Berlin */kern.log > kills.jsonl`,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if l.opt, err = records.read(); err != nil {
				return err
			}
			return l.run(args)
		},
	}
	l.input.define(cmd, true)
	outputFlag(cmd, &l.output, output.JSON, listOutputs...)
	records.define(cmd)
	l.filter.define(cmd)
	return cmd
}
