// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

var some = report.Some

// TestMeminfo: values are bytes, and what a kernel does not have is absent.
func TestMeminfo(t *testing.T) {
	for _, c := range []struct {
		text string
		want Memory
	}{
		{"", Memory{}},
		{"MemTotal:       24684092 kB\nMemFree:  5 kB\nSwapTotal:             0 kB\n", Memory{Total: some(24684092 << 10), Free: some(5 << 10), SwapTotal: some(0)}},
		{"CommitLimit:    12342044 kB\nCommitted_AS:     713836 kB\nHugePages_Total:       7\nHugetlb: 2048 kB\n",
			Memory{CommitLimit: some(12342044 << 10), CommittedAS: some(713836 << 10), HugePages: some(2 << 20)}},
		{"MemTotal: 1\nMemFree: -1 kB\nShmem: 99999999999999999999 kB\nCached: 9223372036854775807 kB\n:5 kB\nBuffers\n", Memory{}},
		{"MemAvailable: 12 k", Memory{}}, // cut off
	} {
		if got := parseMeminfo([]byte(c.text)); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

// TestPressure: both lines, whole shares, and nothing of a line that is none.
func TestPressure(t *testing.T) {
	got := parsePressure([]byte("some avg10=1.03 avg60=0.14 avg300=0.10 total=38010751\nfull avg10=0.00 avg60=0.03 avg300=0.00 total=5316435\n"))
	want := Pressure{Stall{1.03, .14, .1, 38010751 * time.Microsecond, true}, Stall{0, .03, 0, 5316435 * time.Microsecond, true}}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, text := range []string{"", "some", "some avg10=NaN total=5", "some avg10=101 total=5", "some avg10=-1", "some avg10=1 total=-5", "some avg10=1 total=99999999999999999999", "some total=5"} {
		if got := parsePressure([]byte(text)); got.Some.OK || got.Full.OK {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// TestSwaps: names may have blanks, and the heading is none.
func TestSwaps(t *testing.T) {
	got := parseSwaps([]byte("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0                              partition\t1048572\t\t2048\t\t100\n/a\\040b\\134                            file\t\t4\t\t0\t\t-2\nbroken 1\n"))
	want := []Swap{{"/dev/zram0", "partition", some(1048572 << 10), some(2048 << 10), some(100), nil}, {`/a b\`, "file", some(4096), some(0), some(-2), nil}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
	if z := parseZram([]byte("  4096 1024 8192 0 8192 0 0 0 0\n")); z != (Zram{some(4096), some(1024), some(8192), Int{}}) {
		t.Errorf("%+v", z)
	}
	if z := parseZram([]byte("4096 1024 8192 65536")); z.Limit != some(65536) {
		t.Errorf("%+v", z)
	}
	for _, text := range []string{`\`, `\1`, `\400`, `\zzz`} {
		if unescape(text) != text {
			t.Errorf("%q became %q", text, unescape(text))
		}
	}
}

// TestStat: a name may hold parentheses, blanks and newlines.
func TestStat(t *testing.T) {
	const rest = " R 13221 13221 7958 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 3996441 3133440 388\n"
	for name, want := range map[string]string{"cat": "cat", "a) R 1 (b": "a) R 1 (b", "x\ny": "x\ny", "": ""} {
		var p Process
		parseStat([]byte("13225 ("+name+")"+rest), &p)
		if p.Name != want || p.Started != 3996441*10*time.Millisecond {
			t.Errorf("%q: %+v", name, p)
		}
	}
	for _, text := range []string{"", "1", "1 (", "1 )(", "1 (a) R 1"} {
		var p Process
		if parseStat([]byte(text), &p); p.Started != 0 {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

// TestProcessCgroup: the hierarchy that limits memory is the one that counts.
func TestProcessCgroup(t *testing.T) {
	for text, want := range map[string]string{
		"0::/system.slice/a.service\n":                  "/system.slice/a.service",
		"9:name=systemd:/x\n4:cpu,memory:/a:b\n0::/y\n": "/a:b", "0::/y\n4:memory:/a\n": "/a",
		"4:cpu:/a\n": "", "": "", "0::x\n": "", "0:: \n": "", "0::/gone (deleted)\n": "/gone", "0::/..\n": "/..",
	} {
		if got := parseProcessCgroup([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestService: of version 1 a unit whose memory is not counted is in systemd's own hierarchy alone.
func TestService(t *testing.T) {
	for text, want := range map[string]string{
		"9:name=systemd:/system.slice/a.service\n4:memory:/\n0::/system.slice/a.service\n": "/system.slice/a.service",
		"0::/system.slice/a.service\n": "", "4:memory:/a\n": "", "": "", "1:name=systemd:x\n": "", "1:name=systemd:/gone (deleted)\n": "/gone",
	} {
		if got := parseService([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestEvents: of every version of the files.
func TestEvents(t *testing.T) {
	got := parseEvents([]byte("low 0\nhigh 61\nmax 5\noom 1\noom_kill 2\noom_group_kill 3\nsock_throttled 4\n"))
	if want := (Events{some(0), some(61), some(5), some(1), some(2), some(3)}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := parseEvents([]byte("low 0\nhigh 0\nmax 0\noom 0\n")); got.OOMKill.OK {
		t.Errorf("4.5 counts no kills: %+v", got)
	}
	if e, off := parseOOMControl([]byte("oom_kill_disable 1\nunder_oom 0\noom_kill 4\n")); e != (Events{OOMKill: some(4)}) || !off {
		t.Errorf("%+v %v", e, off)
	}
}

// TestCaches: what is no sum of both is absent.
func TestCaches(t *testing.T) {
	for _, c := range []struct {
		text    string
		version int
		file    Int
		slab    Int
	}{
		{"anon 5\ninactive_file 4096\nactive_file 8192\n", 2, some(12288), Int{}}, {"inactive_file 1\ntotal_inactive_file 2\ntotal_active_file 3\n", 1, some(5), Int{}},
		{"inactive_file 1\nactive_file 2\nslab_reclaimable 4\nslab_unreclaimable 8\nslab 12\n", 2, some(3), some(4)},
		{"inactive_file 1\n", 2, Int{}, Int{}}, {"inactive_file 9223372036854775807\nactive_file 9223372036854775807\n", 2, Int{}, Int{}}, {"", 1, Int{}, Int{}},
	} {
		if file, slab := parseCaches([]byte(c.text), c.version); file != c.file || slab != c.slab {
			t.Errorf("%q: %v, %v, want %v, %v", c.text, file, slab, c.file, c.slab)
		}
	}
	c := Cgroup{Current: some(1000), File: some(300), Slab: some(200)}
	if held := c.Held(); held != some(500) {
		t.Errorf("holds %v", held)
	}
	c.Slab = some(math.MaxInt64)
	if held := c.Held(); held != some(0) {
		t.Errorf("holds %v", held)
	}
}

// tree writes files below a root and returns the system that is there.
func tree(t *testing.T, files map[string]string) System {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := System{Proc: filepath.Join(root, "proc"), Sys: filepath.Join(root, "sys"), Cgroups: filepath.Join(root, "sys/fs/cgroup")}
	s.PageSize = 4096
	return s
}

// TestHierarchy: the one that has the controller memory, wherever it is.
func TestHierarchy(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Hierarchy
		err   bool
	}{
		{"version 2", map[string]string{"sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n"}, Hierarchy{2, ""}, false},
		{"version 1", map[string]string{"sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n"}, Hierarchy{1, "/memory"}, false},
		{"hybrid", map[string]string{"sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n", "sys/fs/cgroup/unified/cgroup.controllers": "\n"}, Hierarchy{1, "/memory"}, false},
		{"hybrid, memory in version 2", map[string]string{"sys/fs/cgroup/unified/cgroup.controllers": "memory\n"}, Hierarchy{2, "/unified"}, false},
		{"without memory", map[string]string{"sys/fs/cgroup/cgroup.controllers": "cpu hugetlb_memory\n"}, Hierarchy{}, true},
		{"none", map[string]string{"proc/meminfo": ""}, Hierarchy{}, true},
	} {
		s := tree(t, c.files)
		got, err := s.Hierarchy()
		if (err != nil) != c.err || err == nil && (got.Version != c.want.Version || got.Dir != filepath.Join(s.Cgroups, c.want.Dir)) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// TestVersion1: limits that are none are absent, and swap is what both counters differ by.
func TestVersion1(t *testing.T) {
	const dir = "sys/fs/cgroup/memory/a/"
	s := tree(t, map[string]string{
		"sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n",
		dir + "memory.usage_in_bytes":                "4096\n", dir + "memory.limit_in_bytes": "8192\n", dir + "memory.max_usage_in_bytes": "8192\n",
		dir + "memory.memsw.usage_in_bytes": "5096\n", dir + "memory.memsw.limit_in_bytes": "9223372036854771712\n", dir + "memory.failcnt": "7\n",
		dir + "memory.oom_control": "oom_kill_disable 1\nunder_oom 0\noom_kill 2\n", dir + "memory.stat": "total_inactive_file 100\ntotal_active_file 24\n",
	})
	h, err := s.Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Read("/a")
	want := Cgroup{Path: "/a", Current: some(4096), Max: some(8192), Peak: some(8192), Swap: some(1000), File: some(124), KillOff: true, Events: Events{Max: some(7), OOMKill: some(2)}}
	if err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if held := got.Held(); held != some(3972) {
		t.Error(held)
	}
	if _, err := h.Read("/gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestKills: every kill is counted once, by the cgroup whose process it was, by all versions of its
// files.
func TestKills(t *testing.T) {
	const v1, v2 = "sys/fs/cgroup/memory/", "sys/fs/cgroup/"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []Killed
	}{
		{"local files", map[string]string{v2 + "cgroup.controllers": "memory\n",
			v2 + "a/memory.events": "oom_kill 18\n", v2 + "a/memory.events.local": "oom_kill 0\n",
			v2 + "a/b/memory.events": "oom_kill 15\n", v2 + "a/b/memory.events.local": "oom 3\noom_kill 15\n",
			v2 + "a/c/memory.events": "oom_kill 3\n", v2 + "a/c/memory.events.local": "oom_kill 3\n"}, []Killed{{"/a/b", 15}, {"/a/c", 3}}},
		{"before 5.2", map[string]string{v2 + "cgroup.controllers": "memory\n", v2 + "a/memory.events": "oom_kill 7\n", v2 + "a/b/memory.events": "oom_kill 5\n", v2 + "a/b/c/memory.events": "oom_kill 5\n"},
			[]Killed{{"/a/b/c", 5}, {"/a", 2}}},
		{"a container's own root", map[string]string{v2 + "cgroup.controllers": "memory\n", v2 + "memory.events": "oom_kill 3\n", v2 + "a/memory.events": "oom_kill 1\n"}, []Killed{{"/", 2}, {"/a", 1}}},
		{"version 1", map[string]string{v1 + "memory.usage_in_bytes": "5\n", v1 + "memory.oom_control": "oom_kill 1\n", v1 + "a/memory.oom_control": "oom_kill 4\n", v1 + "a/b/memory.oom_control": "oom_kill_disable 0\noom_kill 4\n"},
			[]Killed{{"/a", 4}, {"/a/b", 4}, {"/", 1}}},
		{"before 4.13", map[string]string{v1 + "memory.usage_in_bytes": "5\n", v1 + "a/memory.oom_control": "under_oom 0\n"}, nil},
	} {
		h, err := tree(t, c.files).Hierarchy()
		if got := h.Kills(); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v, %v", c.name, got, c.want, err)
		}
	}
}

// TestWalkIsBounded: a tree that is too deep is cut, and said to be.
func TestWalkIsBounded(t *testing.T) {
	deep := "sys/fs/cgroup" + strings.Repeat("/d", maxDepth+5)
	s := tree(t, map[string]string{"sys/fs/cgroup/cgroup.controllers": "memory", deep + "/memory.current": "1", "sys/fs/cgroup/e/f": ""})
	h, err := s.Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	w := h.Walk("/", func(path string) { paths = append(paths, path) })
	if !w.Cut || len(paths) != maxDepth+1 || paths[0] != "/d" && paths[0] != "/e" {
		t.Errorf("%+v, %d paths", w, len(paths))
	}
	w = h.Walk("/e", func(string) { t.Error("there is nothing below") })
	if w != (Walked{}) {
		t.Error(w)
	}
	long := strings.Repeat("/"+strings.Repeat("l", 200), 16)
	if err := os.MkdirAll(filepath.Join(h.Dir, long), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 1 + maxLetters/len(long) {
		if err := os.Mkdir(filepath.Join(h.Dir, long, strconv.Itoa(i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	letters := 0
	w = h.Walk("/", func(path string) { letters += len(path) })
	if !w.Cut || letters > maxLetters || letters < maxLetters-len(long)-10 {
		t.Errorf("%+v, %d letters", w, letters)
	}
}

// TestRead: a file is bounded, and ends with a whole line.
func TestRead(t *testing.T) {
	s := tree(t, map[string]string{"proc/vmstat": strings.Repeat("a 1\n", maxFile/4) + "oom_kill 12345678\n"})
	b, err := read(filepath.Join(s.Proc, "vmstat"))
	if err != nil || len(b) != maxFile || b[len(b)-1] != '\n' {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// TestBoot: the time is found behind however many processors and interrupts.
func TestBoot(t *testing.T) {
	many := strings.Repeat("cpu0 1 2 3\n", maxFile/8) + "intr 5" + strings.Repeat(" 0", maxFile) + "\n"
	for text, want := range map[string]int64{"cpu  1 2 3\nbtime 1700000000\nprocesses 5\n": 1700000000, many + "btime 1700000001\n": 1700000001, "cpu 1\n": 0, "btime x\n": 0, "btime 17": 17} {
		boot, ok := tree(t, map[string]string{"proc/stat": text}).Boot()
		if ok != (want != 0) || ok && !boot.Equal(time.Unix(want, 0)) {
			t.Errorf("%.40q: %v, %v, want %d", text, boot, ok, want)
		}
	}
	if _, ok := tree(t, nil).Boot(); ok {
		t.Error("no file has a time")
	}
}

// TestRank: the kernel's score comes first, then what a process holds, then the later one; who is
// never killed is not there.
func TestRank(t *testing.T) {
	s := System{PageSize: 4096}
	p := func(pid int, score, adj, rss int64) Process {
		return Process{PID: pid, Name: strconv.Itoa(pid), Score: some(score), Adjustment: some(adj), RSS: some(rss << 20), Started: time.Duration(pid)}
	}
	all := []Process{p(1, 0, 0, 900), p(2, 670, 0, 50), p(3, 670, 0, 60), p(4, 700, 0, 10), p(5, 0, -1000, 800), p(6, 670, 0, 60), p(7, 330, -500, 500)}
	if got, want := pids(s.Rank(all, Memory{Total: some(8 << 30)})), "4 6 3 2 7"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// The init of a container may be killed.
	if got, want := pids(s.Rank([]Process{p(1, 667, 0, 9)}, Memory{Total: some(8 << 30)})), "1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// In a cgroup of 100 MiB an adjustment of 300 weighs 30 MiB, whatever the score says.
	all = []Process{p(8, 999, 0, 50), p(9, 1, 300, 30), p(10, 1, 0, 59)}
	if got, want := pids(s.RankIn(all, 100<<20)), "9 10 8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func pids(ranked []Process) string {
	var names []string
	for _, p := range ranked {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

// TestVanishing: a process and a cgroup that go while they are read are left out, and nothing is an
// error.
func TestVanishing(t *testing.T) {
	s := tree(t, map[string]string{"proc/1/cmdline": "", "proc/17/status": "VmRSS: 5 kB\n", "proc/18/status": "Name:\tkthread\n", "proc/18/stat": "18 (k) R",
		"proc/self/status": "VmRSS: 5 kB\n", "proc/19/status": "PPid:\t1\nVmRSS: 5 kB\n", "proc/19/stat": "19 (a) R", "proc/-5/status": "VmRSS: 5 kB\n"})
	all, hidden, err := s.Processes()
	if err != nil || hidden || len(all) != 1 || all[0].PID != 19 || all[0].Parent != 1 || all[0].Score.OK {
		t.Errorf("%+v, %v, %v", all, hidden, err)
	}
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), "no proc") {
		t.Error(err)
	}
}

// TestCapacity: the limit, and as much swap as may be used with it.
func TestCapacity(t *testing.T) {
	m := Memory{SwapTotal: some(100)}
	for _, c := range []struct {
		version    int
		group      Cgroup
		swappiness Int
		want       int64
	}{
		{2, Cgroup{}, Int{}, 0}, {2, Cgroup{Max: some(50)}, some(60), 150}, {2, Cgroup{Max: some(50), SwapMax: some(30)}, some(60), 80}, {2, Cgroup{Max: some(50), SwapMax: some(0)}, some(60), 50},
		{2, Cgroup{Max: some(50)}, some(0), 50}, {1, Cgroup{Max: some(50), SwapMax: some(70), Swappiness: some(60)}, some(0), 70}, {1, Cgroup{Max: some(50), Swappiness: some(60)}, Int{}, 150},
		{1, Cgroup{Max: some(50), SwapMax: some(70), Swappiness: some(0)}, some(60), 50}, {1, Cgroup{Max: some(50), SwapMax: some(20)}, Int{}, 50}, {2, Cgroup{Max: some(1<<63 - 1)}, Int{}, 1<<63 - 1},
	} {
		if got := (Hierarchy{Version: c.version}).Capacity(&c.group, m, Settings{Swappiness: c.swappiness}); got != c.want {
			t.Errorf("%+v: %d, want %d", c, got, c.want)
		}
	}
}

// TestCheckDenied: a directory that this user may not look into is not one without a kernel.
func TestCheckDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("NOT RUN: root may look into every directory")
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "proc"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(root, 0o700) })
	if err := At(root).Check(); err == nil || !strings.Contains(err.Error(), "permission denied: run it as root") {
		t.Error(err)
	}
}

// TestUnderflow: what a kernel counts below zero is no use of 8 EiB.
func TestUnderflow(t *testing.T) {
	const below = "18446744073709531136" // five pages below zero
	s := tree(t, map[string]string{
		"sys/fs/cgroup/cgroup.controllers": "memory",
		"sys/fs/cgroup/a/memory.current":   below, "sys/fs/cgroup/a/memory.max": "67108864", "sys/fs/cgroup/a/memory.swap.current": below,
		"sys/fs/cgroup/a/memory.stat": "inactive_file 0\nactive_file 0\n",
	})
	h, err := s.Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.Read("/a")
	if err != nil || c.Current.OK || c.Swap.OK || c.Held().OK || c.Max != report.Some(64<<20) {
		t.Errorf("%+v %v", c, err)
	}
	var buf Buffer
	g := h.Gauge("/a", &buf)
	defer g.Close()
	if used, err := g.Usage(); err != nil || used.OK {
		t.Errorf("%v %v", used, err)
	}
}
