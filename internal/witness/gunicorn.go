// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"maps"
	"strings"
	"time"
)

// Gunicorn is the name of the server as a writer.
const Gunicorn = "gunicorn"

// gunicornProgram reads what gunicorn says of a worker that died (gunicorn/arbiter.py):
//
//	20.1  Worker with pid N was terminated due to signal 9
//	21+   Worker (pid:N) was sent SIGKILL! Perhaps out of memory?
//
// "Perhaps out of memory" is its guess. "WORKER TIMEOUT (pid:N)" reports a worker that hangs, and
// gunicorn kills it with SIGABRT, then SIGKILL: the death line of that pid within a minute is
// gunicorn's own deed.
var gunicornProgram = program{
	name:         Gunicorn,
	deaths:       []string{"ent SIGK", "e to sig", "ORKER TI"},
	inContainers: true,
	new:          func() Reader { return &gunicornLog{} },
}

// gunicornLog remembers the workers that timed out, by pid.
type gunicornLog struct {
	timedOut map[int64]time.Time
	one      [1]Fact
}

// maxTimedOut is how many workers are remembered at most.
const maxTimedOut = 256

func (g *gunicornLog) Read(l *Line) []Fact {
	text := endOfLine(l.Text)
	at := l.At.Wall
	if stamp, rest, ok := cutBracket(text); ok { // [date] [pid] [LEVEL] text
		if own, err := time.Parse("2006-01-02 15:04:05 -0700", stamp); err == nil {
			at, text = own, rest
		}
	}
	if _, rest, ok := cutBracket(text); ok { // the format has taken the date
		if _, text, ok = cutBracket(rest); !ok {
			return nil
		}
	}
	if s, ok := strings.CutPrefix(text, "WORKER TIMEOUT (pid:"); ok {
		if pid, rest, ok := cutPID(s); ok && rest == ")" && !at.IsZero() {
			g.remember(pid, at)
			l.keep(killGrace)
		}
		return nil
	}
	s, ok := strings.CutPrefix(text, "Worker (pid:")
	end := ") was sent SIGKILL! Perhaps out of memory?"
	if !ok {
		s, ok = strings.CutPrefix(text, "Worker with pid ")
		end = " was terminated due to signal 9"
	}
	pid, rest, isPID := cutPID(s)
	if !ok || !isPID || rest != end {
		return nil
	}
	f := workerDeath(Gunicorn, pid)
	if at != l.At.Wall {
		f.InnerTime = at
	}
	if decided, ok := g.timedOut[pid]; ok {
		if d := at.Sub(decided); d >= 0 && d <= killGrace {
			f.Reason = "worker_timeout"
		}
		delete(g.timedOut, pid)
	}
	g.one[0] = f
	return g.one[:]
}

func (g *gunicornLog) remember(pid int64, at time.Time) {
	if g.timedOut == nil {
		g.timedOut = map[int64]time.Time{}
	}
	if len(g.timedOut) >= maxTimedOut {
		maps.DeleteFunc(g.timedOut, func(_ int64, old time.Time) bool { return at.Sub(old) > killGrace })
	}
	if len(g.timedOut) < maxTimedOut {
		g.timedOut[pid] = at
	}
}

func (g *gunicornLog) Clone() Reader { return &gunicornLog{timedOut: maps.Clone(g.timedOut)} }
