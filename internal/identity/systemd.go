// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// unitName undoes the escape that systemd puts before a name which the cgroup file system would
// take for a file of its own: a leading "_".
func unitName(name string) string { return strings.TrimPrefix(name, "_") }

// isUnit reports whether name can be a unit that has a cgroup; a slice is not one here.
func isUnit(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name) > 255 || !validUnit(name) {
		return false
	}
	switch name[dot:] {
	case ".service", ".scope", ".socket", ".mount", ".swap":
		return true
	}
	return false
}

// validUnit reports whether all characters of name are ones that systemd allows in a unit's name.
func validUnit(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '@', c == '\\':
		default:
			return false
		}
	}
	return true
}

// enterSlice goes into a slice that the manager above can have made: "a-b.slice" stands in
// "a.slice" and untrusted else. A directory that merely ends so is none.
func (w *walk) enterSlice(name string) bool {
	stem, ok := strings.CutSuffix(name, ".slice")
	if !ok || stem == "" || len(name) > 255 || !validUnit(name) {
		return false
	}
	if dash := strings.LastIndexByte(stem, '-'); dash >= 0 {
		if dash == 0 || dash == len(stem)-1 || len(w.slice) != dash+len(".slice") || w.slice[:dash] != stem[:dash] {
			return false
		}
	} else if w.slice != "" {
		return false
	}
	w.slice = name
	if w.at == atRoot {
		w.at = inSlice
	}
	w.id.Level = LevelSlice
	return true
}

// enterUnit goes into a unit of the system's manager.
func (w *walk) enterUnit(unit string) {
	w.id.Unit = unit
	w.at = inUnit
	if w.id.User != "" && w.userManager(unit) {
		return
	}
	w.id.Level = unitLevel(unit)
	switch {
	case w.containerName(unit):
	case w.machineUnit(unit):
	case w.nomadUnit(unit):
	case unit == "slurmstepd.scope" || strings.HasSuffix(unit, "_slurmstepd.scope"):
		w.id.Scheduler = Slurm
	default:
		w.id.App = appID(unit)
	}
}

// unitLevel tells the level of a unit from its name.
func unitLevel(unit string) Level {
	switch {
	case strings.HasSuffix(unit, ".service"):
		return LevelService
	case strings.HasSuffix(unit, ".scope"):
		return LevelScope
	}
	return LevelOther
}

// userManager reads what only a user's slice holds: the user's own manager and login sessions.
func (w *walk) userManager(unit string) bool {
	if uid, ok := between(unit, "user@", ".service"); ok && uid == w.id.User {
		w.id.Level, w.at, w.slice = LevelService, inUser, ""
		return true
	}
	if session, ok := between(unit, "session-", ".scope"); ok {
		w.id.Level, w.id.Session = LevelScope, session
		return true
	}
	return false
}

// userChild reads a name below a user's manager. The user makes what they like there, so a
// container is believed only by the name that a rootless runtime has systemd give it; it stays that
// user's container.
func (w *walk) userChild(name string) {
	if w.enterSlice(name) {
		return
	}
	if w.at = untrusted; !isUnit(name) {
		return
	}
	w.id.Unit, w.id.Level = unitName(name), unitLevel(name)
	if strings.HasSuffix(name, ".scope") && w.containerName(name) {
		if w.id.Runtime == CRIO || strings.HasPrefix(name, "cri-") {
			w.id.ContainerID, w.id.Runtime, w.id.Monitor, w.id.Level = "", "", false, LevelScope
		}
		return
	}
	w.id.App = appID(w.id.Unit)
	w.at = inUnit
}
