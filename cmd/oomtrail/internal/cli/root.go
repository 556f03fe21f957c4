// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/version"
)

// newRoot returns the command with all its subcommands.
func newRoot(std *stdio) *cobra.Command {
	root := newList(std)
	root.Version = version.Get().String()
	root.SetVersionTemplate("oomtrail {{.Version}}\n")
	root.Flags().Bool("version", false, "print the version")
	setHelp(root, std)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().Var(&std.color, "color", "colours: auto (on a terminal, unless NO_COLOR is set), always or never")
	complete(root, "color", colors...)
	kills, machines := &cobra.Group{ID: "kills", Title: "Commands:"}, &cobra.Group{ID: "programs", Title: "For programs and for a closer look:"}
	root.AddGroup(kills, machines)
	root.SetHelpCommandGroupID(machines.ID)
	root.SetCompletionCommandGroupID(machines.ID)
	for _, new := range []func(*stdio) *cobra.Command{newExplain, newTop, newFollow, newWhy, newStatus} {
		add(root, kills, new(std))
	}
	for _, new := range []func(*stdio) *cobra.Command{newParse, newReport, newLines, newIdentity, newVersion} {
		add(root, machines, new(std))
	}
	root.AddCommand(newMan(std))
	// Files are completed too, not only the commands.
	root.ValidArgsFunction = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return root
}

func add(root *cobra.Command, group *cobra.Group, cmd *cobra.Command) {
	cmd.GroupID = group.ID
	root.AddCommand(cmd)
}

// inFlag finds the argument that a message of the flags is about.
var inFlag = regexp.MustCompile(`unknown shorthand flag: .* in -([a-z][a-z-]+)`)

// flagError says what to do about a wrong flag.
func flagError(cmd *cobra.Command, err error) error {
	if m := inFlag.FindStringSubmatch(err.Error()); m != nil && cmd.Flags().Lookup(m[1]) != nil {
		return usage(fmt.Errorf("-%s: a long flag has two dashes: --%s", m[1], m[1]))
	}
	if wrong := (*pflag.InvalidValueError)(nil); errors.As(err, &wrong) {
		return usage(wrongValue(wrong))
	}
	return usage(fmt.Errorf("%w: see %s --help", err, cmd.CommandPath()))
}

// wrongValue names the flag and the value, and says which values it takes.
func wrongValue(wrong *pflag.InvalidValueError) error {
	flag := wrong.GetFlag()
	name := "--" + flag.Name
	if flag.Shorthand != "" {
		name = "-" + flag.Shorthand + ", " + name
	}
	switch flag.Value.Type() {
	case "bool":
		return fmt.Errorf("%s: %q is neither true nor false: use --%s or --%s=false", name, wrong.GetValue(), flag.Name, flag.Name)
	case "int", "int64":
		return fmt.Errorf("%s: %q is no number that it takes: use one such as %s", name, wrong.GetValue(), example(flag.DefValue))
	case "float64":
		return fmt.Errorf("%s: %q is no number: use one such as %s", name, wrong.GetValue(), flag.DefValue)
	case "duration":
		return fmt.Errorf("%s: %q is no length of time: use one such as %s", name, wrong.GetValue(), flag.DefValue)
	}
	return fmt.Errorf("%s: %w", name, wrong.Unwrap()) // its own message has the values
}

// example returns a number that a flag takes.
func example(standard string) string {
	if standard == "0" {
		return "1"
	}
	return standard
}

// noCommand returns an error where the one argument of the root command is rather a mistyped
// command than a file.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) != 1 || strings.ContainsAny(args[0], "./\\") {
		return nil
	}
	if _, err := os.Stat(args[0]); !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			names = append(names, c.Name())
		}
	}
	return usage(fmt.Errorf("%q is neither a file nor a command: use %s, or the path of a log", args[0], enum.Or(names)))
}

// complete has a shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is there
	}
}

// completeList has a shell complete a list of values with commas between them.
func completeList(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var lists []cobra.Completion
		for _, value := range values {
			if !slices.Contains(strings.Split(before, ","), value) {
				lists = append(lists, before+value)
			}
		}
		return lists, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic(err) // the flag is there
	}
}
