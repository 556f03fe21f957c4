// SPDX-License-Identifier: Apache-2.0

// Package counters says what this machine's own counters know of kills where its kernel log shows
// none.
package counters

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/watch"
)

// listed is how many cgroups are named.
const listed = 10

// Note says of the machine that the command runs on how many kills the kernel counted that its log
// does not show, and which cgroups counted them.
func Note(w io.Writer) { note(w, watch.At("")) }

func note(w io.Writer, s watch.System) {
	if s.Settings().OvercommitMemory.V == 2 {
		fmt.Fprintln(w, "  This machine has vm.overcommit_memory=2: it refuses allocations instead of killing later.")
	}
	v, err := s.VMStat()
	switch {
	case err != nil || !v.OOMKill.OK:
		fmt.Fprintln(w, "  This kernel does not count its kills (oom_kill in /proc/vmstat, from 4.13).")
		return
	case v.OOMKill.V == 0:
		fmt.Fprintln(w, "  The kernel counts no kill since boot either (oom_kill in /proc/vmstat).")
		return
	}
	fmt.Fprintf(w, "  But the kernel counts %s since boot (oom_kill in /proc/vmstat), which its\n"+
		"  log no longer shows: the log was overwritten or cleared. journalctl -k or\n"+
		"  /var/log/kern.log may still have them.\n", plain.Count(v.OOMKill.V, "kill"))
	counted := cgroups(s)
	if len(counted) == 0 {
		fmt.Fprintln(w, "  No cgroup that still exists counted any of them.")
		return
	}
	fmt.Fprintln(w, "  Cgroups that counted kills of their processes:")
	for _, c := range counted[:min(listed, len(counted))] {
		fmt.Fprintf(w, "  %9d  %s\n", c.Kills, c.Path)
	}
	if more := len(counted) - listed; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// cgroups returns the cgroups that counted kills, those with the most first, by printable paths
// from where all hierarchies are mounted.
func cgroups(s watch.System) []watch.Killed {
	h, err := s.Hierarchy()
	if err != nil { // there are none
		return nil
	}
	counted := h.Kills()
	for i := range counted {
		c := &counted[i]
		quoted := strconv.QuoteToGraphic(filepath.Join("/", strings.TrimPrefix(h.Dir, s.Cgroups), c.Path))
		c.Path = quoted[1 : len(quoted)-1]
	}
	return counted
}
