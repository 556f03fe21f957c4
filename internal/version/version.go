// SPDX-License-Identifier: Apache-2.0

// Package version says which build of oomtrail this is. Command, plugin and collector components
// say it by this package.
package version

import (
	"runtime/debug"
	"strings"
)

// Set by the linker in a release:
//
//	go build -ldflags "-X github.com/oomtrail/oomtrail/internal/version.version=v1.2.3 ..."
var version, commit, date string

// Info is a build. What is not known is "".
type Info struct {
	// Version is that of a release, such as v1.2.3; "devel" for another build.
	Version string
	// Commit is the revision that was built; with "+changes" where files differed from it.
	Commit string
	// Date is when that revision was committed, by RFC 3339.
	Date string
}

// Get returns the build of this program: what the linker set, else what Go itself noted.
func Get() Info {
	info := Info{Version: version, Commit: commit, Date: date}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info.orDevel()
	}
	if info.Version == "" && build.Main.Path == "github.com/oomtrail/oomtrail" {
		info.Version = strings.Trim(build.Main.Version, "()")
	}
	changed := false
	for _, s := range build.Settings {
		switch {
		case s.Key == "vcs.revision" && commit == "":
			info.Commit = s.Value
		case s.Key == "vcs.time" && date == "":
			info.Date = s.Value
		case s.Key == "vcs.modified" && commit == "":
			changed = s.Value == "true"
		}
	}
	if changed && info.Commit != "" {
		info.Commit += "+changes"
	}
	return info.orDevel()
}

func (i Info) orDevel() Info {
	if i.Version == "" {
		i.Version = "devel"
	}
	return i
}

// String is the build in a line: v1.2.3 (commit 0123abcd, 2026-05-01T12:00:00Z).
func (i Info) String() string {
	var more []string
	if i.Commit != "" {
		more = append(more, "commit "+i.Commit)
	}
	if i.Date != "" {
		more = append(more, i.Date)
	}
	if len(more) == 0 {
		return i.Version
	}
	return i.Version + " (" + strings.Join(more, ", ") + ")"
}
