// SPDX-License-Identifier: Apache-2.0

// Package version says which build of oomtrail this is. Command, plugin and collector components
// say it by this package.
package version

import (
	"runtime/debug"
	"strings"
)

// module is this project, as Go calls it.
const module = "github.com/oomtrail/oomtrail"

// Set by the linker: see LDFLAGS in version.mk.
var version, commit, date string

// Info is a build. What is not known is "".
type Info struct {
	// Version is that of a release, such as v1.2.3, or what Go calls a commit between two; "devel"
	// where neither is known.
	Version string
	// Commit is the revision that was built; with "+changes" where files differed from it.
	Commit string
	// Date is when that revision was committed, by RFC 3339.
	Date string
}

// Get returns the build of this program: what the linker set, else what Go itself noted.
func Get() Info {
	build, _ := debug.ReadBuildInfo()
	return get(Info{version, commit, date}, build)
}

// get completes what the linker set by what Go noted; build may be nil.
func get(info Info, build *debug.BuildInfo) Info {
	linked := info
	switch {
	case build == nil:
	case build.Main.Path == module:
		if info.Version == "" {
			info.Version = strings.Trim(build.Main.Version, "()")
		}
		changed := false
		for _, s := range build.Settings {
			switch {
			case s.Key == "vcs.revision" && linked.Commit == "":
				info.Commit = s.Value
			case s.Key == "vcs.time" && linked.Date == "":
				info.Date = s.Value
			case s.Key == "vcs.modified" && linked.Commit == "":
				changed = s.Value == "true"
			}
		}
		if changed && info.Commit != "" {
			info.Commit += "+changes"
		}
	case info.Version == "": // a program of others, in which this project is a module among many
		for _, m := range build.Deps {
			if m.Path == module && m.Replace == nil {
				info.Version = m.Version
			}
		}
	}
	if info.Version == "" {
		info.Version = "devel"
	}
	return info
}

// String is the build in a line: v1.2.3 (commit 0123456789ab, 2026-05-01T12:00:00Z).
func (i Info) String() string {
	var more []string
	if i.Commit != "" {
		hash, changes, _ := strings.Cut(i.Commit, "+")
		if changes != "" {
			changes = "+" + changes
		}
		more = append(more, "commit "+hash[:min(len(hash), 12)]+changes)
	}
	if i.Date != "" {
		more = append(more, i.Date)
	}
	if len(more) == 0 {
		return i.Version
	}
	return i.Version + " (" + strings.Join(more, ", ") + ")"
}
