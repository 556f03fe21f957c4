// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// systemdOomd reads systemd-oomd, which kills whole cgroups. It says so in words alone: no version
// has structured fields or a MESSAGE_ID (src/oom/oomd-manager.c and oomd-util.c of systemd 247 to
// 261).
//
//	247      Memory pressure for CGROUP is greater than N for more than N seconds and there was reclaim activity
//	247      Swap used (N) / total (N) is more than N%
//	248-259  Killed CGROUP due to memory pressure for CGROUP being N% > N% for > TIME with reclaim activity
//	248      Killed CGROUP due to swap used (N) / total (N) being more than N%
//	249-259  Killed CGROUP due to memory used (N) / total (N) and swap used (N) / total (N) being more than N%
//	260+     Marked CGROUP for killing due to …, as before
//	261+     Rule 'NAME' conditions met for cgroup CGROUP for TIME, taking action ACTION
//	247-259  Failed to kill any cgroup(s) [under CGROUP] based on pressure|swap
//	260+     Failed to select any cgroups [under CGROUP] based on pressure|swap
//	248+     oomd dry-run: Would have tried to kill CGROUP with recurse=…
//
// The lines of 247 and a rule name the cgroup that was watched and no victim. A marked cgroup is
// killed later, perhaps: that is a decision until somebody confirms it. The candidates that 253
// and later list are written whether one is killed or not, and say nothing.
type systemdOomd struct {
	// dry is the cgroup of the last dry run: 248 to 250 go on to say that they killed it.
	dry string
	// limitMet is when 247 last wrote that a limit was met, and no failure since.
	limitMet report.Stamp
}

var systemdOomdProgram = program{
	name:   SystemdOomd,
	author: &systemdOomdAuthor,
	triggers: []string{
		"mory pre", // due to memory pressure for, Memory pressure for … is greater than
		"ory used", // due to memory used
		"wap used", // due to swap used, Swap used (… is more than
		" any cgr", // Failed to kill any cgroups
		"oomd dry", // oomd dry-run:
		"ions met", // conditions met for cgroup
	},
	new: func() Reader { return &systemdOomd{} },
}

var systemdOomdAuthor = daemon{
	names:      []string{SystemdOomd},
	comms:      []string{SystemdOomd},
	units:      []string{"systemd-oomd.service"},
	transports: []string{"journal"},
}

// oomdMarkedHold is how long a marked cgroup may wait for its kill: the hooks that run before it
// have a timeout of their own (PrekillHookTimeoutSec=).
const oomdMarkedHold = 30 * time.Second

// oomdDryHold is how long after a dry run 248 to 250 may say that they killed. They do so at once.
const oomdDryHold = 10 * time.Second

func (r *systemdOomd) Clone() Reader { c := *r; return &c }

// Read implements [Reader].
func (r *systemdOomd) Read(l *Line) []Fact {
	ok, verified := systemdOomdAuthor.wrote(l)
	if !ok {
		return nil
	}
	f := r.read(l, strings.TrimRight(l.Text, " \r\n"))
	if f.Kind == None {
		return nil
	}
	f.Writer, f.Verified = SystemdOomd, verified
	return []Fact{f}
}

func (r *systemdOomd) read(l *Line, text string) Fact {
	if path, ok := cutOneOf(text, "oomd dry-run: Would have tried to kill "); ok {
		return r.dryRun(l, path)
	}
	f := Fact{Signal: sigkill, VictimKind: VictimCgroup}
	if rest, ok := cutOneOf(text, "Failed to kill any cgroup", "Failed to select any cgroup"); ok {
		return r.failed(f, rest, l)
	}
	if rest, ok := cutOneOf(text, "Killed "); ok {
		path, rest, ok := cutReason(rest, " due to ")
		if !ok || !f.reason(rest) {
			return Fact{}
		}
		dry := r.dry == path && path != ""
		if r.dry = ""; dry {
			return Fact{}
		}
		f.Kind, f.Outcome, f.Keys.Cgroup = Kill, OutcomeDone, path
		return f
	}
	f.Kind, f.Outcome, f.Hold = Decision, OutcomeDecided, oomdMarkedHold
	if rest, ok := cutOneOf(text, "Marked "); ok {
		path, rest, ok := cutReason(rest, " for killing due to ")
		if !ok || !f.reason(rest) {
			return Fact{}
		}
		f.Keys.Cgroup = path
		return f
	}
	if f.limitMet(text) {
		r.limitMet.LogTime, r.limitMet.HasLogTime = l.At.LogTime, l.At.HasLogTime
		return f
	}
	if f.ruleMet(text) {
		return f
	}
	return Fact{}
}

// dryRun reads which cgroup would have been killed.
func (r *systemdOomd) dryRun(l *Line, text string) Fact {
	path, _, ok := strings.Cut(text, " with recurse=")
	if !ok {
		if path, ok = strings.CutSuffix(text, " and all its descendants"); !ok {
			return Fact{}
		}
	}
	if path = cgroupPath(path); path == "" {
		return Fact{}
	}
	r.dry = strings.Clone(path)
	l.keep(oomdDryHold)
	return Fact{Kind: Decision, Outcome: OutcomeDryRun, VictimKind: VictimCgroup, Keys: Keys{Cgroup: path}}
}

// failed reads that no cgroup was killed: what became of the limit that 247 wrote right before, or
// an attempt of its own. Some of the processes may have died all the same (systemd issue 22032).
func (r *systemdOomd) failed(f Fact, rest string, l *Line) Fact {
	v := values{rest: rest}
	if !v.optional("(s)") {
		v.optional("s")
	}
	if v.optional(" under ") {
		at := strings.LastIndex(v.rest, " based on pressure")
		if at < 0 {
			return Fact{}
		}
		f.Pressure.Cgroup = cgroupPath(v.rest[:at])
		v.rest = v.rest[at:]
	}
	switch {
	case v.optional(" based on pressure"):
		f.Reason = "memory_pressure"
	case v.optional(" based on swap"):
		f.Reason = "memory_and_swap"
	default:
		return Fact{}
	}
	if v.bad || v.rest != "" && v.rest[0] != ':' && v.rest[0] != ',' { // ": ERROR", ", ignoring: ERROR"
		return Fact{}
	}
	f.Signal = "" // none was sent
	if f.Kind, f.Outcome = Decision, OutcomeFailed; isSoonAfter(&l.At, &r.limitMet, 5*time.Second) {
		f.Kind = Outcome
	}
	r.limitMet = report.Stamp{}
	return f
}

// cutReason cuts the cgroup from the words that follow it. A cgroup whose name holds these words
// cannot be told from what follows: then the path is "", and rest is what follows the last ones.
func cutReason(s, words string) (path, rest string, ok bool) {
	first, last := strings.Index(s, words), strings.LastIndex(s, words)
	if first < 0 || s[0] != '/' {
		return "", "", false
	}
	rest = s[last+len(words):]
	if first != last {
		return "", rest, true
	}
	return cgroupPath(s[:first]), rest, true
}

// reason reads why a cgroup was chosen.
func (f *Fact) reason(text string) bool {
	v := values{rest: text}
	switch {
	case v.optional("memory pressure for "):
		if !f.pressureOf(&v, " being ") {
			return false
		}
		f.Pressure.Current = v.percent()
		v.word(" > ")
		f.Pressure.Limit = v.percent()
		v.word(" for > ")
		span := v.until(" with reclaim activity")
		f.Pressure.Duration, f.Pressure.OK = timespan(span)
		return v.ends() && f.Pressure.OK
	case v.optional("swap used ("): // 248
		return f.swap(&v, " being more than ")
	case v.optional("memory used ("):
		f.MemoryUsed = v.size(1)
		v.word(") / total (")
		f.MemoryTotal = v.size(1)
		v.word(") and swap used (")
		return f.swap(&v, " being more than ")
	}
	return false
}

// pressureOf reads the watched cgroup, which ends with the last of words.
func (f *Fact) pressureOf(v *values, words string) bool {
	at := strings.LastIndex(v.rest, words)
	if at < 0 {
		return false
	}
	f.Reason, f.Pressure.Cgroup = "memory_pressure", cgroupPath(v.rest[:at])
	v.rest = v.rest[at+len(words):]
	return true
}

// swap reads how much swap was used, and of how much of it the limit is.
func (f *Fact) swap(v *values, words string) bool {
	f.Reason = "memory_and_swap"
	f.SwapUsed = v.size(1)
	v.word(") / total (")
	f.SwapTotal = v.size(1)
	v.word(")" + words)
	v.percent()
	return v.ends()
}

// limitMet reads what 247 writes before it looks for a victim.
func (f *Fact) limitMet(text string) bool {
	v := values{rest: text}
	if v.optional("Swap used (") {
		return f.swap(&v, " is more than ")
	}
	if !v.optional("Memory pressure for ") {
		return false
	}
	if !f.pressureOf(&v, " is greater than ") {
		return false
	}
	v.number()
	v.word(" for more than ")
	v.number()
	v.word(" seconds and there was reclaim activity")
	return v.ends()
}

// ruleMet reads that a rule of 261 fired. Only the action kill-all names its victim, the cgroup
// itself.
func (f *Fact) ruleMet(text string) bool {
	rest, ok := strings.CutPrefix(text, "Rule '")
	if !ok {
		return false
	}
	at := strings.LastIndex(rest, ", taking action ")
	_, path, ok := strings.Cut(rest, "' conditions met for cgroup ")
	if at < 0 || !ok || len(path) < len(rest)-at {
		return false
	}
	action := rest[at+len(", taking action "):]
	path, _, ok = strings.Cut(path[:len(path)-(len(rest)-at)], " ") // "for TIME", "(lasting TIME)"
	if path = cgroupPath(path); !ok || path == "" || !strings.HasPrefix(action, "kill-") {
		return false
	}
	if f.Reason, f.Pressure.Cgroup = "rule", path; action == "kill-all" {
		f.Keys.Cgroup = path
	}
	return true
}

// cutOneOf cuts one of the words that s starts with.
func cutOneOf(s string, words ...string) (rest string, ok bool) {
	for _, w := range words {
		if rest, ok = strings.CutPrefix(s, w); ok {
			return rest, true
		}
	}
	return s, false
}
