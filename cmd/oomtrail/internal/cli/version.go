// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/internal/version"
)

// newVersion returns the command that says which build this is, as --version does.
func newVersion(std *stdio) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  oomtrail version",
		Args:    noArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(std.out, "oomtrail %s\n", version.Get())
			return err
		},
	}
}
