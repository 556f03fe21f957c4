// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// lowmemorykillerProgram reads the driver of Android's kernels until 4.11, which kills without an
// OOM report (drivers/staging/android/lowmemorykiller.c). The line comes with the signal. kB are
// KiB. Vendors add to it: a thread group, a second adjustment, further lines.
//
//	3.0-4.5  send sigkill to PID (COMM), adj N, size PAGES
//	3.4+     lowmemorykiller: Killing 'COMM' (PID), adj N,
//	            to free NkB on behalf of 'COMM' (PID) because
//	            cache NkB is below limit NkB for oom_score_adj N
//	            Free memory is NkB above reserved
//
// It is one record of four lines, which some formats take apart: then the first says who died, and
// the size is not known.
var lowmemorykillerProgram = program{
	name: "lowmemorykiller",
	triggers: []string{
		"owmemory", // lowmemorykiller:
		"igkill t", // send sigkill to
	},
	new: Func(readLowmemorykiller).New,
}

func readLowmemorykiller(l *Line) Fact {
	a := &l.Author
	if a.Program != "" && a.Program != "kernel" || l.At.Origin == report.OriginUser || a.Comm != "" {
		return Fact{}
	}
	v := values{rest: l.Text}
	prefixed := v.optional("lowmemorykiller: ")
	f := Fact{
		Kind: Kill, Writer: "lowmemorykiller", Outcome: OutcomeDone, Signal: sigkill, Reason: "low_memory",
		// A name with newlines can look like a line where the format takes records apart.
		Verified: l.At.Origin == report.OriginKernel && l.At.Format.IsWhole(),
	}
	if v.optional("send sigkill to ") {
		f.Keys.PID, f.Keys.HasPID = v.id(), true
		v.word(" (")
		comm, rest, ok := cutLast(v.rest, "), adj ")
		f.Keys.Comm, v.rest = comm, rest
		v.number()
		v.word(", size ")
		v.number()
		if !ok || v.bad || f.Keys.PID == 0 || len(comm) > maxComm {
			return Fact{}
		}
		return f
	}
	if v.word("Killing '"); v.bad || !prefixed {
		return Fact{}
	}
	for n := 0; n <= maxComm && n <= len(v.rest); n++ {
		if g := f; g.lowmemory(values{rest: v.rest[n:]}) {
			g.Keys.Comm = v.rest[:n]
			return g
		}
	}
	return Fact{}
}

// lowmemory reads what follows the name.
func (f *Fact) lowmemory(v values) bool {
	v.word("' (")
	f.Keys.PID, f.Keys.HasPID = v.id(), true
	if v.word(")"); v.optional(" (tgid ") { // vendors: the pid before is that of a thread
		f.Keys.PID = v.id()
		v.word(")")
	}
	v.word(", adj ")
	adj := v.number()
	if v.optional(", score_adj ") { // MediaTek: the first is in the units of oom_adj
		adj = v.number()
	}
	f.ScoreAdj = report.Some(adj)
	if v.word(","); v.bad || f.Keys.PID == 0 {
		return false
	}
	if v.rest = strings.TrimLeft(v.rest, " \n\r"); v.optional("to free ") {
		f.RSS = v.size(kib)
		if v.word("kB on behalf of '"); v.bad {
			f.RSS = report.Int{}
		}
	}
	return true
}

// cutLast cuts s around the last sep in it.
func cutLast(s, sep string) (before, after string, ok bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}
