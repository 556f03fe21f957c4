// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"strings"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/watch"
)

const (
	// longest is how long before a kill a warning of it may be.
	longest = 10 * time.Minute
	// late is how long after a kill its record may be made: it waits for the rest of its report,
	// and for other witnesses.
	late = 10 * time.Minute
	// mostGiven bounds how many warnings are remembered.
	mostGiven = 1024
)

// pastWarning is a warning that was given.
type pastWarning struct {
	id   string
	at   time.Time
	path string // "" for the host
}

// warnings remembers those of the last minutes. It forgets them when the program ends: a kill
// that is read again after a restart has no warning.
type warnings struct {
	mu    sync.Mutex
	given []pastWarning
}

// remember adds a warning, and forgets what no kill can be asked about any more.
func (m *warnings) remember(g pastWarning) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := max(0, len(m.given)+1-mostGiven)
	for old < len(m.given) && g.at.Sub(m.given[old].at) > longest+late {
		old++
	}
	clear(m.given[:old])
	m.given = append(m.given[old:], g)
}

// last returns the last warning before a kill that was about what ran out, or about a cgroup in it
// that holds the victim.
func (m *warnings) last(limit, victim string, at time.Time) (id string, lead time.Duration) {
	if limit == "" || at.IsZero() {
		return "", 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.given {
		g := &m.given[i]
		if ago := at.Sub(g.at); ago >= 0 && ago <= longest && (id == "" || ago <= lead) && g.isAbout(limit, victim) {
			id, lead = g.id, ago
		}
	}
	return id, lead
}

// isAbout reports whether a warning was about what ran out. The root of a hierarchy, of which a
// container sees its own, is not the host.
func (g *pastWarning) isAbout(limit, victim string) bool {
	switch {
	case g.path == "":
		return limit == "/"
	case g.path == "/" || !strings.HasPrefix(g.path, "/"):
		return false
	}
	return g.path == limit || watch.IsUnder(g.path, limit) && watch.IsUnder(victim, g.path)
}

// Warned is the function that [parser.Options] asks for the warning before a kill. It knows what
// this watcher has warned of, and nothing that it did before a restart. A watcher that sees only a
// container's cgroups knows them by other paths than the kernel prints, and answers for the host
// alone. Clocks that differ may put a kill before its warning: it then has none.
func (w *Watcher) Warned(limit, victim string, at time.Time) (id string, lead time.Duration) {
	return w.given.last(limit, victim, at)
}
