// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// lists are where random subjects take their values from: few, so that many join, and odd ones.
var lists = struct{ units, userUnits, paths, comms, pods, ids []string }{
	units: []string{
		"", "", "", "a.service", "b.service", "ingest.service", "system.slice", "system-ingest.slice", "user.slice", "user-1000.slice", "user@1000.service",
		"session-3.scope", "-.slice", "a/b.scope", "c/", unit,
	},
	userUnits: []string{"", "", "", "ide.scope", "app.slice", "app-ide.slice"},
	paths: []string{
		"", "", "", "/", "//", "a", "/system.slice", "/system.slice/", "/system.slice/a.service", "/system.slice/a.service/sub", "/system.slice/c/", "/x/a/b.scope",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/ide.scope", path, path + "/init",
		"/system.slice/slurmstepd.scope/job_7/step_0/user/task_0", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/a.service", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r",
	},
	comms: []string{"", "tail", "java"},
	pods:  []string{"", "", podUID, "cart"},
	ids:   []string{"", "", containerID, "4f2a9be0c7d1aaaa"},
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func randomKeys(r *rand.Rand) (k witness.Keys) {
	switch r.IntN(5) {
	case 0:
		k.Unit = pick(r, lists.units)
	case 1:
		k.UserUnit = pick(r, lists.userUnits)
		k.UserID = report.Int{V: 1000, OK: r.IntN(2) == 0}
	case 2:
		k.Cgroup = pick(r, lists.paths)
	case 3:
		k.ContainerID, k.PodUID = pick(r, lists.ids), pick(r, lists.pods)
	case 4:
		k.Unit, k.Cgroup, k.PodName, k.Namespace = pick(r, lists.units), pick(r, lists.paths), pick(r, lists.pods), pick(r, lists.pods)
	}
	if r.IntN(3) == 0 {
		k.PID, k.HasPID, k.Comm = r.Int64N(4), true, pick(r, lists.comms)
	}
	if r.IntN(8) == 0 {
		k.ContainerPrefix = containerID[:8+r.IntN(8)]
	}
	if r.IntN(8) == 0 {
		k.SlurmStep = "7." + fmt.Sprint(r.IntN(2))
	}
	if r.IntN(4) == 0 {
		k.Invocation = string(rune('a' + r.IntN(2)))
	}
	return k
}

// randomArrival is a line of any program about anything, within some minutes.
func randomArrival(r *rand.Rand) arrival {
	at := r.Float64() * 100
	if r.IntN(8) == 0 {
		e := kernelKill(at, r.Int64N(4), pick(r, lists.comms), pick(r, lists.paths))
		if r.IntN(2) == 0 {
			e.At.Origin = report.OriginKernel
		}
		return arrival{kernel: e, stream: r.IntN(2)}
	}
	writers := []string{"systemd", "systemd-oomd", "earlyoom", witness.Kubelet, "audit", "dockerd"}
	kinds := []witness.Kind{witness.Kill, witness.Decision, witness.Outcome, witness.Observation, witness.Observation, witness.Eviction, witness.Death, witness.Death, witness.Sent, witness.Sent}
	outcomes := []string{"", witness.OutcomeDone, witness.OutcomeAnnounced, witness.OutcomeFailed}
	f := fact(at, kinds[r.IntN(len(kinds))], pick(r, writers), "line "+string(rune('a'+r.IntN(4))), randomKeys(r))
	f.Outcome, f.Hold = pick(r, outcomes), time.Duration(r.IntN(3))*10*time.Second
	f.Killer = pick(r, []string{"", "", "kernel", "systemd-oomd"})
	f.Reason = pick(r, []string{"", "", "stop_timeout"})
	f.Verified = r.IntN(2) == 0
	if r.IntN(10) == 0 {
		f.At = report.Stamp{}
	}
	return arrival{fact: f, stream: r.IntN(2)}
}

// TestLookUp: whoever joins a subject is found, and all of the same unit.
func TestLookUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	h := NewHost(Unmatched)
	h.fewToAsk = 0
	joins, found := 0, 0
	for range 20000 {
		x := &item{fact: &witness.Fact{Keys: randomKeys(r)}}
		x.subject = subjectOf(x.fact)
		if x.hasPID && r.IntN(3) == 0 {
			x.tgid = r.Int64N(4)
		}
		asked := map[*item]bool{}
		for o := range h.joined(&x.subject) {
			asked[o] = true
			found++
		}
		same := slices.Collect(h.sameUnit(x))
		for _, o := range h.facts {
			if x.joins(&o.subject) != noKey || o.joins(&x.subject) != noKey {
				if joins++; !asked[o] {
					t.Fatalf("%+v joins %+v, and is not asked", x.subject, o.subject)
				}
			}
			if x.unit == o.unit && x.userUnit == o.userUnit && !slices.Contains(same, o) {
				t.Fatalf("%+v is not of the unit of %+v", o.subject, x.subject)
			}
		}
		h.add(x, false)
		for len(h.facts) > 100 {
			h.facts[0], h.facts = nil, h.facts[1:]
			h.firstFact++
		}
	}
	if joins < 20000 || len(h.factIndex.links) > 4096 {
		t.Errorf("%d join of %d found, %d links", joins, found, len(h.factIndex.links))
	}
}

// TestSameAsAskingAll: what comes of random lines is what comes of comparing each with all.
func TestSameAsAskingAll(t *testing.T) {
	kinds := map[EventKind]int{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		var hosts [2]*Host
		for i, few := range [...]int{0, math.MaxInt} {
			hosts[i] = NewHost(Observations(seed % 3))
			if hosts[i].fewToAsk = few; seed%4 == 0 {
				hosts[i].Hold()
			}
		}
		for step := range 150 {
			a, other := randomArrival(r), randomArrival(r)
			learns, clones, sheds, flushes := r.IntN(20) == 0, r.IntN(20) == 0, r.IntN(60) == 0, r.IntN(50) == 0
			keys, now := randomKeys(r), noon.Add(time.Duration(r.IntN(100))*time.Second)
			var events [2][]Event
			for i, h := range hosts {
				at := stamp(0)
				switch {
				case learns && (keys.Unit != "" || keys.UserUnit != ""):
					keys.PID, keys.HasPID, keys.Comm = int64(step%4), true, "tail"
					h.Learn(&keys, &at, 0)
				case clones:
					hosts[i] = h.Clone()
					if other.fact != nil { // the clone does not know of it
						h.Fact(other.fact, 0)
						h.Kernel(kernelKill(0, 1, "x", path), "", 0, nil)
					}
					h.FlushAll()
					h = hosts[i]
				case sheds:
					h.Shed()
				case flushes:
					h.Flush(now)
				}
				if a.kernel != nil {
					h.Kernel(a.kernel, fmt.Sprintf("%032x", step), a.stream, step)
				} else {
					h.Fact(a.fact, a.stream)
				}
				if step == 149 {
					h.FlushAll()
				}
				events[i] = h.Events()
			}
			for _, e := range events[0] {
				kinds[e.Kind]++
			}
			if !reflect.DeepEqual(events[0], events[1]) {
				t.Fatalf("seed %d, step %d:\n%+v, want\n%+v", seed, step, events[0], events[1])
			}
		}
	}
	for k := Kill; k <= Kernel; k++ {
		if kinds[k] == 0 {
			t.Errorf("no event of kind %d", k)
		}
	}
}

// BenchmarkFactWaiting takes a fact of a unit of its own while others wait, as many as a host
// holds.
func BenchmarkFactWaiting(b *testing.B) {
	for _, kind := range []witness.Kind{witness.Observation, witness.Death} {
		for _, n := range []int{maxFacts, maxHeld} {
			b.Run(fmt.Sprintf("kind=%d/waiting=%d", kind, n), func(b *testing.B) {
				h := NewHost(Unmatched)
				if n == maxHeld {
					h.Hold()
				}
				i := 0
				next := func() {
					name := fmt.Sprintf("u%d.service", i)
					f := fact(float64(i)/1e6, kind, "systemd", name+": died", witness.Keys{Unit: name})
					h.Fact(f, 1)
					_ = h.Events()
					i++
				}
				for range n {
					next()
				}
				b.ReportAllocs()
				for b.Loop() {
					next()
				}
			})
		}
	}
}

// TestAsksFew: of many that wait, a fact asks those that may join it; what one costs is bounded.
func TestAsksFew(t *testing.T) {
	h := NewHost(Unmatched)
	h.Hold()
	for i := range maxHeld {
		name := fmt.Sprintf("u%d.service", i)
		h.Fact(fact(float64(i)/1000, witness.Death, "systemd", name+": died", witness.Keys{Unit: name}), 0)
		h.Kernel(kernelKill(float64(i)/1000, int64(i), "x", "/system.slice/"+name), "", 1, nil)
	}
	for _, k := range []witness.Keys{{Unit: "u5.service"}, {Cgroup: "/system.slice/u5.service"}, {Unit: "u5.service", PID: 5, HasPID: true}} {
		s := subjectOf(&witness.Fact{Keys: k})
		facts, deeds := len(slices.Collect(h.joined(&s))), len(h.deedsOf(&s))
		if facts != 1 || deeds < 1 || deeds > 2 {
			t.Errorf("%+v asks %d facts and %d kills of %d", k, facts, deeds, maxHeld)
		}
	}
	deep := subject{path: strings.Repeat("/a", 1000)}
	if n := len(deep.marks(nil)); n > maxParts {
		t.Errorf("a path of 1000 parts has %d marks", n)
	}
	if n := h.factIndex.memory() + h.deedIndex.memory(); n > 2<<20 {
		t.Errorf("the indexes of %d facts and as many kills hold %d bytes", maxHeld, n)
	}
}

// BenchmarkClone copies a host that holds as many facts as it may.
func BenchmarkClone(b *testing.B) {
	h := NewHost(Unmatched)
	for i := range maxFacts {
		name := fmt.Sprintf("u%d.service", i)
		h.Fact(fact(0, witness.Observation, "systemd", name+": died", witness.Keys{Unit: name}), 0)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Clone()
	}
}

// TestDueSooner: a claim that is confirmed waits no longer than that asks for, whatever was known
// of its time before.
func TestDueSooner(t *testing.T) {
	h := NewHost(Unmatched)
	at := func(second float64) { s := stamp(second); h.AdvanceTo(&s, 0) }
	h.Fact(outcome(fact(0, witness.Decision, "earlyoom", "sending", pid(7, "tail")), witness.OutcomeAnnounced, maxHold), 0)
	at(1)
	h.Fact(outcome(fact(2, witness.Outcome, "earlyoom", "exited", witness.Keys{}), witness.OutcomeDone, 0), 0)
	at(11)
	if h.HasEvents() {
		t.Error("it did not wait")
	}
	at(15)
	if events := h.Events(); len(events) != 1 || events[0].Kind != Kill {
		t.Errorf("%+v", events)
	}
}
