// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// lmkdProgram reads Android's lmkd, which writes after the kill, with the tag of the driver that it
// replaced (lmkd of 2013 and later). kB are KiB. The name is the process's command line.
//
//	2013     Killing 'NAME' (PID), adj N
//	            to free NkB because cache NkB is below limit NkB for oom_adj N
//	            Free memory is NkB above reserved
//	2014-06  Killing 'NAME' (PID), uid UID, adj N
//	2017-08     to free NkB because system is under LEVEL memory pressure oom_adj N
//	2018-09  Kill 'NAME' (PID), uid UID, oom_adj N to free NkB[; reason: WORDS]
//	2021-02  Kill 'NAME' (PID), uid UID, oom_score_adj N to free NkB rss, NkB swap[; reason: WORDS]
//	later    Kill 'NAME' (PID), uid UID, oom_score_adj N to free NkB rss, NkB anon rss, NkB swap, …; reason: WORDS
var lmkdProgram = program{
	name:     "lmkd",
	triggers: []string{"owmemory"}, // lowmemorykiller: Kill
	new:      Func(readLmkd).New,
}

func readLmkd(l *Line) Fact {
	a := &l.Author
	if a.Program != "" && a.Program != "kernel" || l.At.Origin == report.OriginKernel || a.Comm != "" {
		return Fact{}
	}
	logcat, text, ok := cutLogcat(l.Text)
	if !ok {
		return Fact{}
	}
	v := values{rest: strings.TrimRight(text, " \r\n")}
	old := v.optional("Killing '")
	if !old {
		v.word("Kill '")
	}
	if v.bad || old && logcat == "" { // without it, this may be a line of the driver that was cut
		return Fact{}
	}
	// A name may hold anything but a newline: the last place counts where the rest fits.
	for at := strings.LastIndex(v.rest, "' ("); at >= 0; at = strings.LastIndex(v.rest[:at], "' (") {
		f := Fact{
			Kind: Kill, Writer: "lmkd", Outcome: OutcomeDone, Signal: sigkill, Reason: "low_memory",
		}
		f.Keys.Comm = v.rest[:at]
		if f.afterLmkdName(values{rest: v.rest[at+len("' ("):]}, old) {
			return f
		}
	}
	return Fact{}
}

// afterLmkdName reads what follows the name.
func (f *Fact) afterLmkdName(v values, old bool) bool {
	f.Keys.PID, f.Keys.HasPID = v.id(), true
	v.word("), ")
	if v.optional("uid ") {
		f.UserID = report.Some(v.id())
		v.word(", ")
	}
	switch {
	case old:
		v.word("adj ")
		v.number()
		// The driver of the kernel has a comma here.
		if v.rest = strings.TrimLeft(v.rest, " \r"); v.rest != "" && v.rest[0] != '\n' {
			return false
		}
		if v.rest = strings.TrimLeft(v.rest, " \r\n"); v.rest == "" {
			break
		}
		v.word("to free ")
		f.RSS = v.size(kib)
		v.word("kB because ")
	default:
		if v.optional("oom_score_adj ") {
			f.ScoreAdj = report.Some(v.number())
		} else {
			v.word("oom_adj ")
			v.number()
		}
		v.word(" to free ")
		f.RSS = v.size(kib)
		v.word("kB")
	}
	return !v.bad && f.Keys.PID > 0
}

// cutLogcat cuts a line of the tag lowmemorykiller from what logcat puts before it: "I
// lowmemorykiller: ", "I/lowmemorykiller(  456): ", "11-29 10:00:00.123   456   456 I
// lowmemorykiller: ".
func cutLogcat(s string) (logcat, text string, ok bool) {
	logcat, text, ok = strings.Cut(s, "lowmemorykiller")
	if !ok || strings.Trim(logcat, "0123456789-:. I/") != "" {
		return "", "", false
	}
	if strings.HasPrefix(text, "(") {
		_, text, _ = strings.Cut(text, ")")
	}
	text, ok = strings.CutPrefix(strings.TrimLeft(text, " "), ": ")
	return logcat, text, ok
}
