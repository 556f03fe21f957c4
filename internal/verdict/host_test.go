// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

var noon = time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC)

const containerID = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"

const podUID = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"

// stamp is that of a line so many seconds after the kill.
func stamp(seconds float64) report.Stamp {
	return report.Stamp{Wall: noon.Add(time.Duration(seconds * float64(time.Second)))}
}

// fact is a line with its keys.
func fact(at float64, kind witness.Kind, writer, text string, keys witness.Keys) *witness.Fact {
	return &witness.Fact{Kind: kind, Writer: writer, Text: text, Keys: keys, At: stamp(at)}
}

func by(f *witness.Fact, killer string) *witness.Fact { f.Killer = killer; return f }

func outcome(f *witness.Fact, outcome string, hold time.Duration) *witness.Fact {
	f.Outcome, f.Hold = outcome, hold
	return f
}

// kernelKill is a kill of the kernel.
func kernelKill(at float64, pid int64, comm, path string) *report.Event {
	r := &report.Report{Kills: []report.Kill{{}}}
	r.Kills[0].PID, r.Kills[0].Comm, r.Kills[0].HasComm = pid, comm, true
	if path != "" {
		r.Seen |= 1 << report.SectionOOMKill
		r.OOMKill = report.OOMKill{TaskMemcg: path, HasTaskMemcg: true, PID: report.Some(pid), Task: comm, HasTask: true, Complete: true}
	}
	return &report.Event{Kind: report.EventKill, Report: r, Kill: 0, At: stamp(at), Text: fmt.Sprint("Killed process ", pid)}
}

// arrival is a kernel's kill, or a fact, and the input that it comes by.
type arrival struct {
	kernel   *report.Event
	recorded *Recorded
	fact     *witness.Fact
	stream   int
}

// run hands arrivals to a host and returns what comes out, one word an event, the kernel's too. It
// is the same whether those that may join are looked up, or all are asked.
func run(o Observations, arrivals ...arrival) string {
	all, lookedUp := runOn(NewHost(o), arrivals...), NewHost(o)
	lookedUp.fewToAsk = 0
	if out := runOn(lookedUp, arrivals...); out != all {
		return fmt.Sprintf("looked up: %s, asked: %s", out, all)
	}
	return all
}

func runOn(h *Host, arrivals ...arrival) string {
	var out []string
	take := func() {
		for _, e := range h.Events() {
			switch e.Kind {
			case Kernel:
				out = append(out, "kernel")
			case Sigkill:
				out = append(out, "sigkill "+e.Cause.String())
			case Kill, KillAttempt:
				out = append(out, [...]string{Kill: "kill", KillAttempt: "attempt"}[e.Kind]+" "+e.Fact.Writer+" "+e.Outcome)
			case Observed:
				out = append(out, "observed "+e.Fact.Writer)
			case Eviction:
				out = append(out, "eviction")
			}
		}
	}
	for _, a := range arrivals {
		if a.recorded != nil {
			h.Recorded(a.recorded)
		} else if a.kernel != nil {
			if h.Kernel(a.kernel, strings.Repeat("ab", 16), a.stream, "record") == Counts {
				out = append(out, "kernel")
			}
		} else {
			h.Fact(a.fact, a.stream)
		}
		take()
	}
	h.FlushAll()
	take()
	if h.waiting != 0 {
		out = append(out, fmt.Sprint("waiting ", h.waiting))
	}
	return strings.Join(out, ", ")
}

func permute(arrivals []arrival, fn func([]arrival)) {
	var from func(k int)
	from = func(k int) {
		if k == len(arrivals) {
			fn(append([]arrival{}, arrivals...))
			return
		}
		for i := k; i < len(arrivals); i++ {
			arrivals[k], arrivals[i] = arrivals[i], arrivals[k]
			from(k + 1)
			arrivals[k], arrivals[i] = arrivals[i], arrivals[k]
		}
	}
	from(0)
}

const unit = "cri-containerd-" + containerID + ".scope"
const path = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/" + unit

// oneKill is one kill of the kernel with all its witnesses.
func oneKill() []arrival {
	return []arrival{
		{kernel: kernelKill(0, 24117, "ingest", path)},
		{fact: by(fact(0.1, witness.Observation, "systemd", unit+": A process of this unit has been killed by the OOM killer.", witness.Keys{Unit: unit}), "kernel"), stream: 1},
		{fact: fact(0.4, witness.Observation, "systemd", unit+": Failed with result 'oom-kill'.", witness.Keys{Unit: unit}), stream: 1},
		{fact: by(fact(0.3, witness.Observation, "containerd", "TaskOOM event", witness.Keys{ContainerID: containerID}), "kernel"), stream: 2},
		{fact: fact(0.5, witness.Death, "containerd", "exit 137", witness.Keys{ContainerID: containerID}), stream: 2},
		{fact: by(fact(1, witness.Observation, "kubelet", "System OOM encountered, victim process: ingest, pid: 24117", witness.Keys{PID: 24117, HasPID: true, Comm: "ingest"}), "kernel"), stream: 3},
	}
}

// TestOrderOfArrival: within the hold time it does not matter in which order the lines about one
// kill come.
func TestOrderOfArrival(t *testing.T) {
	permute(oneKill(), func(order []arrival) {
		if out := run(Unmatched, order...); out != "kernel, sigkill kernel_oom" {
			t.Fatalf("%v: %s", names(order), out)
		}
	})
	// Without the kernel's line there is one observation, whatever the order. The kubelet's is left
	// out: its pid is in no other line.
	permute(oneKill()[1:5], func(order []arrival) {
		if out := run(Unmatched, order...); out != "observed containerd, sigkill kernel_oom" && out != "sigkill kernel_oom, observed containerd" && out != "observed systemd, sigkill kernel_oom" && out != "sigkill kernel_oom, observed systemd" {
			t.Fatalf("%v: %s", names(order), out)
		}
	})
}

// TestRecordedOrder: a kill that is known by its record is joined in every order of arrival, and
// its kernel's lines join the same, before the record or after it.
func TestRecordedOrder(t *testing.T) {
	kill := arrival{recorded: &Recorded{UID: strings.Repeat("ab", 16), PID: 24117, Comm: "ingest", Cgroup: path, At: stamp(0).Wall, Verified: true}}
	all := oneKill()
	permute(append([]arrival{kill}, all[1:]...), func(order []arrival) {
		if out := run(Unmatched, order...); out != "sigkill kernel_oom" {
			t.Fatalf("%v: %s", names(order), out)
		}
	})
	permute(append([]arrival{kill}, all[:5]...), func(order []arrival) {
		if out := run(Unmatched, order...); out != "kernel, sigkill kernel_oom" {
			t.Fatalf("with its lines, %v: %s", names(order), out)
		}
	})
	// The record makes no second kill, of which the unit's second line could be.
	const service = "/system.slice/ingest.service"
	line := func(at float64) arrival {
		return arrival{fact: by(fact(at, witness.Observation, "systemd", "ingest.service: A process of this unit", witness.Keys{Unit: "ingest.service"}), "kernel"), stream: 1}
	}
	kill.recorded.Cgroup = service
	in := []arrival{{kernel: kernelKill(0, 24117, "ingest", service)}, line(0), line(6)}
	for at := range len(in) + 1 {
		order := slices.Insert(slices.Clone(in), at, kill)
		if out := run(Unmatched, order...); out != "kernel, observed systemd" {
			t.Errorf("%v: %s", names(order), out)
		}
	}
}

func names(order []arrival) (names []string) {
	for _, a := range order {
		if a.recorded != nil {
			names = append(names, "record")
			continue
		}
		if a.kernel != nil {
			names = append(names, "kernel")
			continue
		}
		names = append(names, a.fact.Text)
	}
	return names
}

func pid(n int64, comm string) witness.Keys { return witness.Keys{PID: n, HasPID: true, Comm: comm} }

// TestJoins is the table of joins: what comes of lines in their order.
func TestJoins(t *testing.T) {
	k := func(at float64, pid int64, comm, path string) arrival {
		return arrival{kernel: kernelKill(at, pid, comm, path)}
	}
	f := func(f *witness.Fact) arrival { return arrival{fact: f} }
	service := "/system.slice/ingest.service"
	other := strings.Repeat("ab", 32)
	announced := func(at float64, n int64, comm string) arrival {
		return f(outcome(fact(at, witness.Decision, "earlyoom", fmt.Sprint("sending SIGTERM to process ", n), pid(n, comm)), witness.OutcomeAnnounced, 11*time.Second))
	}
	ends := func(at float64, how string) arrival {
		return f(outcome(fact(at, witness.Outcome, "earlyoom", how, witness.Keys{}), how, 0))
	}
	unitLine := func(at float64, unit string) arrival {
		return f(by(fact(at, witness.Observation, "systemd", unit+": A process of this unit", witness.Keys{Unit: unit}), "kernel"))
	}
	userLine := func(at float64, unit string, uid report.Int) arrival {
		return f(by(fact(at, witness.Observation, "systemd", unit+": A process of this unit", witness.Keys{UserUnit: unit, UserID: uid}), "kernel"))
	}
	const userScope = "/user.slice/user-1000.slice/user@1000.service/app.slice/ide.scope"
	oomdLine := func(at float64, unit string) arrival {
		return f(by(fact(at, witness.Observation, "systemd", unit+": systemd-oomd killed", witness.Keys{Unit: unit}), "systemd-oomd"))
	}
	result := func(at float64, unit string) arrival {
		return f(fact(at, witness.Observation, "systemd", unit+": Failed with result 'oom-kill'.", witness.Keys{Unit: unit}))
	}
	marked := func(at float64, path string) arrival {
		return f(outcome(fact(at, witness.Decision, "systemd-oomd", "Marked "+path, witness.Keys{Cgroup: path}), witness.OutcomeDecided, 30*time.Second))
	}
	killed := func(at float64, path string) arrival {
		return f(fact(at, witness.Kill, "systemd-oomd", "Killed "+path, witness.Keys{Cgroup: path}))
	}
	death := func(at float64, unit string) arrival {
		return f(fact(at, witness.Death, "systemd", unit+": Main process exited, code=killed, status=9/KILL", witness.Keys{Unit: unit}))
	}
	sent := func(at float64, unit string) arrival {
		x := fact(at, witness.Sent, "systemd", unit+": Sent signal SIGKILL on client request.", witness.Keys{Unit: unit})
		x.Outcome = witness.OutcomeDone
		return f(x)
	}
	hard := func(at float64, signal string) arrival {
		return f(outcome(fact(at, witness.Decision, "nohang", "Sending "+signal, pid(7, "tail")), witness.OutcomeAnnounced, 30*time.Second))
	}
	inVain := func(at float64) arrival {
		return f(outcome(fact(at, witness.Outcome, "nohang", "The victim doesn't respond", witness.Keys{}), witness.OutcomeFailed, 30*time.Second))
	}
	ended := func(at float64) arrival {
		return f(outcome(fact(at, witness.Outcome, "nohang", "The victim died", witness.Keys{}), witness.OutcomeDone, 0))
	}
	verified := func(a arrival) arrival {
		a.fact.Verified = true
		return a
	}
	contained := func(a arrival) arrival {
		a.kernel.At.Contained = true
		return a
	}
	proven := func(a arrival) arrival {
		a.kernel.At.Origin = report.OriginKernel
		return a
	}
	stopped := func(at float64, n int64) arrival { // with n = 0 the line that the time is up
		x := fact(at, witness.Sent, "systemd", fmt.Sprintf("ingest.service: Killing process %d (a) with signal SIGKILL.", n), witness.Keys{Unit: "ingest.service"})
		if x.Keys.PID, x.Keys.HasPID, x.Keys.Comm = n, n > 0, "a"; n == 0 {
			x.Keys.Comm, x.Reason, x.Text = "", "stop_timeout", "ingest.service: State 'stop-sigterm' timed out. Killing."
		}
		return f(x)
	}
	stopsContainer := func(at float64, reason string) arrival {
		x := outcome(fact(at, witness.Sent, "kubelet", "Killing container with a grace period", witness.Keys{ContainerID: containerID, PodUID: podUID, PodName: "cart-0", Namespace: "shop", ContainerName: "app"}), "", 2*time.Second)
		x.Reason = reason
		return f(x)
	}
	died := func(at float64) arrival {
		return f(fact(at, witness.Death, "kubelet", "container finished", witness.Keys{ContainerID: containerID, PodUID: podUID}))
	}
	evicted := func(at float64) arrival {
		return f(fact(at, witness.Eviction, "kubelet", "evicted", witness.Keys{PodName: "cart-0", Namespace: "shop"}))
	}
	forced := func(at float64) arrival {
		x := fact(at, witness.Sent, "dockerd", "Container failed to exit within 2s of signal 15 - using the force", witness.Keys{ContainerID: containerID})
		x.Reason = "stop_timeout"
		return f(x)
	}
	dies := func(at float64) arrival {
		return f(fact(at, witness.Death, "dockerd", "container die", witness.Keys{ContainerID: containerID}))
	}
	later := func(at float64) arrival {
		return f(fact(at, witness.Context, "earlyoom", "mem avail", witness.Keys{}))
	}
	boot := func(a arrival, id string) arrival {
		if a.kernel != nil {
			a.kernel.At.BootID = id
		} else {
			a.fact.At.BootID = id
		}
		return a
	}
	for _, c := range []struct {
		name string
		want string
		in   []arrival
	}{
		{"a unit's line after the kill", "kernel", []arrival{k(0, 1, "a", service), unitLine(1, "ingest.service")}},
		{"its slices too", "kernel", []arrival{k(0, 1, "a", service), unitLine(0, "ingest.service"), unitLine(0, "system.slice")}},
		{"another unit's", "kernel, observed systemd", []arrival{k(0, 1, "a", service), unitLine(1, "other.service")}},
		{"too late", "kernel, observed systemd", []arrival{k(0, 1, "a", service), unitLine(20, "ingest.service")}},
		{"how a unit ended comes later", "kernel", []arrival{k(0, 1, "a", service), result(80, "ingest.service")}},
		{"of another boot", "kernel, observed systemd", []arrival{boot(k(0, 1, "a", service), "x"), boot(unitLine(1, "ingest.service"), "y")}},
		{"slices fold into the deepest unit", "observed systemd", []arrival{unitLine(0, "system.slice"), unitLine(0, "ingest.service"), unitLine(0, "system-ingest.slice"), result(1, "ingest.service")}},
		{"a slice that repeats it late", "observed systemd", []arrival{unitLine(0, "ingest.service"), unitLine(7, "system.slice")}},
		{"two units of a slice are two", "observed systemd, observed systemd", []arrival{unitLine(0, "a.service"), unitLine(0, "b.service"), unitLine(0, "system.slice"), result(1, "a.service"), result(1, "b.service")}},
		{"a container, its pod's slice, then its scope", "observed containerd", []arrival{
			f(by(fact(0, witness.Observation, "containerd", "TaskOOM", witness.Keys{ContainerID: containerID}), "kernel")),
			f(by(fact(0, witness.Observation, "systemd", "kubepods-pod.slice: A process", witness.Keys{Unit: "kubepods-pod.slice", PodUID: "0c1d2e3f"}), "kernel")),
			unitLine(0, "kubepods.slice"), result(0, "cri-containerd-"+containerID+".scope"), unitLine(0, "cri-containerd-"+containerID+".scope"),
		}},
		{"two units are two", "observed systemd, observed systemd", []arrival{unitLine(0, "a.service"), unitLine(0, "b.service")}},
		{"the same line again is another death", "observed systemd, observed systemd", []arrival{unitLine(0, "a.service"), unitLine(30, "a.service")}},
		{"the same line read twice", "observed systemd", []arrival{unitLine(0, "a.service"), unitLine(0, "a.service")}},
		{"a user's unit", "kernel", []arrival{k(0, 1, "a", userScope), userLine(0, "ide.scope", report.Some(1000)), userLine(0, "app.slice", report.Some(1000)), unitLine(0, "user@1000.service")}},
		{"a user's unit, in a log without uids", "kernel", []arrival{userLine(0, "ide.scope", report.Int{}), userLine(0, "app.slice", report.Int{}), unitLine(0, "user@1000.service"), unitLine(0, "user.slice"), k(0, 1, "a", userScope)}},
		{"a user's unit, by itself", "observed systemd", []arrival{userLine(0, "app.slice", report.Int{}), unitLine(0, "user@1000.service"), unitLine(0, "user-1000.slice"), userLine(0, "ide.scope", report.Int{})}},
		{"another user's unit of that name", "kernel, observed systemd", []arrival{k(0, 1, "a", userScope), userLine(0, "ide.scope", report.Some(1001))}},
		{"a system's unit of that name", "kernel, observed systemd", []arrival{k(0, 1, "a", "/system.slice/ide.scope"), userLine(0, "ide.scope", report.Int{})}},
		{"the monitor of a container", "kernel, observed containerd", []arrival{k(0, 1, "conmon", "/machine.slice/crio-conmon-"+containerID+".scope"), f(by(fact(0, witness.Observation, "containerd", "TaskOOM", witness.Keys{ContainerID: containerID}), "kernel"))}},
		{"another container", "kernel, observed containerd", []arrival{k(0, 1, "a", path), f(by(fact(0, witness.Observation, "containerd", "TaskOOM", witness.Keys{ContainerID: other}), "kernel"))}},
		{"a prefix of an id", "kernel", []arrival{k(0, 1, "a", path), f(by(fact(0, witness.Observation, "conmon", "OOM received", witness.Keys{ContainerPrefix: containerID[:20]}), "kernel"))}},
		{"by name alone nothing", "kernel, observed kubelet", []arrival{k(0, 1, "ingest", service), f(by(fact(0, witness.Observation, "kubelet", "OOM", witness.Keys{Comm: "ingest"}), "kernel"))}},
		{"another name of the same pid", "kernel, observed kubelet", []arrival{k(0, 7, "ingest", ""), f(by(fact(0, witness.Observation, "kubelet", "System OOM", pid(7, "other")), "kernel"))}},
		{"a job's step", "kernel", []arrival{k(0, 7, "solve", "/system.slice/slurmstepd.scope/job_77120/step_0/user/task_0"), f(by(fact(100, witness.Observation, "slurmstepd", "Detected", witness.Keys{SlurmStep: "77120.0"}), "kernel"))}},

		{"earlyoom, then the kernel", "kill earlyoom announced", []arrival{announced(0, 7, "tail"), k(3, 7, "tail", "")}},
		{"the kernel, then earlyoom", "kernel", []arrival{k(3, 7, "tail", ""), announced(0, 7, "tail")}},
		{"earlyoom failed, then the kernel", "attempt earlyoom failed, kernel", []arrival{announced(0, 7, "tail"), k(3, 7, "tail", ""), ends(10, witness.OutcomeFailed)}},
		{"earlyoom killed, then the kernel", "kill earlyoom done", []arrival{announced(0, 7, "tail"), ends(1, witness.OutcomeDone), k(3, 7, "tail", "")}},
		{"a dry run", "attempt earlyoom dry_run", []arrival{announced(0, 7, "tail"), ends(0, witness.OutcomeDryRun)}},
		{"an escalation", "kill earlyoom done", []arrival{announced(0, 7, "tail"), ends(5, witness.OutcomeEscalated), ends(6, witness.OutcomeDone)}},
		{"no failure in time", "kill earlyoom announced", []arrival{announced(0, 7, "tail"), later(12), ends(20, witness.OutcomeFailed)}},
		{"twice the same process", "kill earlyoom announced", []arrival{announced(0, 7, "tail"), announced(12, 7, "tail")}},
		{"another process", "kill earlyoom announced, kill earlyoom announced", []arrival{announced(0, 7, "tail"), announced(12, 8, "tail")}},
		{"the pid of another process", "kernel, kill earlyoom announced", []arrival{announced(0, 7, "tail"), k(3, 7, "java", "")}},

		{"SIGTERM in vain, then SIGKILL", "kill nohang done", []arrival{hard(0, "SIGTERM"), inVain(0.1), hard(1, "SIGKILL"), ended(1.2)}},
		{"SIGTERM in vain", "attempt nohang failed", []arrival{hard(0, "SIGTERM"), inVain(0.1)}},
		{"SIGTERM in vain, then SIGKILL in vain", "attempt nohang failed", []arrival{hard(0, "SIGTERM"), inVain(0.1), hard(1, "SIGKILL"), inVain(1.2)}},
		{"SIGTERM in vain, then the kernel", "attempt nohang failed, kernel", []arrival{hard(0, "SIGTERM"), inVain(0.1), k(3, 7, "tail", "")}},
		{"SIGTERM in vain, then the kernel, then SIGKILL", "attempt nohang failed, kernel", []arrival{hard(0, "SIGTERM"), inVain(0.1), k(3, 7, "tail", ""), hard(4, "SIGKILL"), ended(4.1)}},
		{"SIGTERM in vain, then another process", "attempt nohang failed, kill nohang done", []arrival{hard(0, "SIGTERM"), inVain(0.1), f(outcome(fact(1, witness.Decision, "nohang", "Sending SIGKILL", pid(8, "tail")), witness.OutcomeAnnounced, 30*time.Second)), ended(1.2)}},
		{"the kernel's claim, then earlyoom's proof", "kernel, kill earlyoom announced", []arrival{k(3, 7, "tail", ""), verified(announced(0, 7, "tail"))}},
		{"the kernel's proof, then earlyoom's", "kernel", []arrival{proven(k(3, 7, "tail", "")), verified(announced(0, 7, "tail"))}},
		{"a container's words of the kernel", "kernel, kill earlyoom announced", []arrival{contained(k(3, 7, "tail", "")), announced(0, 7, "tail")}},
		{"a claim that is done, then the kernel's proof", "kernel", []arrival{announced(0, 7, "tail"), ends(1, witness.OutcomeDone), proven(k(3, 7, "tail", ""))}},
		{"a claim long before the kernel's proof", "kill earlyoom done, kernel, sigkill unknown", []arrival{announced(0, 7, "tail"), ends(1, witness.OutcomeDone), death(30, "b.service"), proven(k(31, 7, "tail", ""))}},
		{"what ended is not ended again", "attempt earlyoom failed, kill earlyoom done", []arrival{announced(0, 7, "tail"), ends(1, witness.OutcomeDone), announced(2, 8, "tail"), ends(3, witness.OutcomeFailed), ends(4, witness.OutcomeFailed)}},

		{"a unit that died twice, and one kill", "kernel, sigkill kernel_oom, sigkill unknown", []arrival{k(0, 1, "a", service), death(0, "ingest.service"), death(5, "ingest.service")}},
		{"a unit that died twice, the later line first", "kernel, sigkill unknown, sigkill kernel_oom", []arrival{death(5, "ingest.service"), death(0, "ingest.service"), k(0, 1, "a", service)}},
		{"a unit that died twice, and two kills", "kernel, kernel, sigkill kernel_oom, sigkill kernel_oom", []arrival{k(0, 1, "a", service), death(0, "ingest.service"), k(4, 2, "a", service), death(5, "ingest.service")}},
		{"a unit that died twice, and two kills at once", "kernel, kernel, sigkill kernel_oom, sigkill kernel_oom", []arrival{k(0, 1, "a", service), k(0, 2, "a", service), death(0, "ingest.service"), death(5, "ingest.service")}},
		{"a unit that died twice, and one kill of systemd-oomd", "kill systemd-oomd done, sigkill memory_killer, sigkill unknown", []arrival{killed(0, service), death(0, "ingest.service"), death(5, "ingest.service")}},
		{"a unit that died twice, and one line of a kill", "observed systemd, sigkill kernel_oom, sigkill unknown", []arrival{unitLine(0, "ingest.service"), death(0, "ingest.service"), death(5, "ingest.service")}},
		{"a unit's line twice, and one kill", "kernel, observed systemd", []arrival{k(0, 1, "a", service), unitLine(0, "ingest.service"), result(0, "ingest.service"), unitLine(6, "ingest.service"), result(6, "ingest.service")}},
		{"a unit's line twice, and two kills", "kernel, kernel", []arrival{k(0, 1, "a", service), unitLine(0, "ingest.service"), result(1, "ingest.service"), k(6, 2, "a", service), unitLine(6, "ingest.service"), result(7, "ingest.service")}},
		{"two kills of one unit, and one line", "kernel, kernel", []arrival{k(0, 1, "a", service), k(0, 2, "a", service), unitLine(0, "ingest.service")}},
		{"systemd-oomd's line twice, and one kill", "kill systemd-oomd done, observed systemd", []arrival{killed(0, service), oomdLine(0, "ingest.service"), oomdLine(6, "ingest.service")}},

		{"marked alone", "attempt systemd-oomd decided", []arrival{marked(0, service)}},
		{"marked in vain, and a unit that ended", "attempt systemd-oomd decided, observed systemd", []arrival{marked(0, service), result(1, "ingest.service"), unitLine(1, "system.slice")}},
		{"marked and confirmed", "kill systemd-oomd done", []arrival{marked(0, service), oomdLine(2, "ingest.service"), result(3, "ingest.service")}},
		{"confirmed first", "kill systemd-oomd done", []arrival{oomdLine(2, "ingest.service"), marked(0, service)}},
		{"of another unit", "attempt systemd-oomd decided, observed systemd", []arrival{marked(0, service), oomdLine(2, "b.service")}},
		{"killed, with systemd's lines", "kill systemd-oomd done", []arrival{killed(0, service), oomdLine(0, "ingest.service"), result(1, "ingest.service")}},
		{"systemd's lines first", "kill systemd-oomd done", []arrival{oomdLine(0, "ingest.service"), result(1, "ingest.service"), killed(0, service)}},
		{"a kill of the kernel is not systemd-oomd's", "kernel, observed systemd", []arrival{k(0, 1, "a", service), oomdLine(0, "ingest.service")}},

		{"a death by the kernel", "kernel, sigkill kernel_oom", []arrival{k(0, 1, "a", service), death(0, "ingest.service")}},
		{"a death before the kernel's line", "kernel, sigkill kernel_oom", []arrival{death(0, "ingest.service"), k(0, 1, "a", service)}},
		{"a death by systemd-oomd", "kill systemd-oomd done, sigkill memory_killer", []arrival{killed(0, service), death(0, "ingest.service")}},
		{"a death of which nothing is known", "sigkill unknown", []arrival{death(0, "ingest.service")}},
		{"a death that was sent", "sigkill sent", []arrival{sent(0, "ingest.service"), death(0, "ingest.service")}},
		{"a signal without a death", "sigkill sent", []arrival{sent(0, "ingest.service")}},
		{"a signal to another unit", "sigkill sent, sigkill unknown", []arrival{sent(0, "b.service"), death(0, "ingest.service")}},
		{"the rest of a unit that the kernel hit", "kernel, sigkill kernel_oom, sigkill sent", []arrival{k(0, 1, "a", service), death(0, "ingest.service"), sent(1, "ingest.service")}},
		{"a child by the kernel, then the rest by systemd", "kernel, sigkill sent", []arrival{k(0, 1, "a", service), stopped(3, 0), stopped(3, 2), death(3.1, "ingest.service"), unitLine(0, "ingest.service"), result(3.2, "ingest.service")}},
		{"the same, the child's kill last", "kernel, sigkill sent", []arrival{stopped(3, 0), stopped(3, 2), death(3.1, "ingest.service"), k(0, 1, "a", service)}},
		{"the same, without the pid", "kernel, sigkill sent", []arrival{k(0, 1, "a", service), stopped(3, 0), death(3.1, "ingest.service")}},
		{"the same, without the kernel", "observed systemd, sigkill sent", []arrival{unitLine(0, "ingest.service"), stopped(3, 0), stopped(3, 2), death(3.1, "ingest.service")}},
		{"all by the kernel, and systemd signals them", "kernel, kernel, sigkill kernel_oom", []arrival{k(0, 1, "a", service), k(0, 2, "a", service), unitLine(0, "ingest.service"), stopped(0.1, 2), stopped(0.1, 1), death(0.2, "ingest.service")}},
		{"the one that the kernel killed lingers", "kernel, sigkill kernel_oom", []arrival{k(0, 1, "a", service), stopped(3, 0), stopped(3, 1), death(3.1, "ingest.service")}},
		{"an eviction, and 25 seconds later that all is cleaned up", "eviction", []arrival{
			f(fact(0, witness.Eviction, "kubelet", "pod is evicted successfully", witness.Keys{PodName: "cart-0", Namespace: "shop"})), later(15),
			f(fact(25, witness.Eviction, "kubelet", "pods successfully cleaned up", witness.Keys{PodName: "cart-0", Namespace: "shop"})),
		}},
		{"a container that was stopped, whose pod was evicted", "sigkill evicted, eviction", []arrival{stopsContainer(0, "stop"), died(26), evicted(33)}},
		{"the same, the eviction first", "eviction, sigkill evicted", []arrival{evicted(2), stopsContainer(0, "stop"), died(3)}},
		{"the same, of another pod", "sigkill sent, eviction", []arrival{stopsContainer(0, "stop"), died(3), f(fact(5, witness.Eviction, "kubelet", "evicted", witness.Keys{PodName: "cart-1", Namespace: "shop"}))}},
		{"the same, long before", "sigkill sent, eviction", []arrival{stopsContainer(0, "stop"), died(3), evicted(120)}},
		{"the same, dead before it was stopped", "sigkill unknown, eviction", []arrival{died(0), stopsContainer(1, "stop"), evicted(5)}},
		{"the same, after a probe that failed", "sigkill sent, eviction", []arrival{stopsContainer(0, "probe"), died(3), evicted(5)}},
		{"a container says late that it died", "sigkill sent", []arrival{forced(0), later(12), dies(14)}},
		{"a container dies a second time", "sigkill sent, sigkill unknown", []arrival{forced(0), dies(1), dies(14)}},
		{"a container is stopped, restarted and killed", "sigkill sent, sigkill sent", []arrival{forced(0), dies(1), f(fact(9, witness.Sent, "dockerd", "container kill", witness.Keys{ContainerID: containerID})), dies(10)}},
		{"the kubelet has containerd stop a container", "sigkill sent", []arrival{
			f(outcome(fact(0, witness.Sent, "kubelet", "Killing container with a grace period", witness.Keys{ContainerID: containerID}), "", 30*time.Second)),
			f(fact(32, witness.Sent, "containerd", "Kill container", witness.Keys{ContainerID: containerID})), dies(42),
		}},
		{"a container dies much later", "sigkill unknown", []arrival{forced(0), later(21), dies(25)}},
		{"a child in a container by the kernel, then the container is stopped", "kernel, sigkill sent", []arrival{k(0, 1, "a", path), forced(12), dies(14)}},
		{"a container by the kernel, while it was stopped", "kernel, sigkill kernel_oom", []arrival{forced(-1), k(0, 1, "a", path), dies(1)}},
		{"a 137 in another unit at the same second", "kernel, sigkill unknown", []arrival{k(0, 1, "a", service), death(0, "b.service")}},
	} {
		if out := run(Unmatched, c.in...); out != c.want {
			t.Errorf("%s: %s, want %s", c.name, out, c.want)
		}
	}
}

// TestManyDeaths: the facts of many deaths in any order, within the hold time, make one kill of
// each.
func TestManyDeaths(t *testing.T) {
	const deaths = 40
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var all []arrival
		for i := range int64(deaths) {
			at := r.Float64() * 5
			name := fmt.Sprintf("s%d.service", i)
			if r.IntN(2) == 0 {
				all = append(all, arrival{kernel: kernelKill(at, 100+i, "x", "/system.slice/"+name)})
			} else {
				all = append(all, arrival{fact: outcome(fact(at, witness.Decision, "earlyoom", fmt.Sprint("sending ", 100+i), pid(100+i, "x")), witness.OutcomeAnnounced, 11*time.Second)})
				if r.IntN(2) == 0 {
					all = append(all, arrival{kernel: kernelKill(at+1, 100+i, "x", "/system.slice/"+name), stream: 1})
				}
			}
			if r.IntN(2) == 0 {
				all = append(all, arrival{fact: by(fact(at, witness.Observation, "kubelet", fmt.Sprint("System OOM ", 100+i), pid(100+i, "x")), "kernel"), stream: 2})
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		out := run(Unmatched, all...)
		if n := strings.Count(out, "kernel") + strings.Count(out, "kill earlyoom"); n != deaths || strings.Contains(out, "observed") || strings.Contains(out, "waiting") {
			t.Fatalf("seed %d: %d kills of %d deaths: %s", seed, n, deaths, out)
		}
	}
}

// TestBounds: a host holds a bounded number of facts, and loses none that waits.
func TestBounds(t *testing.T) {
	h := NewHost(Unmatched)
	const n = 5 * maxFacts
	observed := 0
	for i := range n {
		h.Kernel(kernelKill(0, int64(i), "x", fmt.Sprint("/k/", i)), "", 0, nil)
		h.Fact(fact(0, witness.Observation, "systemd", fmt.Sprint("line ", i), witness.Keys{Unit: fmt.Sprintf("u%d.service", i)}), 1)
		observed += len(h.Events())
		if len(h.facts) > maxFacts || len(h.deeds()) > maxDeeds || cap(h.all) > 4*maxDeeds || len(h.seen) > maxSeen || h.waiting > maxFacts {
			t.Fatalf("%d facts, %d kills, %d lines, %d wait", len(h.facts), len(h.deeds()), len(h.seen), h.waiting)
		}
	}
	h.FlushAll()
	if observed += len(h.Events()); observed != n {
		t.Errorf("%d observations came out, want %d", observed, n)
	}
}

// TestClone: what is tried on a clone leaves the original as it was.
func TestClone(t *testing.T) {
	order := oneKill()
	for cut := range order {
		h := NewHost(Unmatched)
		for _, a := range order[1 : cut+1] {
			h.Fact(a.fact, a.stream)
		}
		waiting := h.waiting
		c := h.Clone()
		c.Kernel(order[0].kernel, "", 0, nil)
		c.FlushAll()
		if h.waiting != waiting || c.waiting != 0 {
			t.Errorf("cut %d: %d wait after a clone went on, want %d; %d wait in the clone", cut, h.waiting, waiting, c.waiting)
		}
		h.FlushAll()
		if n := len(h.Events()); (n > 0) != (cut > 0) {
			t.Errorf("cut %d: %d events", cut, n)
		}
	}
}

// TestCutOff: a kill that was announced is an attempt where its failure may come to another host;
// what was held back for it comes out.
func TestCutOff(t *testing.T) {
	h := NewHost(Unmatched)
	h.Fact(outcome(fact(0, witness.Decision, "earlyoom", "sending SIGTERM", pid(7, "tail")), witness.OutcomeAnnounced, 11*time.Second), 0)
	if r := h.Kernel(kernelKill(3, 7, "tail", ""), "", 0, "record"); r != Held {
		t.Errorf("ruling %d, want %d", r, Held)
	}
	h.CutOff()
	events := h.Events()
	if len(events) != 2 || events[0].Kind != KillAttempt || events[1].Kind != Kernel || events[1].Record != "record" || h.Waits() {
		t.Errorf("%+v, waiting %d", events, h.waiting)
	}
}

// TestUndated: lines of one input without any time are next to each other; of two inputs only an id
// joins them.
func TestUndated(t *testing.T) {
	undated := func(a arrival, stream int) arrival {
		a.stream = stream
		if a.kernel != nil {
			a.kernel.At = report.Stamp{}
		} else {
			a.fact.At = report.Stamp{}
		}
		return a
	}
	for _, c := range []struct {
		name string
		want string
		in   []arrival
	}{
		{"one input", "kernel", []arrival{undated(oneKill()[0], 0), undated(oneKill()[5], 0)}},
		{"two inputs, by pid", "kernel, observed kubelet", []arrival{undated(oneKill()[0], 0), undated(oneKill()[5], 1)}},
		{"two inputs, by container", "kernel", []arrival{undated(oneKill()[0], 0), undated(oneKill()[3], 1)}},
	} {
		if out := run(Unmatched, c.in...); out != c.want {
			t.Errorf("%s: %s, want %s", c.name, out, c.want)
		}
	}
}

// TestAll: with all observations wanted, each comes out, joined or not.
func TestAll(t *testing.T) {
	for _, c := range []struct {
		o    Observations
		n    int
		from []arrival
	}{{All, 4, oneKill()}, {Unmatched, 0, oneKill()}, {None, 0, oneKill()[1:]}} {
		permute(c.from, func(order []arrival) {
			if out := run(c.o, order...); strings.Count(out, "observed") != c.n {
				t.Fatalf("%v, %v: %s", c.o, names(order), out)
			}
		})
	}
}

// TestFlush: the caller's clock releases what waits, after its time and not before.
func TestFlush(t *testing.T) {
	h := NewHost(Unmatched)
	h.Fact(oneKill()[1].fact, 0)
	for _, c := range []struct{ seconds, events int }{{0, 0}, {9, 0}, {11, 1}, {20, 0}} {
		h.Flush(noon.Add(time.Duration(c.seconds) * time.Second))
		if n := len(h.Events()); n != c.events {
			t.Errorf("after %d s: %d events, want %d", c.seconds, n, c.events)
		}
	}
}

func BenchmarkKernel(b *testing.B) {
	h := NewHost(Unmatched)
	e := kernelKill(0, 1, "ingest", path)
	b.ReportAllocs()
	for b.Loop() {
		h.Kernel(e, "", 0, nil)
	}
}

func BenchmarkFact(b *testing.B) {
	h := NewHost(Unmatched)
	for i := range maxDeeds {
		h.Kernel(kernelKill(0, int64(i), "x", fmt.Sprint("/k/", i)), "", 0, nil)
	}
	f := fact(0, witness.Observation, "systemd", "line", witness.Keys{Unit: "u.service"})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		f.At = stamp(float64(i))
		h.Fact(f, 1)
		_ = h.Events()
	}
}

// TestKeptLines: a line that a reader keeps is pending until its time is over, by the time of the
// log or by the caller's clock, and so is a fact that may rest on it. It is nobody's fact, and of
// too many the oldest go.
func TestKeptLines(t *testing.T) {
	at := func(second, position int64) *report.Stamp {
		return &report.Stamp{Wall: time.Unix(second, 0), Position: position}
	}
	pending := func(h *Host, stream int, want int64) {
		t.Helper()
		got, ok := h.Pending(stream)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("pending %d, want %d", got, want)
		}
	}
	h := NewHost(Unmatched)
	h.Keep(at(100, 7), 1, 20*time.Second)
	pending(h, 1, 7)
	pending(h, 2, -1)
	if h.Waits() || h.HasEvents() || !h.Blank() {
		t.Error("a kept line is a fact")
	}
	clone := h.Clone()
	clone.FlushAll()
	pending(clone, 1, -1)
	pending(h, 1, 7)
	f := fact(119, witness.Observation, "systemd", "a.service: A process of this unit has been killed by the OOM killer.", witness.Keys{Unit: "a.service"})
	f.At = *at(119, 9)
	h.Fact(f, 1)
	h.AdvanceTo(at(121, 10), 1)
	pending(h, 1, 7) // of the fact
	h.AdvanceTo(at(140, 11), 1)
	pending(h, 1, -1)

	h.Keep(&report.Stamp{Position: 12}, 1, time.Hour) // without a time, and for longer than any
	now := time.Unix(5000, 0)
	h.Flush(now)
	h.Flush(now.Add(maxHold - 1))
	pending(h, 1, 12)
	h.Flush(now.Add(maxHold))
	pending(h, 1, -1)

	for i := range int64(3 * maxKept) {
		h.Keep(at(200, i), 1, time.Minute)
	}
	pending(h, 1, 2*maxKept)
}

// TestPendingNeverRunsBack: what a checkpoint may have passed does not become pending again.
func TestPendingNeverRunsBack(t *testing.T) {
	h := NewHost(Unmatched)
	at := func(second, position int64) report.Stamp {
		return report.Stamp{Wall: time.Unix(second, 0), Position: position}
	}
	said := func(text string, second, position int64) {
		f := fact(0, witness.Observation, "systemd", "a.service: "+text, witness.Keys{Unit: "a.service"})
		f.At = at(second, position)
		h.Fact(f, 1)
	}
	said("A process of this unit has been killed by the OOM killer.", 100, 10)
	if p, ok := h.Pending(1); !ok || p != 10 {
		t.Fatal(p, ok)
	}
	h.settleIf(func(*item) bool { return true })
	if p, ok := h.Pending(1); ok {
		t.Fatal(p)
	}
	kept := at(101, 11)
	h.Keep(&kept, 1, time.Minute)
	said("Failed with result 'oom-kill'.", 102, 12)
	if p, ok := h.Pending(1); !ok || p != 11 {
		t.Errorf("pending %d, %v", p, ok)
	}
}

// row is a row of kubectl that came so many seconds after the kill, and has an age.
func row(at float64, age time.Duration) *witness.Fact {
	f := by(fact(at, witness.Observation, "kubelet", fmt.Sprint("Warning  SystemOOM  ", age), witness.Keys{PID: 24117, HasPID: true, Comm: "ingest"}), "kernel")
	f.Timeless, f.Age, f.HasAge = true, age, age >= 0
	return f
}

// TestRowsOfKubectl joins a row to a kill only where its age allows that, in whichever order they
// come, and rows to each other.
func TestRowsOfKubectl(t *testing.T) {
	const unknown = -1
	untimed := row(0, time.Second)
	untimed.At.Wall = time.Time{}
	for _, tt := range []struct {
		name string
		rows []*witness.Fact
		want string
	}{
		{"read at once", []*witness.Fact{row(3, 3*time.Second)}, "kernel"},
		{"the age is cut to its last unit", []*witness.Fact{row(9*60, 8*time.Minute)}, "kernel"},
		{"of a kill before", []*witness.Fact{row(1, time.Minute)}, "kernel, observed kubelet"},
		{"pasted before another kill", []*witness.Fact{row(-1, 0)}, "kernel"},
		{"of long before", []*witness.Fact{row(8, 30*24*time.Hour)}, "kernel, observed kubelet"},
		{"of long after", []*witness.Fact{row(3*60*60, time.Hour)}, "kernel, observed kubelet"},
		{"without an age", []*witness.Fact{row(1, unknown)}, "kernel, observed kubelet"},
		{"without a time", []*witness.Fact{untimed}, "kernel, observed kubelet"},
		{"of one reading", []*witness.Fact{row(5, time.Hour), row(5.1, time.Hour+time.Second)}, "kernel, observed kubelet"},
	} {
		arrivals := []arrival{{kernel: kernelKill(0, 24117, "ingest", path)}}
		for _, f := range tt.rows {
			arrivals = append(arrivals, arrival{fact: f, stream: 1})
		}
		permute(arrivals, func(order []arrival) {
			got := strings.Split(run(Unmatched, order...), ", ")
			slices.Sort(got)
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, s, tt.want)
			}
		})
	}
}

// TestRowWaitsFromItsLine: how old a row is when it comes does not shorten the time in which the
// kernel's kill may follow.
func TestRowWaitsFromItsLine(t *testing.T) {
	h := NewHost(Unmatched)
	h.Fact(row(240, 4*time.Minute), 1)
	at := stamp(249)
	if h.AdvanceTo(&at, 1); h.HasEvents() {
		t.Fatal("it waits for less than its line")
	}
	h.Kernel(kernelKill(0, 24117, "ingest", path), strings.Repeat("ab", 16), 0, "record")
	at = stamp(300)
	if h.AdvanceTo(&at, 1); h.HasEvents() || h.Waits() {
		t.Error("it has not joined the kill")
	}
	h.Fact(row(600, time.Hour), 1)
	at = stamp(611)
	if h.AdvanceTo(&at, 1); !h.HasEvents() {
		t.Error("it waits for longer than its line")
	}
}
