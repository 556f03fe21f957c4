// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/plain"
)

// Rung is one level of a cgroup's path.
type Rung struct {
	// Name is that of the directory, "/" for the root.
	Name string
	// What says what the level is: "pod shop/cart-0", "slice".
	What string
	// Skipped is how many levels between this one and the one before are left out.
	Skipped int
	// Hit is set for the level whose memory ran out: that whose limit was hit, or the root where
	// that is the whole host. Full says how much there was: "limit 24 MiB", "" where that is not
	// known.
	Hit  bool
	Full string
	// Victim is set for the level in which the victim ran.
	Victim bool
}

// A ladder has at most so many rungs: those of a longer path are left out in its middle.
const mostRungs = 32

// ladder returns the levels of the victim's cgroup, and of the one whose limit was hit.
func (m *maker) ladder() (rungs []Rung) {
	victim, limit, scope := m.places()
	path := victim
	if !isBelow(victim, limit) { // the limit is what matters
		path = limit
	}
	if path == "/" || !strings.HasPrefix(path, "/") {
		return nil
	}
	root := Rung{Name: "/", What: "the whole host", Hit: scope == "host" || limit == "/"}
	if root.Hit {
		root.Full = m.full()
	}
	rungs = append(rungs, root)
	names := strings.Split(strings.TrimPrefix(path, "/"), "/")
	above, below := mostRungs/2, len(names)-mostRungs/2
	at, skipped, what := 0, 0, ""
	for i, name := range names {
		at += 1 + len(name)
		hit := path[:at] == limit
		if i >= above && i < below && !hit {
			skipped++
			continue
		}
		r := Rung{Name: plain.Printable(name), What: m.level(identity.Of(path[:at])), Skipped: skipped, Hit: hit, Victim: at == len(path) && path == victim}
		if r.What == what {
			r.What = "cgroup inside it"
		} else {
			what = r.What
		}
		if hit {
			r.Full = m.full()
		}
		rungs, skipped = append(rungs, r), 0
	}
	return rungs
}

// places returns the cgroup in which the victim ran and the one whose limit was hit, "" where one
// is not known, and what ran out.
func (m *maker) places() (victim, limit, scope string) {
	scope = m.Record.Text("oom.scope")
	victim = m.victimPlace()
	if m.report == nil {
		return victim, m.Record.Text("oom.cgroup.path"), scope
	}
	if path, ok := m.report.LimitCgroup(); ok && scope == "cgroup" {
		limit = path
	}
	return victim, limit, scope
}

// victimPlace returns the cgroup in which the victim ran, "" where that is not known.
func (m *maker) victimPlace() string {
	if m.report == nil {
		return m.Record.Text("oom.victim.cgroup")
	}
	return m.cgroup()
}

// isBelow reports whether a cgroup is another, or below it.
func isBelow(path, other string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(other, "/"))
	return ok && path != "" && (rest == "" || rest[0] == '/')
}

// full says how much there was of what ran out.
func (m *maker) full() string {
	switch m.Record.Text("oom.scope") {
	case "host":
		if total := m.sizeOf("oom.host_memory.total"); total != "" {
			return total + " RAM"
		}
	case "cgroup":
		if bytes, ok := m.Limit(); ok {
			return "limit " + kill.Size(bytes)
		}
	}
	return ""
}

// level says what a level of a path is.
func (m *maker) level(id identity.Identity) string {
	switch id.Level {
	case identity.LevelContainer:
		name := m.Container()
		if own := m.Record.Text("container.id"); own != id.ContainerID || name == "" {
			name = plain.Printable(id.ContainerID)
			name = name[:min(len(name), 12)]
		}
		return "container " + name
	case identity.LevelPod:
		name := m.PodName()
		if m.Record.Text("k8s.pod.uid") != id.PodUID || name == "" {
			name = id.PodUID
		}
		return "pod " + name
	case identity.LevelQoS:
		return "all " + id.QoS + " pods"
	case identity.LevelUser:
		return "all that user " + id.User + " runs"
	case identity.LevelMachine:
		return "machine " + plain.Printable(id.Machine)
	case identity.LevelService:
		return "service"
	case identity.LevelScope:
		return "scope"
	case identity.LevelSlice:
		return "slice"
	}
	return "cgroup"
}
