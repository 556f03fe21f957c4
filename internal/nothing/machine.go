// SPDX-License-Identifier: Apache-2.0

package nothing

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// Machine is where this machine's own counters stand.
type Machine struct {
	Proc, Cgroups string
}

// This is the machine that the command runs on.
var This = Machine{Proc: "/proc", Cgroups: "/sys/fs/cgroup"}

// listed is how many cgroups are named.
const listed = 10

// note says how many kills the kernel counted that its log does not show, and which cgroups counted
// them.
func (m Machine) note(w io.Writer) {
	if value, err := os.ReadFile(filepath.Join(m.Proc, "sys/vm/overcommit_memory")); err == nil && strings.TrimSpace(string(value)) == "2" {
		fmt.Fprintln(w, "  This machine has vm.overcommit_memory=2: it refuses allocations instead of killing later.")
	}
	kills, ok := number(filepath.Join(m.Proc, "vmstat"), "oom_kill")
	switch {
	case !ok:
		fmt.Fprintln(w, "  This kernel does not count its kills (oom_kill in /proc/vmstat, from 4.13).")
		return
	case kills == 0:
		fmt.Fprintln(w, "  The kernel counts no kill since boot either (oom_kill in /proc/vmstat).")
		return
	}
	fmt.Fprintf(w, "  But the kernel counts %s since boot (oom_kill in /proc/vmstat), which its\n"+
		"  log no longer shows: the log was overwritten or cleared. journalctl -k or\n"+
		"  /var/log/kern.log may still have them.\n", plain.Count(kills, "kill"))
	counted := m.cgroups()
	if len(counted) == 0 {
		fmt.Fprintln(w, "  No cgroup that still exists counted any of them.")
		return
	}
	fmt.Fprintln(w, "  Cgroups that counted kills of their processes:")
	for _, c := range counted[:min(listed, len(counted))] {
		fmt.Fprintf(w, "  %9d  %s\n", c.kills, c.path)
	}
	if more := len(counted) - listed; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// counter is a cgroup and how many of its own processes were killed.
type counter struct {
	path  string
	kills int64
}

// cgroups returns the cgroups that counted kills, those with the most first. Version 2 counts into
// every cgroup above as well, unless the file is memory.events.local (5.2); version 1 never does.
func (m Machine) cgroups() []counter {
	own := map[string]int64{}   // of processes in the cgroup itself
	whole := map[string]int64{} // those of the cgroups below it among them
	_ = filepath.WalkDir(m.Cgroups, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has gone, or may not be read
		}
		dir := filepath.Dir(path)
		switch d.Name() {
		case "memory.events.local", "memory.oom_control":
			if n, ok := number(path, "oom_kill"); ok && n > 0 {
				own[dir] = n
			}
		case "memory.events":
			if n, ok := number(path, "oom_kill"); ok && n > 0 {
				whole[dir] = n
			}
		}
		return nil
	})
	for dir, n := range whole {
		if _, err := os.Stat(filepath.Join(dir, "memory.events.local")); err == nil {
			continue
		}
		for below, of := range whole {
			if filepath.Dir(below) == dir {
				n -= of
			}
		}
		if n > 0 {
			own[dir] = n
		}
	}
	counted := make([]counter, 0, len(own))
	for dir, n := range own {
		path := strings.TrimPrefix(dir, m.Cgroups)
		if path == "" {
			path = "/"
		}
		counted = append(counted, counter{strconv.QuoteToGraphic(path), n})
	}
	for i := range counted {
		counted[i].path = counted[i].path[1 : len(counted[i].path)-1]
	}
	slices.SortFunc(counted, func(a, b counter) int { return cmp.Or(cmp.Compare(b.kills, a.kills), cmp.Compare(a.path, b.path)) })
	return counted
}

// number returns the number behind a name in a file of "name number" lines.
func number(path, name string) (int64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if field, value, found := strings.Cut(strings.TrimSpace(line), " "); found && field == name {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
