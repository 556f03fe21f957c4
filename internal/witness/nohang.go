// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// nohang reads nohang. It names its victim on one line, says on another that it sends the signal,
// and on a third what became of it. Each line is an entry of its own (src/nohang of 0.1 to 0.3; 0.1
// writes after the signal).
//
//	0.1        Victim is NAME, pid: PID, badness: N, VmRSS: N MiB, VmSwap: N MiB
//	           Sending SIGNAL to the victim; OK; response time: N ms
//	0.2        PID: PID, name: NAME, badness: N
//	           PID:       PID, name: NAME, state: STATE, EUID: UID, …
//	           Vm, MiB:   Size: N, RSS: N (Anon: N, …), Swap: N
//	           cgroup_v2: CGROUP
//	           Sending SIGNAL to the victim
//	           The victim died in Ns
//
// Between 0.1 and 0.2 the line was "Send SIGNAL to the victim; total response time: N ms". A
// command that is run in place of a signal ("Executing the command: …") makes no record.
type nohang struct {
	victim Keys
	rss    report.Int
	at     report.Stamp
	// acts is when it said that it will act: in its own log file the line of the signal has no
	// time.
	acts report.Stamp
}

var nohangProgram = program{
	name:   "nohang",
	author: &nohangAuthor,
	triggers: []string{
		" badness", // PID: 12, name: x, badness: 900
		", EUID: ", // PID: 12, name: x, state: R, EUID: 1000
		"Vm, MiB:", // Vm, MiB:   Size: 5000, RSS: 4962
		"oup_v2: ", // cgroup_v2: /system.slice/x.service
		"d victim", // New victim is cached victim 12 (x)
		"he victi", // Sending SIGTERM to the victim, The victim died
		"g a corr", // Implementing a corrective action:
		"ss died ", // Selected process died before corrective action
		"gnal: Pe", // Cannot send a signal: PermissionError
	},
	new: func() Reader { return &nohang{} },
}

var nohangAuthor = daemon{
	names:      []string{"nohang", "nohang-desktop"},
	comms:      []string{"nohang", "python3"},
	units:      []string{"nohang.service", "nohang-desktop.service"},
	transports: []string{"stdout"},
}

// nohangHold is how long nohang may wait for its victim, ten seconds, and the time that a busy
// machine takes to say so.
const nohangHold = 30 * time.Second

// nohangVictimHold is how long after nohang named its victim it may send the signal.
const nohangVictimHold = time.Minute

func (r *nohang) Clone() Reader { c := *r; return &c }

// Read implements [Reader].
func (r *nohang) Read(l *Line) []Fact {
	ok, verified := nohangAuthor.wrote(l)
	if !ok {
		return nil
	}
	var facts []Fact
	for line := range strings.SplitSeq(l.Text, "\n") {
		line = strings.TrimLeft(cutLoggingTime(strings.Trim(line, " \r")), " ")
		if line == "Implementing a corrective action:" {
			r.acts = report.Stamp{Wall: l.At.Wall, Assumed: l.At.Assumed, Text: strings.Clone(l.At.Text), Printed: l.At.Printed}
			l.keep(nohangVictimHold)
			continue
		}
		if r.remember(line, l) {
			continue
		}
		acts := r.acts
		f := r.action(line, l)
		if f.Kind == None {
			f = nohangOutcome(line)
		}
		if f.Kind != None {
			f.Writer, f.Verified = "nohang", verified
			if l.At.Wall.IsZero() && f.Kind != Outcome {
				f.Text, f.At = strings.TrimSpace(l.Text), l.At // the lines before it decide whether a file's line keeps its indent
				f.At.Wall, f.At.Assumed, f.At.Text, f.At.Printed = acts.Wall, acts.Assumed, acts.Text, acts.Printed
			}
			facts = append(facts, f)
		}
	}
	return facts
}

// cutLoggingTime cuts what nohang's own log file has before the first line of a message: the time
// as Python's logging prints it, "2006-01-02 15:04:05,000: ".
func cutLoggingTime(s string) string {
	const digits = "2006-01-02 15:04:05,000: "
	if len(s) < len(digits) {
		return s
	}
	for i := range len(digits) {
		if isDigit := digits[i]-'0' <= 9; isDigit != (s[i]-'0' <= 9) || !isDigit && s[i] != digits[i] {
			return s
		}
	}
	return s[len(digits):]
}

// remember keeps whom a line names as the process with the highest badness.
func (r *nohang) remember(line string, l *Line) bool {
	v := values{rest: line}
	var k Keys
	switch {
	case v.optional("PID:"):
		v.spaces()
		k.PID = v.id()
		v.word(", name: ")
		k.Comm = v.until(", ")
	case v.optional("Victim is "): // 0.1
		k.Comm = v.until(", pid: ")
		k.PID = v.id()
		v.word(", badness: ")
	case v.optional("New victim is cached victim "):
		k.PID = v.id()
		v.word(" (")
		k.Comm = strings.TrimSuffix(v.rest, ")")
	case v.optional("Vm, MiB:"):
		v.until(" RSS: ")
		v.spaces()
		r.rss = v.size(mib)
		return true
	case v.optional("cgroup_v2:"):
		v.spaces()
		r.victim.Cgroup = strings.Clone(cgroupPath(v.rest))
		return true
	default:
		return false
	}
	r.forget()
	if !v.bad && k.PID > 0 {
		k.HasPID, k.Comm = true, strings.Clone(k.Comm)
		r.victim, r.at.LogTime, r.at.HasLogTime = k, l.At.LogTime, l.At.HasLogTime
		l.keep(nohangVictimHold)
	}
	return true
}

func (r *nohang) forget() { *r = nohang{} }

// action reads that a signal is sent, or was.
func (r *nohang) action(line string, l *Line) Fact {
	v := values{rest: line}
	if !v.optional("Sending ") && !v.optional("Send ") {
		return Fact{}
	}
	f := Fact{Reason: "low_memory"}
	switch f.Signal = v.until(" to the victim"); f.Signal {
	case "SIGTERM", sigkill:
	default:
		return Fact{}
	}
	switch {
	case v.ends():
		f.Kind, f.Outcome, f.Hold = Decision, OutcomeAnnounced, nohangHold
	case v.optional("; OK; "), v.optional("; total response time: "):
		f.Kind, f.Outcome = Kill, OutcomeDone
	case v.optional("; no such process; "):
		f.Kind, f.Outcome = Decision, OutcomeFailed
	default:
		return Fact{}
	}
	if r.victim.HasPID && (!r.at.HasLogTime || isSoonAfter(&l.At, &r.at, nohangVictimHold)) {
		f.Keys, f.RSS = r.victim, r.rss
	}
	r.forget()
	if l.Author.Program == "" && !f.Keys.HasPID {
		return Fact{} // anybody's words
	}
	return f
}

// nohangOutcome reads what became of the last decision. Whoever does not respond may still die
// later: that is not known.
func nohangOutcome(line string) Fact {
	switch {
	case strings.HasPrefix(line, "The victim died in "), strings.HasPrefix(line, "The victim became a zombie in "):
		if strings.Contains(line, "process") { // 0.1: The victim died in the search process
			return Fact{}
		}
		return Fact{Kind: Outcome, Outcome: OutcomeDone}
	case strings.HasPrefix(line, "The victim doesn't respond on corrective action"):
		return Fact{Kind: Outcome, Outcome: OutcomeFailed, Hold: nohangHold} // SIGKILL may follow
	case line == "Selected process died before corrective action",
		line == "Cannot send a signal: PermissionError":
		return Fact{Kind: Outcome, Outcome: OutcomeFailed}
	}
	return Fact{}
}
