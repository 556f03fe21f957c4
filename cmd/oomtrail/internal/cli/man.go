// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/oomtrail/oomtrail/internal/version"
)

// newMan returns the hidden command that writes the man pages, for packages.
func newMan(std *stdio) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write a man page for each command into a directory",
		Example: "  oomtrail man /usr/local/share/man/man1",
		Hidden:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("man needs one directory, such as /usr/local/share/man/man1, not %d", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("cannot write the man pages: %w", err)
			}
			build := version.Get()
			date, err := time.Parse(time.RFC3339, build.Date)
			if err != nil { // the same pages each time
				date = time.Unix(0, 0).UTC()
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			header := &doc.GenManHeader{Section: "1", Date: &date, Source: "oomtrail " + build.Version, Manual: "User Commands"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("cannot write the man pages: %w", err)
			}
			_, err = fmt.Fprintf(std.out, "wrote the man pages of oomtrail and its commands into %s\n", args[0])
			return err
		},
	}
}
