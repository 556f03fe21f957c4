// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/oomtrail/oomtrail/internal/ids"

// nomadShare stands for both of them as the slice above.
const nomadShare = "nomad-share.slice"

// nomadPartition goes into share.slice or reserve.slice, directories that Nomad makes itself in
// nomad.slice; systemd would have made nomad-share.slice.
func (w *walk) nomadPartition(name string) bool {
	if w.slice != "nomad.slice" || name != "share.slice" && name != "reserve.slice" {
		return false
	}
	w.slice, w.id.Level = nomadShare, LevelOther
	return true
}

// nomadUnit reads Nomad's scopes, ALLOCATION.TASK.scope.
func (w *walk) nomadUnit(unit string) bool {
	body, ok := between(unit, "", ".scope")
	if !ok || w.slice != "nomad.slice" && w.slice != nomadShare || len(body) < 38 || body[36] != '.' || !ids.IsUUID(body[:36], '-') {
		return false
	}
	w.id.Scheduler, w.id.Job, w.id.Task = Nomad, body[:36], body[37:]
	w.id.Unit, w.id.Level = "", LevelOther // Nomad makes the directory itself: systemd has no such unit
	return true
}

// nomadDirectory reads Nomad's directories on cgroup v1: ALLOCATION, ALLOCATION.TASK or
// ALLOCATION-TASK.
func (w *walk) nomadDirectory(name string) bool {
	if len(name) < 36 || !ids.IsUUID(name[:36], '-') || len(name) > 36 && name[36] != '-' && name[36] != '.' {
		return false
	}
	w.id.Scheduler, w.id.Job = Nomad, name[:36]
	if len(name) > 37 {
		w.id.Task = name[37:]
	}
	return true
}
