// SPDX-License-Identifier: Apache-2.0

package watch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// TestReal reads what real kernels gave of both versions of cgroups.
func TestReal(t *testing.T) {
	for name, version := range map[string]int{watchtest.Version1: 1, watchtest.Version2: 2} {
		t.Run(name, func(t *testing.T) {
			_, s := watchtest.Unpack(t, name)
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			m, err := s.Memory()
			if err != nil || m.Total.V != 738332<<10 || !m.Available.OK || !m.CommittedAS.OK || m.SwapTotal != report.Some(0) {
				t.Errorf("%+v, %v", m, err)
			}
			if v, err := s.VMStat(); err != nil || v.OOMKill != report.Some(1) {
				t.Errorf("%+v, %v", v, err)
			}
			if p, err := s.Pressure(); err != nil || !p.Some.OK || !p.Full.OK || p.Some.Total == 0 {
				t.Errorf("%+v, %v", p, err)
			}
			if set := s.Settings(); set.OvercommitMemory != report.Some(0) || set.OvercommitRatio != report.Some(50) || !set.Swappiness.OK {
				t.Errorf("%+v", set)
			}
			processes(t, s, m)
			cgroups(t, s, version)
		})
	}
}

func processes(t *testing.T, s watch.System, m watch.Memory) {
	all, hidden, err := s.Processes()
	if err != nil || hidden {
		t.Fatal(hidden, err)
	}
	found := map[string]watch.Process{}
	for _, p := range all {
		found[p.Name] = p
		if !p.Score.OK || !p.Adjustment.OK || !p.RSS.OK || !p.Anon.OK || !p.PageTables.OK || p.Cgroup == "" || p.Started == 0 && p.PID > 1 {
			t.Errorf("%+v", p)
		}
	}
	if _, ok := found["kthreadd"]; ok {
		t.Error("a kernel thread holds no memory")
	}
	if p := found["node"]; !strings.Contains(p.Cgroup, "/cri-containerd-3fa1") || p.Anon.V < 20<<20 || p.Parent != 1 {
		t.Errorf("%+v", p)
	}
	for _, cgroup := range []string{"/", "/system.slice", "/system.slice/two.service", "/system.slice/two", "/none", "/kubepods.slice"} {
		want := slices.DeleteFunc(slices.Clone(all), func(p watch.Process) bool { return !watch.IsUnder(p.Cgroup, cgroup) })
		if under, hidden, err := s.ProcessesUnder(cgroup); err != nil || hidden || !slices.Equal(under, want) {
			t.Errorf("under %s: %v %v %v, want %v", cgroup, under, hidden, err, want)
		}
	}
	ranked := s.Rank(all, m)
	if ranked[0].Name != "third" || ranked[0].Adjustment.V != 300 || len(ranked) != len(all)-1 {
		t.Errorf("%d of %d processes, the first %+v", len(ranked), len(all), ranked[0])
	}
	for i := 1; i < len(ranked); i++ {
		if ranked[i].Score.V > ranked[i-1].Score.V {
			t.Errorf("%+v comes before %+v", ranked[i-1], ranked[i])
		}
	}
}

func cgroups(t *testing.T, s watch.System, version int) {
	h, err := s.Hierarchy()
	if err != nil || h.Version != version {
		t.Fatal(h, err)
	}
	found := map[string]watch.Cgroup{}
	if w := h.Walk("/", func(path string) {
		g, err := h.Read(path)
		if err != nil {
			t.Error(err)
		}
		found[path] = g
	}); w != (watch.Walked{}) {
		t.Error(w)
	}
	if len(found) != 10 {
		t.Errorf("%d cgroups", len(found))
	}
	for path, g := range found {
		if !g.Current.OK || !g.Peak.OK || !g.File.OK || !g.Held().OK || !g.Events.OOMKill.OK || !g.Events.Max.OK || g.Pressure.Some.OK != (version == 2) || g.Local.OOMKill.OK != (version == 2) {
			t.Errorf("%s: %+v", path, g)
		}
	}
	low := found["/system.slice/lowered.service"]
	if low.Max.V != 50<<20 || low.Peak.V <= 50<<20 || low.Events.OOMKill.V != 1 || low.Events.Max.V == 0 {
		t.Errorf("%+v", low)
	}
	// Version 2 counts into the cgroups above, version 1 does not.
	if slice := found["/system.slice"]; slice.Events.OOMKill.V != int64(version-1) || slice.Local.OOMKill.V != 0 || slice.Max.OK {
		t.Errorf("%+v", slice)
	}
	app := found["/system.slice/app.service"]
	if app.Max.V != 64<<20 || app.High.OK != (version == 2) || app.Current.V < 30<<20 {
		t.Errorf("%+v", app)
	}
	if g := found["/system.slice/grp.service"]; g.Group != (version == 2) {
		t.Errorf("%+v", g)
	}
}
