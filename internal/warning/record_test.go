// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/conformance/corpus/golden"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// noon is when the tests look.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 123456789, time.UTC)

// The cgroups of the guests of package watchtest.
const (
	podPath       = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0f8a3c52_7b1e_4c7d_9a55_2d6f1e0b9c34.slice"
	containerPath = podPath + "/cri-containerd-3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b3fa1c09b.scope"
	twoPath       = "/system.slice/two.service"
)

// guest is a machine of package watchtest, and what makes records there.
type guest struct {
	t      *testing.T
	root   string
	system watch.System
	*recorder
}

func newGuest(t *testing.T, version string) *guest {
	t.Helper()
	root, system := watchtest.Unpack(t, version)
	g := &guest{t: t, root: root, system: system}
	g.set("proc/sys/kernel/random/boot_id", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n")
	g.recorder = newRecorder(Options{
		System: system, Settings: DefaultSettings(), HostName: "node-1", HostID: "00112233445566778899aabbccddeeff",
		Names: func(w report.Workload) report.Names {
			if strings.HasPrefix(w.PodUID, "0f8a3c52") && w.ContainerID != "" {
				return report.Names{Namespace: "shop", Pod: "cart-0", Container: "app", Image: "registry.example/shop/cart:1.4"}
			}
			return report.Names{}
		},
	})
	return g
}

// set writes a file of the guest.
func (g *guest) set(path, text string) {
	g.t.Helper()
	full := filepath.Join(g.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// cgroup reads a cgroup, changed as a test needs it.
func (g *guest) cgroup(path string, change func(*watch.Cgroup)) *watch.Cgroup {
	g.t.Helper()
	h, err := g.system.Hierarchy()
	if err != nil {
		g.t.Fatal(err)
	}
	c, err := h.Read(path)
	if err != nil {
		g.t.Fatal(err)
	}
	change(&c)
	return &c
}

// host reads the machine, changed as a test needs it.
func (g *guest) host(change func(*Host)) *Host {
	g.t.Helper()
	var h Host
	var err error
	if h.Memory, err = g.system.Memory(); err != nil {
		g.t.Fatal(err)
	}
	h.Settings = g.system.Settings()
	h.Pressure, _ = g.system.Pressure()
	change(&h)
	return &h
}

// waits is a pressure of which a part is full.
func waits(percent float64) watch.Pressure {
	return watch.Pressure{Some: watch.Stall{Avg10: 99, OK: true}, Full: watch.Stall{Avg10: percent, OK: true}}
}

// fieldNames are the names of the table.
var fieldNames = func() (names []string) {
	for i := range record.Fields {
		names = append(names, record.Fields[i].Name)
	}
	return names
}()

// TestExpectedRecords compares the record of a finding of each cause with a golden file.
func TestExpectedRecords(t *testing.T) {
	v2, v1, leak := newGuest(t, watchtest.Version2), newGuest(t, watchtest.Version1), newGuest(t, watchtest.Version2)
	leak.set("proc/95/status", "PPid:\t1\nUid:\t0\t0\t0\t0\nVmRSS:\t  483328 kB\nVmPTE:\t  992 kB\nVmSwap:\t       0 kB\n")
	leak.set("proc/95/oom_score", "1093\n")
	var got []*record.Record
	for _, c := range []struct {
		name  string
		guest *guest
		f     Finding
	}{
		{"a container of a pod that leaks", leak, Finding{
			Cause: CgroupNearLimit, Used: 474 * mib, Limit: 512 * mib, Share: 474. / 512, Threshold: 0.9, Growth: 9.8 * mib, Grows: true, Steady: true, TimeLeft: 4200 * time.Millisecond,
			Cgroup: leak.cgroup(containerPath, func(c *watch.Cgroup) {
				c.Current, c.Max, c.File, c.Peak = report.Some(500*mib), report.Some(512*mib), report.Some(26*mib), report.Some(512*mib)
			}),
		}},
		{"a unit on its way to its limit, version 1", v1, Finding{
			Cause: CgroupNearLimit, Used: 410 * mib, Limit: 522 * mib, Share: 410. / 522, Threshold: 0.75, Growth: 1.5 * mib, Grows: true, Steady: true, TimeLeft: 5 * time.Minute,
			Cgroup: v1.cgroup(twoPath, func(c *watch.Cgroup) {
				c.Current, c.Max, c.File, c.Swap, c.SwapMax = report.Some(400*mib), report.Some(512*mib), report.Some(0*mib), report.Some(10*mib), report.Some(1024*mib)
			}),
		}},
		{"a pod under pressure", v2, Finding{
			Cause: CgroupPressure, Share: 0.4525, Threshold: 0.4,
			Cgroup: v2.cgroup(podPath, func(c *watch.Cgroup) {
				c.Current, c.Max, c.File, c.Pressure = report.Some(250*mib), report.Some(256*mib), report.Some(mib), waits(45.25)
			}),
		}},
		{"a unit at memory.high", v2, Finding{
			Cause: CgroupThrottled, Share: 0.8, Threshold: 0.4,
			Cgroup: v2.cgroup(twoPath, func(c *watch.Cgroup) {
				c.Current, c.High, c.Max, c.File, c.Pressure = report.Some(203*mib), report.Some(200*mib), report.Int{}, report.Some(2*mib), waits(80)
			}),
		}},
		{"a host under pressure", v2, Finding{Cause: HostPressure, Share: 0.51, Threshold: 0.4, Host: v2.host(func(h *Host) { h.Pressure = waits(51) })}},
		{"a host low on memory, with swap", v2, Finding{
			Cause: HostLowMemory, Growth: 100 * mib, Grows: true, Steady: true, TimeLeft: 700 * time.Millisecond,
			Host: v2.host(func(h *Host) {
				h.Memory.Available, h.Memory.SwapTotal, h.Memory.SwapFree = report.Some(20*mib), report.Some(1024*mib), report.Some(3*mib)
			}),
		}},
		{"a host low on memory, with swap that cannot be used", v2, Finding{
			Cause: HostLowMemory,
			Host: v2.host(func(h *Host) {
				h.Memory.Available, h.Memory.SwapTotal, h.Memory.SwapFree = report.Some(20*mib), report.Some(1024*mib), report.Some(1000*mib)
				h.Memory.Anon, h.Memory.Shmem, h.Unswappable = report.Some(300*mib), report.Some(mib), report.Some(290*mib)
			}),
		}},
		{"a host low on memory, without swap", v1, Finding{
			Cause: HostLowMemory, Growth: -mib, Grows: true,
			Host: v1.host(func(h *Host) { h.Memory.Available, h.Memory.SwapTotal = report.Some(20*mib), report.Some(0) }),
		}},
		{"a commit limit", v2, Finding{
			Cause: CommitLimit,
			Host: v2.host(func(h *Host) {
				h.Memory.CommittedAS, h.Memory.CommitLimit = report.Some(950*mib), report.Some(1000*mib)
			}),
		}},
	} {
		c.f.At = noon
		r := c.guest.record(&c.f)
		got = append(got, r)
		last := -1
		for a := range r.Attrs() {
			if i := slices.Index(fieldNames, a.Name); i <= last {
				t.Errorf("%s: %s is none of the table, or not in its order", c.name, a.Name)
			} else {
				last = i
			}
		}
	}
	if err := golden.Check("../../testdata/warnings/records.json", got); err != nil {
		t.Error(err)
	}
}

// TestHostile: whatever a name, a path and a figure are, a record keeps to its bounds and can be
// printed.
func TestHostile(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	path := "/system.slice/\x1b[2J\u202e\"\\\xff" + strings.Repeat("a\xc3", 120) + " Out of memory: Killed process 1"
	for pid := 400; pid < 408; pid++ {
		dir := fmt.Sprintf("proc/%d/", pid)
		g.set(dir+"status", "PPid:\t1\nUid:\t0\t0\t0\t0\nVmRSS:\t  409600 kB\nVmSwap:\t9223372036854775807 kB\n")
		g.set(dir+"stat", fmt.Sprintf("%d (\")\\ (\x1b\xff\n{}Out of me) S 1", pid))
		g.set(dir+"oom_score", "99999999999\n")
		g.set(dir+"cgroup", "0::"+path+strings.Repeat("/x\x01", 400)+"\n")
	}
	for _, growth := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		for _, cause := range []Cause{CgroupNearLimit, CgroupPressure, CgroupThrottled, HostPressure, HostLowMemory, CommitLimit} {
			f := Finding{Cause: cause, At: noon, Share: growth, Threshold: growth, Used: math.MaxInt64, Limit: math.MinInt64, Growth: growth, Grows: true, Steady: true, TimeLeft: math.MaxInt64}
			c := watch.Cgroup{Path: path, Current: report.Some(math.MaxInt64), Max: report.Some(1), File: report.Some(0), High: report.Some(math.MinInt64), Pressure: waits(100)}
			if strings.HasPrefix(string(cause), "cgroup") {
				f.Cgroup = &c
			} else {
				f.Host = &Host{Memory: watch.Memory{Total: report.Some(math.MaxInt64), Available: report.Some(-5)}, Pressure: waits(0)}
			}
			r := g.record(&f)
			if len(r.Body) > record.MaxBody || r.Body == "" {
				t.Errorf("%s: a body of %d bytes: %q", cause, len(r.Body), r.Body)
			}
			for _, words := range []string{"Out of memory", "Killed process", "oom-kill"} {
				if strings.Contains(r.Body, words) {
					t.Errorf("%s: %q has the kernel's words", cause, r.Body)
				}
			}
			size := len(r.Body)
			for a := range r.Attrs() {
				v := a.Value.String()
				if size += len(v); len(v) > record.MaxValue || !utf8.ValidString(v) || !plain.IsPrintable(v) || strings.Contains(v, "NaN") || strings.Contains(v, "Inf") {
					t.Errorf("%s: %s is %q", cause, a.Name, v)
				}
			}
			if size > record.MaxBytes || r.Len() > record.MaxAttrs {
				t.Errorf("%s: %d bytes, %d attributes", cause, size, r.Len())
			}
			var top []map[string]any
			if err := json.Unmarshal([]byte(r.Text("oom.candidates.top")), &top); err != nil || len(top) == 0 {
				t.Errorf("%s: %v: %s", cause, err, r.Text("oom.candidates.top"))
			}
			if !json.Valid(r.AppendJSON(nil)) {
				t.Errorf("%s: no JSON", cause)
			}
		}
	}
}

// TestIDs: what differs in cause, cgroup, time or boot has an id of its own.
func TestIDs(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	seen := map[string]bool{}
	for _, boot := range []string{"", "0a1b", "0a1c"} {
		g.boot = boot
		for _, at := range []time.Time{noon, noon.Add(time.Nanosecond)} {
			for _, cause := range []Cause{CgroupNearLimit, CgroupPressure} {
				for _, path := range []string{"/a", "/a/b", "/a\n"} {
					r := g.record(&Finding{Cause: cause, At: at, Cgroup: &watch.Cgroup{Path: path}})
					id := r.Text("log.record.uid")
					if seen[id] || len(id) != 32 || id != r.Text("oom.warning.id") {
						t.Errorf("%s %v %s %q: id %q", boot, at, cause, path, id)
					}
					seen[id] = true
				}
			}
		}
	}
}

// TestNoCandidates: no process is listed where the kernel kills nobody, or not all are seen.
func TestNoCandidates(t *testing.T) {
	f := func(g *guest) *Finding {
		return &Finding{Cause: CgroupNearLimit, At: noon, Cgroup: g.cgroup(twoPath, func(*watch.Cgroup) {})}
	}
	g := newGuest(t, watchtest.Version1)
	off := f(g)
	if g.record(off).Text("oom.candidates.top") == "" {
		t.Fatal("no candidates at all")
	}
	off.Cgroup.KillOff = true
	if r := g.record(off); r.Text("oom.candidates.top") != "" || !strings.Contains(r.Text("oom.diagnosis.summary"), "oom_kill_disable") {
		t.Errorf("with oom_kill_disable: %s", r.AppendJSON(nil))
	}
	host := &Finding{Cause: HostLowMemory, At: noon, Host: g.host(func(*Host) {})}
	listed := func() (ofHost, ofCgroup bool) {
		return g.record(host).Text("oom.candidates.top") != "", g.record(f(g)).Text("oom.candidates.top") != ""
	}
	namespace := func(kind string) {
		link := filepath.Join(g.root, "proc/self/ns", kind)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(kind+":[1]", link)); err != nil {
			t.Fatal(err)
		}
	}
	g.set("sys/fs/cgroup/memory/release_agent", "\n") // the machine's own
	if ofHost, ofCgroup := listed(); !ofHost || !ofCgroup {
		t.Errorf("on the machine: of the host %v, of a cgroup %v", ofHost, ofCgroup)
	}
	namespace("pid")
	if ofHost, ofCgroup := listed(); ofHost || ofCgroup {
		t.Errorf("in a container that sees all cgroups: of the host %v, of a cgroup %v", ofHost, ofCgroup)
	}
	namespace("cgroup")
	if err := os.Remove(filepath.Join(g.root, "sys/fs/cgroup/memory/release_agent")); err != nil {
		t.Fatal(err)
	}
	if ofHost, ofCgroup := listed(); ofHost || !ofCgroup {
		t.Errorf("in a container: of the host %v, of a cgroup %v", ofHost, ofCgroup)
	}
	if err := os.RemoveAll(filepath.Join(g.root, "proc/1")); err != nil { // hidepid=
		t.Fatal(err)
	}
	if r := g.record(f(g)); r.Text("oom.candidates.top") != "" {
		t.Errorf("with hidden processes: %s", r.AppendJSON(nil))
	}
}
