// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is when the tests look: the guests of package watchtest had run for a minute.
var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// guest is a machine, and the collector that looks at it.
type guest struct {
	*Collector
	t    *testing.T
	root string
}

// newGuest returns a guest of a version of cgroups, of which flags ask for a part: "unit=two".
func newGuest(t *testing.T, name string, asked ...string) *guest {
	t.Helper()
	root, system := watchtest.Unpack(t, name)
	g := &guest{&Collector{System: system, Root: root, Filter: new(filter.Filter), Location: time.UTC, Host: "guest", Limit: 5}, t, root}
	g.Names = func(w report.Workload) report.Names {
		if strings.HasPrefix(w.PodUID, "0f8a3c52") {
			return report.Names{Namespace: "shop", Pod: "cart-0", Container: "app"}
		}
		return report.Names{}
	}
	for _, a := range asked {
		subject, pattern, _ := strings.Cut(a, "=")
		i := slices.IndexFunc(filter.Subjects, func(s filter.Subject) bool { return s.Name == subject })
		if err := g.Filter.Add(&filter.Subjects[i], pattern); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// set writes files of the guest.
func (g *guest) set(files map[string]string) {
	g.t.Helper()
	for path, text := range files {
		full := filepath.Join(g.root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			g.t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			g.t.Fatal(err)
		}
	}
}

// logged gives the guest a log with the kill of a capture, at a time.
func (g *guest) logged(at time.Time, attrs ...record.Attr) {
	g.t.Helper()
	text, err := os.ReadFile("../../../../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		g.t.Fatal(err)
	}
	var l Log
	if err := parser.ReadAll(bytes.NewReader(text), parser.Options{}, func(r *parser.Record) error {
		kept := r.With(attrs...)
		kept.Time = at
		l.Kills = append(l.Kills, kill.Kill{Record: kept})
		return nil
	}); err != nil || len(l.Kills) != 1 {
		g.t.Fatal(len(l.Kills), err)
	}
	g.ReadLog = func() Log { return l }
}

// print prints a status as on a terminal of 100 columns.
func (g *guest) print(s *Status) string {
	g.t.Helper()
	for i := range s.Unseen { // before lines are wrapped
		s.Unseen[i] = strings.ReplaceAll(s.Unseen[i], g.root, "ROOT")
	}
	var b strings.Builder
	if err := s.Print(&b, textpage.Options{Width: 100}, time.UTC); err != nil {
		g.t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), g.root, "ROOT") // in lines to type
}

const low = "sys/fs/cgroup/system.slice/lowered.service/"

// TestPages compares what is printed of real machines with golden files.
func TestPages(t *testing.T) {
	for name, look := range map[string]func(*testing.T) (*guest, Status){
		"v2": func(t *testing.T) (*guest, Status) {
			g := newGuest(t, watchtest.Version2)
			g.logged(now.Add(-time.Minute), record.Attr{Name: "oom.victim.cgroup", Value: record.StringValue("/system.slice/lowered.service")})
			g.Collect(now.Add(-time.Second))
			g.set(map[string]string{"sys/fs/cgroup/system.slice/two.service/memory.current": "94371840\n"})
			return g, g.Collect(now)
		},
		"v1": func(t *testing.T) (*guest, Status) { g := newGuest(t, watchtest.Version1); return g, g.Collect(now) },
		"v2-pod": func(t *testing.T) (*guest, Status) {
			g := newGuest(t, watchtest.Version2, "pod=shop/*")
			return g, g.Collect(now)
		},
		"v2-unit": func(t *testing.T) (*guest, Status) {
			g := newGuest(t, watchtest.Version2, "unit=grp")
			return g, g.Collect(now)
		},
		"v2-verify": func(t *testing.T) (*guest, Status) {
			g := newGuest(t, watchtest.Version2, "unit=lowered")
			g.Collect(now.Add(-time.Second))
			return g, g.Verify(now, time.Time{})
		},
		"bare": func(t *testing.T) (*guest, Status) { // of an old kernel without anything
			g := newGuest(t, watchtest.Version2)
			for _, path := range []string{"sys", "proc/pressure", "proc/vmstat", "proc/sys", "proc/swaps"} {
				if err := os.RemoveAll(filepath.Join(g.root, path)); err != nil {
					t.Fatal(err)
				}
			}
			return g, g.Collect(now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, s := look(t)
			got := g.print(&s)
			golden(t, name+".txt", got)
			for line := range strings.Lines(got) {
				if n := len([]rune(line)); n > 101 && !strings.HasPrefix(line, "      ") { // a line to type stays in one piece
					t.Errorf("%d columns: %s", n, line)
				}
			}
			text, err := s.JSON()
			if err != nil || !json.Valid(text) || bytes.Count(text, []byte("\n")) != 1 {
				t.Errorf("%v: %s", err, text)
			}
			var lines bytes.Buffer
			if err := json.Indent(&lines, text, "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", strings.ReplaceAll(lines.String(), g.root, "ROOT"))
		})
	}
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s: %v; got\n%s", name, err, got)
	}
}

// TestNarrow: no table is wider than the terminal, and the names of what it is about stay readable.
func TestNarrow(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	g.logged(now.Add(-time.Minute))
	g.Collect(now.Add(-time.Second))
	long := "/sys/fs/cgroup/system.slice/" + strings.Repeat("a-service-with-a-long-name-", 4) + ".service/"
	g.set(map[string]string{"sys/fs/cgroup/system.slice/two.service/memory.current": "94371840\n",
		long + "memory.current": "94371840\n", long + "memory.max": "94371840\n", long + "memory.peak": "94371840\n", long + "memory.high": "94371840\n", long + "memory.stat": "inactive_file 4194304\n", long + "memory.events": "high 77\nmax 12345\noom_kill 3\n", long + "memory.pressure": "some avg10=12.30 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"})
	s := g.Collect(now)
	for _, width := range []int{50, 60, 70, 80, 100, 200} {
		var b strings.Builder
		if err := s.Print(&b, textpage.Options{Width: width}, time.UTC); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		for line := range strings.Lines(got) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width && !strings.HasPrefix(line, "      ") && !strings.Contains(line, ", 2026-") { // lines to type, and the title
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		for _, want := range []string{"HELD", "LIMIT", "two.service", "lowered.service", "third (94)"} {
			if !strings.Contains(got, want) {
				t.Errorf("%d columns lack %q:\n%s", width, want, got)
			}
		}
		if wide := strings.Contains(got, "SLOWED") && strings.Contains(got, "12 %"); wide != (width == 200) {
			t.Errorf("%d columns:\n%s", width, got)
		}
		_, table, _ := strings.Cut(got, "Cgroups nearest their limit\n")
		for _, title := range []string{"ADDED", "MAX", "SLOWED", "WAITED"} {
			head, legend, _ := strings.Cut(strings.Join(strings.Fields(table), " "), "HELD is the share")
			if strings.Contains(head, title) != strings.Contains(legend, title+" is") {
				t.Errorf("%d columns: %s is explained without being there, or not explained:\n%s", width, title, table)
			}
		}
	}
}

// TestKills: what the log lacks of what the kernel counts.
func TestKills(t *testing.T) {
	for _, c := range []struct {
		vmstat, says string
		log          bool
	}{
		{"oom_kill 0\n", "None, by the kernel's own count.", false},
		{"oom_kill 1\n", "The kernel counts 1 kill, and its log has all of them.", true},
		{"oom_kill 5\n", "its log has 1 of them: 4 are missing", true},
		{"oom_kill 5\n", "The kernel counts 5 kills; its log was not read.", false},
		{"nr_free_pages 5\n", "The kernel's log has 1 kill; the kernel does not count them here", true},
	} {
		g := newGuest(t, watchtest.Version2)
		g.set(map[string]string{"proc/vmstat": c.vmstat})
		if c.log {
			g.logged(now)
		}
		s := g.Collect(now)
		if got := strings.Join(strings.Fields(g.print(&s)), " "); !strings.Contains(got, c.says) {
			t.Errorf("%q lacks %q: %s", c.vmstat, c.says, got)
		}
	}
}

// TestKillsOfCgroups: what the log lacks of what a cgroup counts.
func TestKillsOfCgroups(t *testing.T) {
	const path = "/system.slice/lowered.service"
	in := record.Attr{Name: "oom.victim.cgroup", Value: record.StringValue(path)}
	for _, c := range []struct {
		counted string
		log     func(*guest)
		missing int64 // -1 where it is not known
	}{
		{"1", func(*guest) {}, -1},
		{"1", func(g *guest) { g.ReadLog = func() Log { return Log{Err: os.ErrPermission} } }, -1},
		{"1", func(g *guest) { g.logged(now, in) }, 0},
		{"3", func(g *guest) { g.logged(now, in) }, 2},
		{"3", func(g *guest) { g.logged(now) }, 3},
	} {
		g := newGuest(t, watchtest.Version2)
		g.set(map[string]string{low + "memory.events": "oom_kill " + c.counted + "\n", low + "memory.events.local": "oom_kill " + c.counted + "\n"})
		c.log(g)
		s := g.Collect(now)
		got := int64(-1)
		if len(s.Kills.Cgroups) == 1 && s.Kills.Cgroups[0].Cgroup == path && s.Kills.Cgroups[0].Missing != nil {
			got = *s.Kills.Cgroups[0].Missing
		}
		if got != c.missing || strings.Contains(g.print(&s), "NOT LOGGED") != (c.missing > 0) {
			t.Errorf("%s counted: %d, want %d: %+v", c.counted, got, c.missing, s.Kills)
		}
	}
}

// TestLogIsReadAgain: it is read once, and again when the kernel has counted a kill.
func TestLogIsReadAgain(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	reads := 0
	g.ReadLog = func() Log { reads++; return Log{} }
	for i := range 3 {
		g.Collect(now.Add(time.Duration(i) * time.Second))
	}
	if reads != 1 {
		t.Errorf("%d reads", reads)
	}
	g.set(map[string]string{"proc/vmstat": "oom_kill 2\n"})
	if g.Collect(now.Add(time.Minute)); reads != 2 {
		t.Errorf("%d reads", reads)
	}
}

// TestCountedWithoutLocalFiles: before 5.2 version 2 counts into every cgroup above as well.
func TestCountedWithoutLocalFiles(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	if err := filepath.WalkDir(g.root, func(path string, _ os.DirEntry, err error) error {
		if filepath.Base(path) == "memory.events.local" {
			return os.Remove(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s := g.Collect(now)
	if len(s.Kills.Cgroups) != 1 || s.Kills.Cgroups[0] != (Counter{Cgroup: "/system.slice/lowered.service", Kills: 1}) {
		t.Errorf("%+v", s.Kills.Cgroups)
	}
}

// risk returns the risk of a name, and how many there are of it.
func risk(s Status, name string) (found Risk, n int) {
	for _, r := range s.Risks {
		if r.Name == name {
			found = r
			n++
		}
	}
	return found, n
}

// TestRisks: each is found where it is, and not where it is not, with a line that changes it.
func TestRisks(t *testing.T) {
	meminfo := func(more string) map[string]string {
		return map[string]string{"proc/meminfo": "MemTotal: 4194304 kB\nMemAvailable: 5 kB\n" + more}
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		fix   string // "" for no such risk
	}{
		{"no_swap", meminfo("SwapTotal: 0 kB\n"), "fallocate -l 1G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile"},
		{"no_swap", meminfo("SwapTotal: 1024 kB\n"), ""},
		{"no_swap", meminfo(""), ""},
		{"strict_overcommit", map[string]string{"proc/sys/vm/overcommit_memory": "2\n", "proc/meminfo": "MemTotal: 1000 kB\nCommitLimit: 1000 kB\nCommitted_AS: 900 kB\n"}, "sysctl -w vm.overcommit_ratio=75"},
		{"strict_overcommit", map[string]string{"proc/sys/vm/overcommit_memory": "2\n", "proc/sys/vm/overcommit_kbytes": "900\n", "proc/meminfo": "MemTotal: 1000 kB\nSwapTotal: 100 kB\nCommitLimit: 1000 kB\nCommitted_AS: 999 kB\n"}, "sysctl -w vm.overcommit_kbytes=1150"},
		{"strict_overcommit", map[string]string{"proc/sys/vm/overcommit_memory": "2\n", "proc/meminfo": "CommitLimit: 1000 kB\nCommitted_AS: 899 kB\n"}, ""},
		{"strict_overcommit", map[string]string{"proc/sys/vm/overcommit_memory": "0\n", "proc/meminfo": "CommitLimit: 1000 kB\nCommitted_AS: 2000 kB\n"}, ""},
		{"panic_on_oom", map[string]string{"proc/sys/vm/panic_on_oom": "1\n"}, "sysctl -w vm.panic_on_oom=0"},
		{"panic_on_oom", nil, ""},
		{"unprotected_daemon", nil, "choom -p 108 -n -1000 && mkdir -p /etc/systemd/system/ssh.service.d && printf '[Service]\\nOOMScoreAdjust=-1000\\n' > /etc/systemd/system/ssh.service.d/oom.conf && systemctl daemon-reload"},
		{"unprotected_daemon", map[string]string{"proc/108/oom_score_adj": "-1000\n"}, ""},
		{"limit_below_peak", nil, "systemctl set-property lowered.service MemoryMax=72M"},
		{"limit_below_peak", map[string]string{low + "memory.max": "max\n"}, ""},
	} {
		g := newGuest(t, watchtest.Version2)
		g.set(c.files)
		got, n := risk(g.Collect(now), c.name)
		if got.Fix != c.fix || n != min(1, len(c.fix)) || strings.Contains(got.Text, "%!") {
			t.Errorf("%s with %q: %d, %+v", c.name, c.files, n, got)
		}
	}
}

// TestDaemonsOfOthers: a daemon in a container is not the machine's, nor is a session of sshd.
func TestDaemonsOfOthers(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	var node, daemon string
	for _, p := range processes(t, g.System) {
		switch p.Name {
		case "node":
			node = strconv.Itoa(p.PID)
		case "sshd":
			daemon = strconv.Itoa(p.PID)
		}
	}
	for _, pid := range []string{node, "5000"} {
		status, err := os.ReadFile(filepath.Join(g.root, "proc", daemon, "status"))
		if err != nil {
			t.Fatal(err)
		}
		g.set(map[string]string{"proc/" + pid + "/status": strings.Replace(string(status), "PPid:\t1\n", "PPid:\t"+daemon+"\n", 1), "proc/" + pid + "/oom_score_adj": "0\n", "proc/" + pid + "/stat": pid + " (sshd) S 1"})
	}
	if _, n := risk(g.Collect(now), "unprotected_daemon"); n != 1 {
		t.Errorf("%d daemons", n)
	}
}

func processes(t *testing.T, s watch.System) []watch.Process {
	t.Helper()
	all, _, err := s.Processes()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNotes: what makes the kernel choose otherwise is said.
func TestNotes(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	g.set(map[string]string{"proc/sys/vm/oom_kill_allocating_task": "1\n", "proc/sys/vm/panic_on_oom": "1\n",
		"proc/7/status": "VmRSS:\t5 kB\n", "proc/7/stat": "7 (systemd-oomd) S 1", "proc/7/oom_score": "666\n", "proc/7/cgroup": "0::/system.slice/systemd-oomd.service\n"})
	notes := strings.Join(g.Collect(now).Next.Notes, "\n")
	for _, want := range []string{"oom_kill_allocating_task", "panic_on_oom=1", "systemd-oomd runs here"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q lacks %q", notes, want)
		}
	}
	for _, hide := range []func(*guest){(*guest).hide, func(g *guest) { g.Outside.Processes = true }} {
		g = newGuest(t, watchtest.Version2)
		hide(g)
		if notes := g.Collect(now).Next.Notes; len(notes) != 1 || !strings.Contains(notes[0], "the kernel may choose another one") {
			t.Errorf("%q", notes)
		}
	}
	g = newGuest(t, watchtest.Version2, "unit=grp")
	if notes := g.Collect(now).Next.Notes; len(notes) != 1 || !strings.Contains(notes[0], "grp.service: all its processes (2) are killed together") {
		t.Errorf("%q", notes)
	}
}

// TestGrowth: what the last minute added, and no more.
func TestGrowth(t *testing.T) {
	g := newGuest(t, watchtest.Version2, "unit=lowered")
	for i := range 30 {
		g.set(map[string]string{low + "memory.current": strconv.Itoa(30<<20+i<<20) + "\n"})
		s := g.Collect(now.Add(time.Duration(10*i) * time.Second))
		if i == 0 {
			if s.Cgroups[0].Added != nil || s.Seconds != 0 {
				t.Errorf("one look shows growth: %+v", s.Cgroups[0])
			}
			continue
		}
		past := min(i, 6)
		if got := s.Cgroups[0].Added; got == nil || *got != int64(past)<<20 || s.Seconds != float64(10*past) {
			t.Errorf("look %d: %v in %v s", i, got, s.Seconds)
		}
	}
	for i := range 3000 { // ten a second
		g.Collector.remember(now.Add(time.Duration(i)*time.Second/10), &look{})
	}
	if len(g.samples) > 16 {
		t.Errorf("%d samples are kept", len(g.samples))
	}
}

// TestHostileNames: a cgroup and a process may have any name.
func TestHostileNames(t *testing.T) {
	g := newGuest(t, watchtest.Version2)
	const odd = "a\x1b[2J\nb\u202e'; rm -rf x"
	g.set(map[string]string{
		"sys/fs/cgroup/" + odd + "/memory.current": "5\n", "sys/fs/cgroup/" + odd + "/memory.max": "5\n", "sys/fs/cgroup/" + odd + "/memory.peak": "6\n",
		"proc/7/status": "VmRSS:\t5 kB\n", "proc/7/stat": "7 (\x1b]0;x\x07\n\x9b) S 1", "proc/7/oom_score": "999\n", "proc/7/cgroup": "0::/x\x1b\n",
	})
	s := g.Collect(now)
	text := g.print(&s)
	data, err := s.JSON()
	if err != nil || strings.ContainsAny(text+string(data), "\x1b\x07\u202e") || strings.Contains(text+string(data), "\x9b") {
		t.Errorf("%v: %q %s", err, text, data)
	}
	if r, n := risk(s, "limit_below_peak"); n != 2 || !strings.Contains(text, `a\x1b[2J\nb`) && !strings.Contains(text, `a\x1b`) {
		t.Errorf("%d, %+v: %s", n, r, text)
	}
}

// TestVerify: each check holds, fails, or is not known, and the worst is the verdict.
func TestVerify(t *testing.T) {
	const two, dir = "unit=two", "sys/fs/cgroup/system.slice/two.service/"
	start := func(g *guest) time.Time { // when the guest's processes were started
		return now.Add(-mustUptime(t, g.System)).Add(started(t, g.System, "first"))
	}
	unit := record.Attr{Name: "systemd.unit.name", Value: record.StringValue("two.service")}
	for _, c := range []struct {
		name         string
		before, then map[string]string
		since        func(*guest) time.Time
		log          func(*guest)
		want         string // outcome of all, then those of the checks
	}{
		{name: "holds", want: "holds: holds holds holds holds"},
		{name: "since before its start", since: func(g *guest) time.Time { return start(g).Add(-time.Minute) }, want: "fails: holds unknown holds fails"},
		{name: "just started", then: map[string]string{"proc/uptime": "40.00 1.00\n"}, want: "unknown: holds holds holds unknown"},
		{name: "peak at the limit", before: map[string]string{dir + "memory.peak": "100663296\n", dir + "memory.events": "max 5\noom 1\noom_kill 0\n"}, want: "fails: fails holds holds holds"},
		{name: "peak of page cache", before: map[string]string{dir + "memory.peak": "100663296\n", dir + "memory.events": "max 5\noom 0\noom_kill 0\n"}, want: "holds: holds holds holds holds"},
		{name: "no peak", before: map[string]string{dir + "memory.peak": ""}, want: "holds: holds holds holds holds"},
		{name: "no peak, and page cache", before: map[string]string{dir + "memory.peak": "", dir + "memory.events": "max 5\noom 0\noom_kill 0\n"}, want: "holds: holds holds holds holds"},
		{name: "no peak, and short", before: map[string]string{dir + "memory.peak": "", dir + "memory.events": "max 5\noom 1\noom_kill 0\n"}, want: "unknown: unknown holds holds holds"},
		{name: "at its limit", then: map[string]string{dir + "memory.events": "max 5\noom 0\noom_kill 0\n"}, want: "fails: holds holds fails holds"},
		{name: "a kill just now", then: map[string]string{dir + "memory.events": "max 0\noom 0\noom_kill 1\n"}, want: "fails: holds fails holds holds"},
		{name: "kills without a time", before: map[string]string{dir + "memory.events": "max 0\noom 0\noom_kill 3\n"}, want: "unknown: holds unknown holds holds"},
		{name: "kills before", before: map[string]string{dir + "memory.events": "max 0\noom 0\noom_kill 3\n"},
			log: func(g *guest) { g.logged(start(g).Add(-time.Hour), unit) }, want: "holds: holds holds holds holds"},
		{name: "a kill since", log: func(g *guest) { g.logged(now.Add(-time.Second), unit) }, want: "fails: holds fails holds holds"},
		{name: "a kill of another", log: func(g *guest) { g.logged(now.Add(-time.Second)) }, want: "holds: holds holds holds holds"},
		{name: "no limit", before: map[string]string{dir + "memory.max": "max\n"}, want: "holds: not_judged holds not_judged holds"},
		{name: "no limit, and a kill", before: map[string]string{dir + "memory.max": "max\n"}, log: func(g *guest) { g.logged(now.Add(-time.Second), unit) }, want: "fails: not_judged fails not_judged holds"},
		{name: "started by systemd", before: map[string]string{"run/systemd/units/invocation:two.service": ""}, since: func(g *guest) time.Time { return now.Add(-time.Hour) },
			want: "fails: holds unknown holds fails"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGuest(t, watchtest.Version2, two)
			g.set(map[string]string{"proc/uptime": "400.00 1.00\n"})
			g.set(c.before)
			if c.log != nil {
				c.log(g)
			}
			g.Collect(now.Add(-time.Second))
			g.set(c.then)
			var since time.Time
			if c.since != nil {
				since = c.since(g)
			}
			v := g.Verify(now, since).Verdict
			got := string(v.Outcome) + ":"
			for _, check := range v.Checks {
				got += " " + string(check.Outcome)
			}
			if got != c.want {
				t.Errorf("%s, want %s: %+v", got, c.want, v)
			}
		})
	}
}

// TestVerifyNothing: what is not there does not hold.
func TestVerifyNothing(t *testing.T) {
	g := newGuest(t, watchtest.Version2, "unit=none")
	g.Collect(now.Add(-time.Second))
	if v := g.Verify(now, time.Time{}).Verdict; v.Outcome != Fails || v.Checks[3].Text != "nothing of what was asked for runs" {
		t.Errorf("%+v", v)
	}
}

// TestUnnamed: where a container has an id and no name, it is said why; and not where names are not
// asked for, or where there is no container.
func TestUnnamed(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		change  func(*guest)
		want    bool
	}{
		"named":         {watchtest.Version2, func(*guest) {}, false},
		"unnamed":       {watchtest.Version2, func(g *guest) { g.Names = func(report.Workload) report.Names { return report.Names{} } }, true},
		"not asked for": {watchtest.Version2, func(g *guest) { g.Names = nil }, false},
		"no container": {watchtest.Version2, func(g *guest) {
			g.Names = func(report.Workload) report.Names { return report.Names{} }
			g.remove("sys/fs/cgroup/kubepods.slice")
			g.remove("proc/95")
		}, false},
	} {
		g := newGuest(t, c.version)
		c.change(g)
		if unseen := strings.Join(g.Collect(now).Unseen, "\n"); strings.Contains(unseen, "names of containers") != c.want {
			t.Errorf("%s: %q", name, unseen)
		}
	}
}

// TestMissing: a name that nothing has is told from what has stopped, and from what cannot be seen.
func TestMissing(t *testing.T) {
	const none = "nothing"
	for name, c := range map[string]struct {
		asked  []string
		files  map[string]string
		change func(*guest)
		want   string // none, or "NAMES|UNSURE"
	}{
		"runs":           {asked: []string{"unit=two"}, want: none},
		"all":            {want: none},
		"mistyped":       {asked: []string{"unit=tow"}, want: "two|"},
		"far from all":   {asked: []string{"unit=kafka"}, want: "|"},
		"mistyped pod":   {asked: []string{"pod=shop/cart-1"}, want: "shop/cart-0|"},
		"stopped":        {asked: []string{"unit=cron"}, files: map[string]string{"usr/lib/systemd/system/cron.service": ""}, want: none},
		"like a stopped": {asked: []string{"unit=corn"}, files: map[string]string{"usr/lib/systemd/system/cron.service": "", "etc/systemd/system/cron.timer": ""}, want: "cron|"},
		"killed once": {asked: []string{"unit=gone"}, change: func(g *guest) {
			g.logged(now, record.Attr{Name: "systemd.unit.name", Value: record.StringValue("gone.service")})
		}, want: none},
		"in a container":    {asked: []string{"unit=kafka"}, change: func(g *guest) { g.Outside.Cgroups = true }, want: "|a container hides what is outside of it"},
		"without names":     {asked: []string{"pod=shop/cart-0"}, change: func(g *guest) { g.Names = nil }, want: "|containers run here whose names are not known"},
		"hidden, no cgroup": {asked: []string{"unit=kafka"}, change: func(g *guest) { g.hide(); g.remove("sys/fs/cgroup") }, want: "|processes of other users are hidden"},
		"hidden":            {asked: []string{"unit=kafka"}, change: func(g *guest) { g.hide() }, want: "|"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuest(t, watchtest.Version2, c.asked...)
			g.set(c.files)
			if c.change != nil {
				c.change(g)
			}
			g.Collect(now.Add(-time.Second))
			v := g.Verify(now, time.Time{}).Verdict
			m := g.Missing()
			got := none
			if m != nil {
				got = strings.Join(m.Near, " ") + "|" + m.Unsure
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if m != nil && (v.Outcome == Unknown) != (m.Unsure != "") {
				t.Errorf("%+v: %+v", m, v)
			}
		})
	}
}

// hide hides processes as hidepid=2 does: the machine's init and those of its other users.
func (g *guest) hide() { g.remove("proc/1") }

// remove removes files of the guest.
func (g *guest) remove(path string) {
	g.t.Helper()
	if err := os.RemoveAll(filepath.Join(g.root, path)); err != nil {
		g.t.Fatal(err)
	}
}

// TestEnded: what ends between the two looks is not what nothing has.
func TestEnded(t *testing.T) {
	g := newGuest(t, watchtest.Version2, "unit=lowered")
	g.Collect(now.Add(-time.Second))
	g.remove(low)
	g.remove("proc/112")
	if v := g.Verify(now, time.Time{}).Verdict; g.Missing() != nil || v.Outcome != Fails {
		t.Errorf("%+v, %+v", g.Missing(), v)
	}
}

// TestRestartsAreDated: it is said by what it is known that something was not started anew.
func TestRestartsAreDated(t *testing.T) {
	g := newGuest(t, watchtest.Version2, "pod=shop/*")
	g.set(map[string]string{"proc/uptime": "400.00 1.00\n"})
	names := g.Names
	g.Names = func(w report.Workload) report.Names {
		n := names(w)
		n.RestartCount, n.HasRestartCount = 3, n.Pod != ""
		return n
	}
	if got := g.Verify(now, time.Time{}).Verdict.Checks[3].Text; !strings.HasSuffix(got, "(by its oldest process; the kubelet has restarted it 3 times)") {
		t.Error(got)
	}
	// A service whose processes outlive it, with KillMode=process.
	g = newGuest(t, watchtest.Version2, "unit=two")
	g.set(map[string]string{"proc/uptime": "400.00 1.00\n"})
	link := filepath.Join(g.root, "run/systemd/units/invocation:two.service")
	g.set(map[string]string{"run/systemd/units/invocation:two.service": ""})
	for at, want := range map[time.Duration]Outcome{-90 * time.Second: Fails, -300 * time.Second: Holds} {
		if err := os.Chtimes(link, now.Add(at), now.Add(at)); err != nil {
			t.Fatal(err)
		}
		check := g.Verify(now, now.Add(-200*time.Second)).Verdict.Checks[3]
		if check.Outcome != want || !strings.Contains(check.Text, "(by systemd)") || want == Holds && !strings.Contains(check.Text, now.Add(at).Format("15:04:05")) {
			t.Errorf("started %s before: %+v", -at, check)
		}
	}
}

// TestUncounted: of version 1 a service whose memory is not counted is found by systemd's own
// hierarchy, and a kill of it cannot be told from others.
func TestUncounted(t *testing.T) {
	uncount := func(g *guest) {
		for _, p := range processes(t, g.System) {
			if p.Cgroup == "/system.slice/two.service" {
				g.set(map[string]string{fmt.Sprintf("proc/%d/cgroup", p.PID): "9:name=systemd:/system.slice/two.service\n4:memory:/\n"})
			}
		}
		g.remove("sys/fs/cgroup/memory/system.slice/two.service")
		g.set(map[string]string{"proc/uptime": "400.00 1.00\n"})
	}
	g := newGuest(t, watchtest.Version1, "unit=two")
	uncount(g)
	s := g.Verify(now, time.Time{})
	if len(s.Next.Processes) != 3 || s.Next.Processes[0].Unit != "two.service" || s.Next.Processes[0].Cgroup != "/" || g.Missing() != nil {
		t.Errorf("%+v", s.Next)
	}
	for _, c := range []struct {
		log  func(*guest)
		want string
	}{
		{func(*guest) {}, "unknown: not_judged unknown not_judged holds"},
		{func(g *guest) { g.logged(now.Add(-time.Hour)) }, "holds: not_judged holds not_judged holds"},
		{func(g *guest) { g.logged(now.Add(-time.Minute)) }, "unknown: not_judged unknown not_judged holds"},
		{func(g *guest) { g.logged(time.Time{}) }, "unknown: not_judged unknown not_judged holds"},
	} {
		g := newGuest(t, watchtest.Version1, "unit=two")
		uncount(g)
		c.log(g)
		v := g.Verify(now, time.Time{}).Verdict
		got := string(v.Outcome) + ":"
		for _, check := range v.Checks {
			got += " " + string(check.Outcome)
		}
		if got != c.want {
			t.Errorf("%s, want %s: %+v", got, c.want, v)
		}
	}
	// Of version 2 it has a cgroup, but without the controller memory.
	g = newGuest(t, watchtest.Version2, "unit=two")
	g.set(map[string]string{"proc/uptime": "400.00 1.00\n"})
	g.remove("sys/fs/cgroup/system.slice/two.service")
	g.set(map[string]string{"sys/fs/cgroup/system.slice/two.service/cgroup.procs": "", "sys/fs/cgroup/system.slice/memory.current": "5\n"})
	g.logged(now.Add(-time.Minute))
	if check := g.Verify(now, time.Time{}).Verdict.Checks[1]; check.Outcome != Unknown || !strings.Contains(check.Text, "; 1 kill on this machine since") {
		t.Errorf("%+v", check)
	}
	// All of the machine: the unit is shown where the process is.
	g = newGuest(t, watchtest.Version1)
	uncount(g)
	if s := g.Collect(now); s.Next.Processes[0].Unit != "two.service" {
		t.Errorf("%+v", s.Next.Processes[0])
	}
}

// TestNothingAskedFor: a name that nothing has is no old kernel, and no machine without processes.
func TestNothingAskedFor(t *testing.T) {
	g := newGuest(t, watchtest.Version2, "unit=none")
	g.logged(now)
	s := g.Collect(now)
	got := strings.Join(strings.Fields(g.print(&s)), " ")
	for _, says := range []string{"No cgroup of it that counts kills is here now (oom_kill, from 4.13); the kernel's log has 0 kills.", "No process of it that the kernel may kill is seen here: none runs, all are spared (oom_score_adj -1000), or its name is another."} {
		if !strings.Contains(got, says) {
			t.Errorf("lacks %q: %s", says, got)
		}
	}
}

// TestLegend: what stands below the table of cgroups is about columns that it has.
func TestLegend(t *testing.T) {
	size, grown, often := int64(1<<20), int64(4096), int64(3)
	for _, c := range []struct {
		added, max *int64
	}{{nil, nil}, {&grown, nil}, {nil, &often}, {&grown, &often}} {
		s := Status{Seconds: 1, Cgroups: []Cgroup{{Current: &size, Max: &size, Added: c.added, Events: Events{Max: c.max}}}}
		var b strings.Builder
		if err := s.Print(&b, textpage.Options{}, time.UTC); err != nil {
			t.Fatal(err)
		}
		table, legend, _ := strings.Cut(b.String(), "HELD is the share")
		for _, word := range []string{"ADDED", "MAX"} {
			if strings.Contains(table, word) != strings.Contains(legend, word+" is") {
				t.Errorf("%s: the table and what stands below it differ:\n%s", word, b.String())
			}
		}
	}
}

func mustUptime(t *testing.T, s watch.System) time.Duration {
	t.Helper()
	uptime, ok := s.Uptime()
	if !ok {
		t.Fatal("no uptime")
	}
	return uptime
}

func started(t *testing.T, s watch.System, name string) time.Duration {
	t.Helper()
	for _, p := range processes(t, s) {
		if p.Name == name {
			return p.Started
		}
	}
	t.Fatal("no process ", name)
	return 0
}
