// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Killed is a cgroup, and how many of its own processes the kernel has killed since it is there.
type Killed struct {
	// Path is that of [Cgroup].
	Path  string
	Kills int64
}

// Kills looks at all cgroups and returns those that counted kills of their own processes, those
// with the most first (4.13). It reads nothing but their events.
func (h Hierarchy) Kills() []Killed {
	var counted []Cgroup
	look := func(path string) {
		c := Cgroup{Path: path}
		if h.readEvents(&c); c.Events.OOMKill.V > 0 {
			h.readLocal(&c)
			counted = append(counted, c)
		}
	}
	look("/")
	h.Walk("/", look)
	return h.OwnKills(counted)
}

// OwnKills is [Hierarchy.Kills] of cgroups that were read. All those with kills have to be among
// them: version 2 counts into every cgroup above as well, unless the file is memory.events.local
// (5.2); version 1 never does.
func (h Hierarchy) OwnKills(cgroups []Cgroup) []Killed {
	below := map[string]int64{} // what those directly below a cgroup count
	if h.Version == 2 {
		for i := range cgroups {
			if c := &cgroups[i]; c.Path != "/" {
				below[path.Dir(c.Path)] += c.Events.OOMKill.V
			}
		}
	}
	killed := []Killed{}
	for i := range cgroups {
		c := &cgroups[i]
		kills := c.Events.OOMKill.V - below[c.Path]
		if c.Local.OOMKill.OK {
			kills = c.Local.OOMKill.V
		}
		if kills > 0 {
			killed = append(killed, Killed{c.Path, kills})
		}
	}
	slices.SortFunc(killed, func(a, b Killed) int {
		return cmp.Or(cmp.Compare(b.Kills, a.Kills), strings.Compare(a.Path, b.Path))
	})
	return killed
}
