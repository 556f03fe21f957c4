// SPDX-License-Identifier: Apache-2.0

package render

// tasks prints the task table.
func (p *printer) tasks() {
	if p.from("4.19") {
		p.say(info, "Tasks state (memory values in pages):")
	}
	p.say(info, "%s", p.taskHead())
	for _, t := range p.Tasks {
		p.taskRow(t)
	}
}

// taskHead returns the head of the table, T1 to T7.
func (p *printer) taskHead() string {
	switch {
	case p.to("2.6.35"):
		return "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name"
	case p.to("3.5") || p.isRHEL("6.6"):
		return "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name"
	case p.to("3.19") || p.isRHEL("7.7"):
		return "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name"
	case p.to("4.14"):
		return "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name"
	case p.to("4.18") || p.isRHEL("8.1", "8.3"):
		return "[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
	case p.to("6.6"):
		return "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
	}
	return "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"
}

func (p *printer) taskRow(t Task) {
	uid, bytes := int64(int32(t.UID)), p.kb(t.PTEPages)*1024
	switch {
	case p.to("2.6.35"):
		p.say(info, "[%5d] %5d %5d %8d %8d %3d     %3d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), p.CPU, p.oomAdj(t), t.Comm)
	case p.to("3.5") || p.isRHEL("6.6"):
		p.say(info, "[%5d] %5d %5d %8d %8d %3d     %3d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), p.CPU, p.oomAdj(t), t.OOMScoreAdj, t.Comm)
	case p.to("3.19") || p.isRHEL("7.7"):
		p.say(info, "[%5d] %5d %5d %8d %8d %7d %8d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), t.PTEPages, t.Swap, t.OOMScoreAdj, t.Comm)
	case p.to("4.14"):
		p.say(info, "[%5d] %5d %5d %8d %8d %7d %7d %8d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), t.PTEPages, 3, t.Swap, t.OOMScoreAdj, t.Comm)
	case p.to("4.18") || p.isRHEL("8.1", "8.3"):
		p.say(info, "[%5d] %5d %5d %8d %8d %8d %8d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), bytes, t.Swap, t.OOMScoreAdj, t.Comm)
	case p.to("6.6"):
		p.say(info, "[%7d] %5d %5d %8d %8d %8d %8d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), bytes, t.Swap, t.OOMScoreAdj, t.Comm)
	default:
		p.say(info, "[%7d] %5d %5d %8d %8d %8d %8d %9d %8d %8d         %5d %s", t.PID, uid, t.TGID, t.TotalVM, t.RSS(), t.Anon, t.File, t.Shmem, bytes, t.Swap, t.OOMScoreAdj, t.Comm)
	}
}
