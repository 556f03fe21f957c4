// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestVerdictIsAsProvenAsItsEvidence joins a proven death to what explains it: where that is
// anybody's word, so is the verdict.
func TestVerdictIsAsProvenAsItsEvidence(t *testing.T) {
	const path = "/system.slice/ingest.service"
	death := func() *witness.Fact {
		f := fact(0, witness.Death, "systemd", "died", witness.Keys{Unit: "ingest.service", PID: 4410, HasPID: true})
		f.Verified = true
		return f
	}
	kill := func(verified bool) *witness.Fact {
		f := outcome(fact(-1, witness.Kill, "systemd-oomd", "killed", witness.Keys{Cgroup: path}), witness.OutcomeDone, 0)
		f.Verified = verified
		return f
	}
	signal := func(verified bool) *witness.Fact {
		f := outcome(fact(-1, witness.Sent, "audit", "sent", witness.Keys{PID: 4410, HasPID: true}), witness.OutcomeDone, 0)
		f.Verified = verified
		return f
	}
	deed := func(proven bool) *report.Event {
		e := kernelKill(-1, 4410, "ingest", path)
		e.At.Origin = report.OriginKernel
		e.Report.Unverified = !proven
		return e
	}
	for _, tt := range []struct {
		name     string
		facts    []*witness.Fact
		kernel   *report.Event
		cause    Cause
		unproven bool
	}{
		{"alone", nil, nil, CauseUnknown, false},
		{"a proven killer", []*witness.Fact{kill(true)}, nil, CauseMemoryKiller, false},
		{"a claimed killer", []*witness.Fact{kill(false)}, nil, CauseMemoryKiller, true},
		{"a proven sender", []*witness.Fact{signal(true)}, nil, CauseSent, false},
		{"a claimed sender", []*witness.Fact{signal(false)}, nil, CauseSent, true},
		{"the kernel", nil, deed(true), CauseKernel, false},
		{"anybody as the kernel", nil, deed(false), CauseKernel, true},
	} {
		h := NewHost(None)
		if tt.kernel != nil {
			h.Kernel(tt.kernel, strings.Repeat("ab", 16), 0, "record")
		}
		for _, f := range tt.facts {
			h.Fact(f, 0)
		}
		h.Fact(death(), 0)
		h.FlushAll()
		found := false
		for _, e := range h.Events() {
			if e.Kind != Sigkill {
				continue
			}
			found = true
			if e.Cause != tt.cause || e.Unproven != tt.unproven {
				t.Errorf("%s: cause %v, unproven %v", tt.name, e.Cause, e.Unproven)
			}
		}
		if !found {
			t.Errorf("%s: no verdict", tt.name)
		}
	}
}

// TestNextInvocation: the kernel killed in one run of a unit; that the next run died of SIGKILL
// some seconds later is another death, whichever line comes first.
func TestNextInvocation(t *testing.T) {
	const path = "/system.slice/ingest.service"
	died := func(at float64, invocation string) arrival {
		return arrival{fact: fact(at, witness.Death, "systemd", "died", witness.Keys{Unit: "ingest.service", Invocation: invocation})}
	}
	kernel := arrival{kernel: kernelKill(0, 4410, "ingest", path)}
	first, next := died(0.1, "a"), died(5, "b")
	for _, order := range [][]arrival{{kernel, first, next}, {first, kernel, next}, {kernel, next, first}, {next, first, kernel}} {
		all := run(None, order...)
		if strings.Count(all, "sigkill kernel_oom") != 1 || strings.Count(all, "sigkill unknown") != 1 {
			t.Errorf("%s", all)
		}
	}
	oomd := arrival{fact: outcome(fact(0, witness.Kill, "systemd-oomd", "killed", witness.Keys{Cgroup: path}), witness.OutcomeDone, 0)}
	for _, order := range [][]arrival{{oomd, first, next}, {next, first, oomd}} {
		all := run(None, order...)
		if strings.Count(all, "sigkill memory_killer") != 1 || strings.Count(all, "sigkill unknown") != 1 {
			t.Errorf("%s", all)
		}
	}
	if all := run(None, kernel, next); !strings.Contains(all, "sigkill kernel_oom") {
		t.Errorf("alone: %s", all)
	}
}

// TestConfirmedInAGroup: the line that confirms a decision may have joined another one before,
// which names no killer.
func TestConfirmedInAGroup(t *testing.T) {
	keys := witness.Keys{Unit: "ingest.service", Invocation: "a"}
	marked := arrival{fact: outcome(fact(0, witness.Decision, "systemd-oomd", "marked", witness.Keys{Cgroup: "/system.slice/ingest.service"}), witness.OutcomeDecided, 30*time.Second)}
	unit := arrival{fact: by(fact(0.1, witness.Observation, "systemd", "killed 3", keys), "systemd-oomd")}
	result := arrival{fact: fact(0.2, witness.Observation, "systemd", "oom-kill", keys)}
	for _, order := range [][]arrival{
		{marked, unit, result}, {marked, result, unit}, {unit, marked, result},
		{unit, result, marked}, {result, marked, unit}, {result, unit, marked},
	} {
		if got := run(Unmatched, order...); got != "kill systemd-oomd done" {
			t.Error(got)
		}
	}
}

// TestObservedBetweenTwoKillers: earlyoom's kill that the kernel repeats is one death, and what
// systemd says of it is no other, whichever line comes first.
func TestObservedBetweenTwoKillers(t *testing.T) {
	const path = "/system.slice/ingest.service"
	early := func() arrival {
		return arrival{fact: outcome(fact(-0.5, witness.Decision, "earlyoom", "sending", witness.Keys{PID: 4410, HasPID: true, Comm: "ingest"}), witness.OutcomeAnnounced, 11*time.Second)}
	}
	kernel := arrival{kernel: kernelKill(0, 4410, "ingest", path)}
	unit := func() arrival {
		return arrival{fact: by(fact(0.1, witness.Observation, "systemd", "killed", witness.Keys{Unit: "ingest.service", Invocation: "a"}), "kernel")}
	}
	for _, order := range [][]arrival{
		{early(), kernel, unit()}, {early(), unit(), kernel}, {unit(), early(), kernel},
		{kernel, early(), unit()}, {kernel, unit(), early()}, {unit(), kernel, early()},
	} {
		if got := run(Unmatched, order...); got != "kill earlyoom announced" && got != "kernel" {
			t.Error(got)
		}
	}
}

// TestSignalOfAuditAndSystemd: systemd says which process of a unit it kills, audit that this
// process was killed, and systemd that the unit's process died: one death, whatever comes first.
func TestSignalOfAuditAndSystemd(t *testing.T) {
	all := []arrival{
		{fact: sentBy(0, "systemd", "ingest.service: State 'stop-sigterm' timed out. Killing.", witness.Keys{Unit: "ingest.service"}, "")},
		{fact: sentBy(0.01, "systemd", "ingest.service: Killing process 378 (ingest) with signal SIGKILL.", witness.Keys{Unit: "ingest.service", PID: 378, HasPID: true, Comm: "ingest"}, "")},
		{fact: sentBy(0.02, "audit", "OBJ_PID opid=378", witness.Keys{PID: 378, HasPID: true, Comm: "ingest"}, witness.OutcomeDone), stream: 1},
		{fact: fact(0.1, witness.Death, "systemd", "ingest.service: Main process exited, code=killed, status=9/KILL", witness.Keys{Unit: "ingest.service"})},
	}
	permute(all, func(order []arrival) {
		if out := run(Unmatched, order...); out != "sigkill sent" {
			t.Fatalf("%v: %s", names(order), out)
		}
	})
}

func sentBy(at float64, writer, text string, keys witness.Keys, outcome string) *witness.Fact {
	f := fact(at, witness.Sent, writer, text, keys)
	f.Outcome = outcome
	return f
}

// TestUnitOfAProcess: systemd's line about a death names a unit, audit's and the kernel's a
// process. Where journald said which unit the process is in, and nothing else can be meant, they
// are one death, which nothing proves; else they stay apart.
func TestUnitOfAProcess(t *testing.T) {
	const unit = "ingest.service"
	keys := func(pid int64, comm, unit, invocation string) *witness.Keys {
		return &witness.Keys{PID: pid, HasPID: true, Comm: comm, Unit: unit, Invocation: invocation}
	}
	killed := func(at float64, n int64, comm string) arrival {
		f := sentBy(at, "audit", "OBJ_PID opid="+itoa(n), pid(n, comm), witness.OutcomeDone)
		f.Verified = true
		return arrival{fact: f, stream: 1}
	}
	died := func(at float64, unit, invocation string) arrival {
		f := fact(at, witness.Death, "systemd", unit+": Main process exited, code=killed, status=9/KILL", witness.Keys{Unit: unit, Invocation: invocation})
		f.Verified = true
		return arrival{fact: f}
	}
	observed := arrival{fact: by(fact(0.1, witness.Observation, "systemd", unit+": A process of this unit", witness.Keys{Unit: unit, Invocation: "a"}), "kernel")}
	bare := func(n int64, comm string) arrival { return arrival{kernel: kernelKill(0, n, comm, "")} }
	type learned struct {
		at   float64
		keys *witness.Keys
	}
	ours := learned{-60, keys(4410, "ingest", unit, "a")}
	for _, tt := range []struct {
		name  string
		knows []learned
		in    []arrival
		want  string
	}{
		{"a signal and a death", []learned{ours}, []arrival{killed(0, 4410, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4410 unproven"},
		{"nothing is known", nil, []arrival{killed(0, 4410, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4410, sigkill unknown"},
		{"another process", []learned{ours}, []arrival{killed(0, 4411, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4411, sigkill unknown"},
		{"another one of that id", []learned{ours}, []arrival{killed(0, 4410, "cart"), died(0.1, unit, "a")}, "sigkill sent 4410, sigkill unknown"},
		{"another run of the unit", []learned{ours}, []arrival{killed(0, 4410, "ingest"), died(0.1, unit, "b")}, "sigkill sent 4410, sigkill unknown"},
		{"another unit", []learned{ours}, []arrival{killed(0, 4410, "ingest"), died(0.1, "b.service", "a")}, "sigkill sent 4410, sigkill unknown"},
		{"a unit that it was in later", []learned{{1, ours.keys}}, []arrival{killed(0, 4410, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4410, sigkill unknown"},
		{"too late", []learned{ours}, []arrival{killed(0, 4410, "ingest"), died(4, unit, "a")}, "sigkill sent 4410, sigkill unknown"},
		{"two processes of the unit", []learned{ours, {-60, keys(4411, "ingest", unit, "a")}}, []arrival{killed(0, 4410, "ingest"), killed(0, 4411, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4410, sigkill sent 4411, sigkill unknown"},
		{"a process that has moved", []learned{ours, {-50, keys(4410, "ingest", "b.service", "c")}}, []arrival{killed(0, 4410, "ingest"), died(0.1, unit, "a")}, "sigkill sent 4410, sigkill unknown"},
		{"the kernel's bare line", []learned{ours}, []arrival{bare(4410, "ingest"), observed, died(0.2, unit, "a")}, "kernel, sigkill kernel_oom unproven"},
		{"the kernel's bare line of another", []learned{ours}, []arrival{bare(4411, "ingest"), observed}, "kernel, observed systemd"},
	} {
		permute(tt.in, func(order []arrival) {
			h := NewHost(Unmatched)
			for _, l := range tt.knows {
				at := stamp(l.at)
				h.Learn(l.keys, &at, 0)
			}
			var out []string
			take := func() {
				for _, e := range h.Events() {
					switch e.Kind {
					case Observed:
						out = append(out, "observed "+e.Fact.Writer)
					case Sigkill:
						s := "sigkill " + e.Cause.String()
						if e.Process != nil {
							s += " " + itoa(e.Process.Keys.PID)
						} else if e.Fact.Keys.HasPID {
							s += " " + itoa(e.Fact.Keys.PID)
						}
						if e.Unproven {
							s += " unproven"
						}
						out = append(out, s)
					}
				}
			}
			for _, a := range order {
				if a.kernel == nil {
					h.Fact(a.fact, a.stream)
				} else if h.Kernel(a.kernel, strings.Repeat("ab", 16), 0, "record") == Counts {
					out = append(out, "kernel")
				}
			}
			h.Clone().FlushAll()
			h.FlushAll()
			take()
			slices.Sort(out)
			if got := strings.Join(out, ", "); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		})
	}
}

// TestAnybodysWordAboutAProvenKill: what a program is proven to have done is neither hidden, nor
// ended, nor confirmed by a line that anybody can write.
func TestAnybodysWordAboutAProvenKill(t *testing.T) {
	keys := witness.Keys{PID: 4410, HasPID: true, Comm: "ingest"}
	line := func(at float64, kind witness.Kind, writer, result string, verified bool) arrival {
		f := outcome(fact(at, kind, writer, writer+" "+result, keys), result, 0)
		if kind == witness.Decision {
			f.Hold = 10 * time.Second
		}
		f.Verified = verified
		return arrival{fact: f}
	}
	decided := func() arrival {
		return line(0, witness.Decision, "earlyoom", witness.OutcomeAnnounced, true)
	}
	said := arrival{fact: by(fact(1, witness.Observation, "systemd", "killed", keys), "earlyoom")}
	for _, tt := range []struct {
		name     string
		arrivals []arrival
		want     string
	}{
		{"another killer before", []arrival{line(-1, witness.Kill, "nohang", witness.OutcomeDone, false), decided()}, "kill earlyoom announced"},
		{"another decision before", []arrival{line(-1, witness.Decision, "nohang", witness.OutcomeAnnounced, false), decided()}, "kill earlyoom announced"},
		{"the same killer before", []arrival{line(-1, witness.Kill, "earlyoom", witness.OutcomeDone, false), decided()}, "kill earlyoom announced"},
		{"failed", []arrival{decided(), line(1, witness.Outcome, "earlyoom", witness.OutcomeFailed, false)}, "kill earlyoom announced"},
		{"failed by word of nobody, then done", []arrival{
			decided(), line(1, witness.Outcome, "earlyoom", witness.OutcomeFailed, false), line(2, witness.Outcome, "earlyoom", witness.OutcomeDone, true),
		}, "kill earlyoom done"},
		{"done", []arrival{decided(), line(1, witness.Outcome, "earlyoom", witness.OutcomeDone, false)}, "kill earlyoom announced"},
		{"killed", []arrival{decided(), line(1, witness.Kill, "nohang", witness.OutcomeDone, false)}, "kill earlyoom announced"},
		{"confirmed", []arrival{decided(), said}, "kill earlyoom announced"},
		{"confirmed before", []arrival{said, decided()}, "kill earlyoom announced"},
		{"a copy of what was done before", []arrival{
			decided(), line(1, witness.Outcome, "earlyoom", witness.OutcomeDone, false), line(1, witness.Outcome, "earlyoom", witness.OutcomeDone, true),
		}, "kill earlyoom done"},
		{"a copy of the kill before", []arrival{line(0, witness.Kill, "earlyoom", witness.OutcomeDone, false), line(0, witness.Kill, "earlyoom", witness.OutcomeDone, true)}, "kill earlyoom done"},
		{"a copy of the kill after", []arrival{line(0, witness.Kill, "earlyoom", witness.OutcomeDone, true), line(0, witness.Kill, "earlyoom", witness.OutcomeDone, false)}, "kill earlyoom done"},
	} {
		h := NewHost(Unmatched)
		got := ""
		for _, a := range tt.arrivals {
			h.Fact(a.fact, a.stream)
		}
		h.FlushAll()
		for _, e := range h.Events() {
			if (e.Kind == Kill || e.Kind == KillAttempt) && e.Fact.Verified && !e.Unproven {
				got += [...]string{Kill: "kill", KillAttempt: "attempt"}[e.Kind] + " " + e.Fact.Writer + " " + e.Outcome
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
