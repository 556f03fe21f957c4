// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oomtrail/oomtrail/internal/warning"
)

// warningFlags are the flags of warnings before a kill.
type warningFlags struct {
	on       bool
	settings warning.Settings
	cmd      *cobra.Command
}

// The flags of settings begin with warningPrefix; warningSettings are the keys that they are of, in
// the order of the help.
const warningPrefix = "warn-"

var warningSettings = []string{"cgroups", "near_limit", "available", "pressure", "per_minute"}

// define adds the flags to those of a command.
func (f *warningFlags) define(cmd *cobra.Command) {
	f.cmd, f.settings = cmd, warning.DefaultSettings()
	flags, s := cmd.Flags(), &f.settings
	flags.BoolVar(&f.on, "warnings", false, "also warn before a kill: when this machine runs short of memory, or one of its cgroups nears its limit")
	flags.StringArrayVar(&s.Cgroups, warningFlag("cgroups"), s.Cgroups, "watch only cgroups of that `PATTERN`, such as /system.slice/*; here ** is any text, and * any text without a slash (default: all that have a limit)")
	flags.Float64Var(&s.NearLimit, warningFlag("near_limit"), s.NearLimit, "`SHARE` of its limit at which a cgroup is near it, without page cache that can be dropped")
	flags.Float64Var(&s.Available, warningFlag("available"), s.Available, "`SHARE` of RAM, and of swap, below which this machine has little left")
	flags.Float64Var(&s.Pressure, warningFlag("pressure"), s.Pressure, "`SHARE` of ten seconds in which all tasks waited for memory")
	flags.IntVar(&s.PerMinute, warningFlag("per_minute"), s.PerMinute, "`NUMBER` of warnings about cgroups in a minute at most; the rest is counted")
	for _, key := range warningSettings {
		complete(cmd, warningFlag(key))
	}
}

// read returns what the flags ask for; wanted is false where that is no warning.
func (f *warningFlags) read() (s warning.Settings, wanted bool, err error) {
	var wrong []error
	for _, w := range f.settings.Check() {
		wrong = append(wrong, fmt.Errorf("--%s: %s: %s", warningFlag(w.Key), w.Value, w.Remedy))
	}
	if len(wrong) > 0 {
		return s, false, usage(errors.Join(wrong...))
	}
	for _, key := range warningSettings {
		if name := warningFlag(key); !f.on && f.cmd.Flags().Changed(name) {
			return s, false, usage(fmt.Errorf("--%s: it is a setting of --warnings: add that, or leave it out", name))
		}
	}
	return f.settings, f.on, nil
}

// warningFlag is the name of the flag of a setting: near_limit is warn-near-limit.
func warningFlag(key string) string {
	if key == "cgroups" {
		key = "cgroup" // one pattern a flag
	}
	return warningPrefix + strings.ReplaceAll(key, "_", "-")
}

// warningFlagNames are those of all flags of warnings, for the help.
func warningFlagNames() []string {
	names := []string{"warnings"}
	for _, key := range warningSettings {
		names = append(names, warningFlag(key))
	}
	return names
}
