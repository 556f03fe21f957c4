// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
)

// helpWidth is how wide a help text is where no terminal says it.
const helpWidth = 100

// flagGroups are the headings under which the help lists flags. A flag that no group names stands
// under the first.
var flagGroups = []struct {
	title string
	flags []string
}{
	{title: "Flags:"},
	{"Which kills (in a pattern, * is any text and ? any character; a flag may come more than once):",
		append([]string{"since", "until", "pid"}, subjectNames()...)},
	{"Warnings before a kill:", warningFlagNames()},
	{"How the log is read:", []string{"format", "trust", "location", "written", "names", "root", "host-name"}},
}

func subjectNames() (names []string) {
	for i := range filter.Subjects {
		names = append(names, filter.Subjects[i].Name)
	}
	return names
}

// setHelp has a command and those below it print their help by groups.
func setHelp(root *cobra.Command, std *stdio) {
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		width := std.width
		if width < 40 || width > helpWidth {
			width = helpWidth
		}
		printUsage(cmd.OutOrStderr(), cmd, width)
		return nil
	})
}

func printUsage(w io.Writer, cmd *cobra.Command, width int) {
	fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND [flags]\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", strings.TrimRight(cmd.Example, "\n"))
	}
	printCommands(w, cmd)
	for i, group := range flagGroups {
		set := pflag.NewFlagSet(group.title, pflag.ContinueOnError)
		set.SortFlags = false
		add := func(f *pflag.Flag) {
			if slices.Contains(group.flags, f.Name) || i == 0 && !grouped(f.Name) {
				set.AddFlag(f)
			}
		}
		cmd.LocalFlags().VisitAll(add)
		cmd.InheritedFlags().VisitAll(add)
		if set.HasAvailableFlags() {
			fmt.Fprintf(w, "\n%s\n%s", group.title, set.FlagUsagesWrapped(width))
		}
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\nMore of a command: %s COMMAND --help\n", cmd.CommandPath())
	}
}

// grouped reports whether a group other than the first names a flag.
func grouped(flag string) bool {
	for _, group := range flagGroups {
		if slices.Contains(group.flags, flag) {
			return true
		}
	}
	return false
}

// printCommands lists the commands below one, by their groups.
func printCommands(w io.Writer, cmd *cobra.Command) {
	list := func(title, id string) {
		for _, c := range cmd.Commands() {
			if c.GroupID != id || !c.IsAvailableCommand() && c.Name() != "help" {
				continue
			}
			if title != "" {
				fmt.Fprintf(w, "\n%s\n", title)
				title = ""
			}
			fmt.Fprintf(w, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
	for _, group := range cmd.Groups() {
		list(group.Title, group.ID)
	}
	list("Commands:", "")
}
