// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// earlyoom reads earlyoom, which writes its line before it sends the signal, and then what became
// of it (kill.c and main.c of 0.1 to 1.9.0). Sizes are MiB.
//
//	0.1-0.12   Killing process PID (NAME)
//	1.0        Killing process PID NAME, which is the name of another process
//	1.1        Killing process: NAME, pid: PID, badness: N, VmRSS: N MiB, which are pages / 1024
//	1.2        Killing process 'NAME' with signal N, pid: PID, badness: N, VmRSS: N MiB
//	1.3-rc1    killing process PID "NAME" with signal N: badness N, VmRSS N MiB
//	1.3        sending SIGNAL to process PID "NAME": badness N, VmRSS N MiB
//	1.4-1.7    sending SIGNAL to process PID uid UID "NAME": badness N, VmRSS N MiB
//	1.8        sending SIGNAL to process PID uid UID "NAME": oom_score N, VmRSS N MiB, cmdline "…"
//	1.9        sending SIGNAL to process PID uid UID "NAME": oom_score N, oom_score_adj N, VmRSS N MiB, cmdline "…"
//
// What follows:
//
//	1.3-1.7    process exited after N seconds
//	1.3-rc1, 1.8+  process PID exited after N seconds
//	1.3+       escalating to SIGKILL after N seconds
//	1.5+       dryrun, not actually sending any signal
//	1.3-rc1+   kill failed: ERROR. Until 1.2: kill() failed, Could not kill process
//
// The start of earlyoom says "sending SIGTERM when mem …" and is no kill.
type earlyoom struct {
	// memory is what the last "mem avail:" said, which from 1.1 on comes right before the kill.
	memory struct {
		at                        report.Stamp
		available, used, swapSize report.Int
	}
}

var earlyoomProgram = program{
	name:   "earlyoom",
	author: &earlyoomAuthor,
	triggers: []string{
		"ng SIGTE", // sending SIGTERM to process
		"ng SIGKI", // sending SIGKILL to process
		"ng proce", // Killing process
		", swap f", // mem avail: … swap free: …
		"kill fai", // kill failed:
		"ill() fa", // kill() failed
		"ot kill ", // Could not kill process:
		"dryrun, ", // dryrun, not actually sending any signal
		"to SIGKI", // escalating to SIGKILL
		"d after ", // process 12 exited after
	},
	new: func() Reader { return &earlyoom{} },
}

var earlyoomAuthor = daemon{
	names:      []string{"earlyoom"},
	comms:      []string{"earlyoom"},
	units:      []string{"earlyoom.service"},
	transports: []string{"stdout", "syslog"},
}

// earlyoomHold is how long earlyoom may wait for its victim before it says that it lives. It waits
// a hundred times for a tenth of a second; on a busy machine that took 14 seconds.
const earlyoomHold = 30 * time.Second

// earlyoomMemoryHold is how long after earlyoom said how much memory there is it may kill.
const earlyoomMemoryHold = 2 * time.Second

func (r *earlyoom) Clone() Reader { c := *r; return &c }

// Read implements [Reader].
func (r *earlyoom) Read(l *Line) []Fact {
	ok, verified := earlyoomAuthor.wrote(l)
	if !ok {
		return nil
	}
	text := strings.TrimRight(l.Text, " \r\n")
	if strings.HasPrefix(text, "mem avail: ") {
		r.remember(l, text)
		return nil
	}
	f := earlyoomOutcome(text)
	if f.Kind == None {
		f = earlyoomKill(text)
		if f.Kind == None && l.Author.Program != "" {
			f = earlyoomOldKill(text)
		}
		if f.Kind == None {
			return nil
		}
		f.Kind, f.Outcome, f.Hold, f.Reason = Decision, OutcomeAnnounced, earlyoomHold, "low_memory"
		if m := &r.memory; isSoonAfter(&l.At, &m.at, earlyoomMemoryHold) {
			f.Available, f.SwapUsed, f.SwapTotal = m.available, m.used, m.swapSize
		}
	}
	f.Writer, f.Verified = "earlyoom", verified
	return []Fact{f}
}

// remember reads how much memory there was. The size beside it is that of the host only until 1.7.
func (r *earlyoom) remember(l *Line, text string) {
	v := values{rest: text}
	v.word("mem avail: ")
	v.spaces()
	available := v.size(mib)
	v.until(", swap free: ")
	v.spaces()
	free := v.size(mib)
	v.word(" of ")
	v.spaces()
	total := v.size(mib)
	v.word(" MiB")
	r.memory.at.HasLogTime = false
	if v.bad || free.V > total.V {
		return
	}
	r.memory.at.LogTime, r.memory.at.HasLogTime = l.At.LogTime, l.At.HasLogTime
	l.keep(earlyoomMemoryHold)
	r.memory.available, r.memory.used, r.memory.swapSize = available, report.Some(total.V-free.V), total
}

// earlyoomOutcome reads what became of the last decision.
func earlyoomOutcome(text string) Fact {
	v := values{rest: text}
	f := Fact{Kind: Outcome}
	switch {
	case text == "dryrun, not actually sending any signal":
		f.Outcome = OutcomeDryRun
	case v.optional("kill failed: "), v.optional("kill() failed: "), v.optional("userspace_kill: kill() failed"),
		v.optional("Could not kill process: "), v.optional("Warning: Could not kill process: "):
		f.Outcome = OutcomeFailed
	case v.optional("escalating to SIGKILL after "):
		f.Outcome, f.Signal = OutcomeEscalated, sigkill
	case v.optional("process "):
		if f.Outcome = OutcomeDone; !v.optional("exited after ") {
			f.Keys.PID, f.Keys.HasPID = v.id(), true
			v.word(" exited after ")
		}
		v.until(" seconds")
		if !v.ends() {
			return Fact{}
		}
	default:
		return Fact{}
	}
	return f
}

// earlyoomKill reads the kill line of 1.3 and later. Name and command line are the victim's own
// words. The name ends where what earlyoom writes after it begins, and has 15 bytes at most.
func earlyoomKill(text string) Fact {
	v := values{rest: text}
	f := Fact{Kind: Decision}
	switch {
	case v.optional("sending SIGTERM to process "):
		f.Signal = "SIGTERM"
	case v.optional("sending SIGKILL to process "):
		f.Signal = sigkill
	case v.optional("killing process "): // 1.3-rc1, which names the signal later
	default:
		return Fact{}
	}
	f.Keys.PID, f.Keys.HasPID = v.id(), true
	if v.optional(" uid ") {
		f.UserID = report.Some(v.id())
	}
	v.word(` "`)
	if v.bad || f.Keys.PID == 0 {
		return Fact{}
	}
	for n := 0; n <= maxComm && n <= len(v.rest); n++ {
		if g := f; g.afterName(values{rest: v.rest[n:]}) {
			g.Keys.Comm = v.rest[:n]
			return g
		}
	}
	// A name with a newline ends the line, and so does the end of a line that was cut.
	return f
}

// maxComm is the most bytes of a process's name, TASK_COMM_LEN - 1.
const maxComm = 15

// afterName reads what follows the name.
func (f *Fact) afterName(v values) bool {
	if v.optional(`" with signal `) { // 1.3-rc1
		f.Signal = signalName(v.number())
		v.word(": badness ")
		v.number()
	} else if v.optional(`": badness `) {
		v.number()
	} else {
		v.word(`": oom_score `)
		f.Score = report.Some(v.number())
		if v.optional(", oom_score_adj ") {
			f.ScoreAdj = report.Some(v.number())
		}
	}
	v.word(", VmRSS ")
	f.RSS = v.size(mib)
	v.word(" MiB")
	if v.optional(`, cmdline "`) {
		f.CommandLine, _ = strings.CutSuffix(v.rest, `"`)
		v.rest = ""
	}
	return v.ends()
}

// earlyoomOldKill reads the kill line of 1.2 and before.
func earlyoomOldKill(text string) Fact {
	v := values{rest: text}
	f := Fact{Kind: Decision, Signal: sigkill} // 1.1 and before send no other
	if v.optional("Killing process ") && !strings.HasPrefix(v.rest, "'") {
		f.Keys.PID, f.Keys.HasPID = v.id(), true
		v.word(" ")
		if v.bad || v.rest == "" || f.Keys.PID == 0 || len(v.rest) > maxComm+len("()") {
			return Fact{}
		}
		if name, ok := between(v.rest, "(", ")"); ok { // 1.0 has the process that it looked at last
			f.Keys.Comm = name
		}
		return f
	}
	v = values{rest: text}
	quoted := v.optional("Killing process '")
	if !quoted {
		v.word("Killing process: ")
	}
	if v.bad {
		return Fact{}
	}
	for n := 0; n <= maxComm && n <= len(v.rest); n++ {
		g, w := f, values{rest: v.rest[n:]}
		if quoted {
			w.word("' with signal ")
			g.Signal = signalName(w.number())
		}
		w.word(", pid: ")
		g.Keys.PID, g.Keys.HasPID, g.Keys.Comm = w.id(), true, v.rest[:n]
		w.word(", badness: ")
		w.number()
		w.word(", VmRSS: ")
		if size := w.size(mib); quoted { // 1.1 prints pages
			g.RSS = size
		}
		w.word(" MiB")
		if w.ends() && g.Keys.PID > 0 {
			return g
		}
	}
	return Fact{}
}

// signalName returns the name of a signal that kills, "" for another.
func signalName(n int64) string {
	switch n {
	case 9:
		return sigkill
	case 15:
		return "SIGTERM"
	}
	return ""
}
