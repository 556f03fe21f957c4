// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"maps"
	"strings"
	"time"
)

// Supervisord is the name of the process manager as a writer.
const Supervisord = "supervisord"

// supervisordProgram reads what supervisord says of a program that died (supervisor/process.py),
// after "DATE LEVEL ":
//
//	exited: NAME (terminated by SIGKILL; not expected)
//	stopped: NAME (terminated by SIGKILL)
//
// The second follows its own "killing 'NAME' (N) with SIGKILL", after stopwaitsecs. The pid is in
// the line before: "spawned: 'NAME' with pid N".
var supervisordProgram = program{
	name:         Supervisord,
	deaths:       []string{"spawned:", "exited: ", "stopped:", "th SIGKI"},
	inContainers: true,
	new:          func() Reader { return &supervisordLog{} },
}

// supervised is what is known of a program.
type supervised struct {
	pid    int64 // 0 where it is not known, or where two programs have the name
	killed bool  // by supervisord
}

// supervisordLog remembers the programs that run, by name.
type supervisordLog struct {
	programs map[string]supervised
	one      [1]Fact
}

// maxSupervised is how many programs are remembered at most.
const maxSupervised = 1024

func (r *supervisordLog) Read(l *Line) []Fact {
	const stamp = len("2026-05-02 10:00:01,912 ")
	text := endOfLine(l.Text)
	if len(text) > stamp {
		if _, err := time.Parse("2006-01-02 15:04:05,000 ", text[:stamp]); err == nil {
			text = text[stamp:] // else the format has taken it
		}
	}
	level, text, _ := strings.Cut(text, " ")
	event, s, _ := strings.Cut(text, " ")
	switch {
	case level == "INFO" && event == "spawned:":
		name, s, ok := cutQuoted(s)
		if s, isPID := strings.CutPrefix(s, " with pid "); ok && isPID {
			if pid, rest, ok := cutPID(s); ok && rest == "" {
				r.spawned(name, pid)
				l.keep(killGrace)
			}
		}
	case level == "WARN" && event == "killing":
		name, s, ok := cutQuoted(s)
		s, isPID := strings.CutPrefix(s, " (")
		pid, rest, isNumber := cutPID(s)
		if ok && isPID && isNumber && rest == ") with SIGKILL" {
			r.set(name, supervised{pid: pid, killed: true})
			l.keep(killGrace)
		}
	case (level == "INFO" || level == "WARN") && (event == "exited:" || event == "stopped:"):
		name, how, ok := strings.Cut(s, " (")
		if !ok {
			return nil
		}
		known := r.programs[name]
		delete(r.programs, name)
		if how != "terminated by SIGKILL)" && !strings.HasPrefix(how, "terminated by SIGKILL; ") {
			return nil
		}
		f := workerDeath(Supervisord, known.pid)
		f.Keys.HasVPID = known.pid > 0
		if event == "stopped:" && known.killed {
			f.Reason = "stop_timeout"
		}
		r.one[0] = f
		return r.one[:]
	}
	return nil
}

func (r *supervisordLog) spawned(name string, pid int64) {
	if _, runs := r.programs[name]; runs { // another group has the name, or a line is missing
		pid = 0
	}
	r.set(name, supervised{pid: pid})
}

func (r *supervisordLog) set(name string, s supervised) {
	if r.programs == nil {
		r.programs = map[string]supervised{}
	}
	if _, known := r.programs[name]; known || len(r.programs) < maxSupervised {
		r.programs[strings.Clone(name)] = s
	}
}

func (r *supervisordLog) Clone() Reader { return &supervisordLog{programs: maps.Clone(r.programs)} }

// cutQuoted cuts a name in single quotes from the start of s.
func cutQuoted(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, "'") {
		return "", s, false
	}
	return strings.Cut(s[1:], "'")
}
