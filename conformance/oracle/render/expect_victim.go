// SPDX-License-Identifier: Apache-2.0

package render

// victim is what the record of one killed process says.
func (e *expecter) victim(t Task, group bool) Event {
	v := e.report("oom.kill")
	v["process.pid"], v["process.title"] = t.PID, t.Comm
	if group {
		v["oom.victim.group_kill"] = true
		delete(v, "oom.victim.cgroup") // they may live in any cgroup below
	}
	if e.isRHEL("5.7", "6.6", "7.7", "8.3") || e.from("5.4") {
		v["process.real_user.id"] = t.UID
	}
	if e.HasOOMKillLine() && !e.Bare && !group {
		v["process.real_user.id"] = t.UID
	}
	hasRow := e.HasTasks() && !e.NoTasks && !e.Bare
	if hasRow {
		v["process.real_user.id"] = t.UID
	}
	if e.mainline("2.6.33") || e.isRHEL("6.6") {
		v["oom.victim.memory.virtual"] = t.TotalVM * e.page()
		v["oom.victim.memory.anon"], v["oom.victim.memory.file"] = t.Anon*e.page(), t.File*e.page()
		v["oom.victim.memory.rss"] = (t.Anon + t.File) * e.page()
	}
	if e.from("4.5") || e.isRHEL("7.7", "8.1", "8.3") {
		v["oom.victim.memory.shmem"], v["oom.victim.memory.rss"] = t.Shmem*e.page(), t.RSS()*e.page()
	}
	if e.from("5.4") && (e.Name != "5.4" || hasRow) { // 5.4 prints bytes as kB: only the table tells
		v["oom.victim.memory.page_tables"] = t.PTEPages * e.page()
	}
	if e.from("5.4") {
		v["oom.victim.oom_score_adj"] = t.OOMScoreAdj
	}
	if hasRow && (e.from("2.6.36") || e.rhel != 0) {
		v["oom.victim.oom_score_adj"] = t.OOMScoreAdj
	}
	if hasRow && (e.from("3.6") || e.isRHEL("7.7", "8.1", "8.3")) {
		v["oom.victim.memory.swap"] = t.Swap * e.page()
	}
	if e.HasSelection() && e.Ending != EndSacrifice && !group {
		v["oom.victim.score"] = e.Score
	}
	return v
}
