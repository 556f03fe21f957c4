// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pages of testdata/pages anew")

// TestPages compares the pages of real captures with golden ones.
func TestPages(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"6.12/a_global_anon", []string{"parse", "-o", "text"}},
		{"6.12/b_global_tmpfs_write", []string{"explain", "-v", "--all", "--kill", "2"}},
		{"6.12/e_k8s_systemd", []string{"parse", "-o", "text"}},
		{"6.12/e_k8s_cgroupfs_pod", []string{"explain", "-v", "--all"}},
		{"6.12/e_docker_systemd", []string{"parse", "-o", "text"}},
		{"6.12/e_user_slice", []string{"parse", "-o", "text"}},
		{"6.12/f_oomgroup", []string{"explain", "-v", "--all", "--kill", "2"}},
		{"6.12/g_cpuset", []string{"parse", "-o", "text"}},
		{"6.12/i_sysrq_f", []string{"parse", "-o", "text"}},
		{"6.12/l_panic2_global", []string{"parse", "-o", "text"}},
		{"6.12/m_nokill_write", []string{"parse", "-o", "text"}},
		{"6.12/s_hugetlb", []string{"explain", "-v", "--all"}},
		{"5.10/d_memcg_v1@v1", []string{"parse", "-o", "text"}},
		{"5.10/u_memcg_adj@v1", []string{"parse", "-o", "text"}},
		{"6.12/o_burst", []string{"explain", "-v", "--all", "--kill", "20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			capture := filepath.Join("..", "..", "..", "..", "testdata", "captures", filepath.FromSlash(c.name), "kmsg.raw")
			var out, errOut bytes.Buffer
			if code := run(append(c.args, "--format", "kmsg", capture), strings.NewReader(""), &out, &errOut); code != exitOK {
				t.Fatalf("exit code %d: %s", code, errOut.String())
			}
			golden(t, "pages/"+strings.ReplaceAll(c.name, "/", "-")+".txt", out.String())
			for page := range strings.SplitSeq(out.String(), "──\n\n") {
				checkPage(t, page)
			}
			if bytes.ContainsRune(out.Bytes(), '\x1b') {
				t.Error("an escape on what is no terminal")
			}
		})
	}
}

// checkPage holds a page to what a person on call needs: the news first, and all to act on within
// the first screen.
func checkPage(t *testing.T, page string) {
	t.Helper()
	const screen = 24
	lines := strings.Split(page, "\n")
	if first := lines[0]; first == "" || !strings.Contains("ABCDEFGHIJKLMNOPQRSTUVWXYZ", first[:1]) {
		t.Errorf("the page begins with %q", first)
	}
	why, now := slices.Index(lines, "Why"), slices.Index(lines, "What now")
	end := now + 1
	for end > 0 && end < len(lines) && lines[end] != "" {
		end++
	}
	if why < 0 || now < why || end > screen {
		t.Errorf("Why in line %d, What now from line %d to %d: not on the first screen", why+1, now+1, end)
	}
	if raw := regexp.MustCompile(`\([a-z_ ]+ [0-9.]+ [KMG]iB, [a-z_ ]+ [0-9]`).FindString(strings.SplitAfter(page, "How much")[0]); raw != "" {
		t.Errorf("figures without words: %s", raw)
	}
}

// pagesOf returns what parse -format text prints of a log.
func pagesOf(t *testing.T, log string) string {
	t.Helper()
	code, out, errOut := call(t, log, "parse", "-o", "text")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errOut)
	}
	return out
}

// reportOf is a report of one kill at the limit of a cgroup, later than others by so many seconds.
func reportOf(comm string, pid, second int) string {
	lines := []string{"app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"CPU: 1 PID: 11 Comm: app Not tainted 6.1.0 #1",
		"memory: usage 32768kB, limit 32768kB, failcnt 19",
		fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=%s,pid=%d,uid=0", comm, pid),
		fmt.Sprintf("Memory cgroup out of memory: Killed process %d (%s) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0", pid, comm)}
	var log strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&log, "[%5d.000001] %s\n", second, line)
	}
	return log.String()
}

// TestEqualPages: many kills of one kind are one page with their count, and the first of another
// kind has its own.
func TestEqualPages(t *testing.T) {
	var log strings.Builder
	for i := range 60 {
		log.WriteString(reportOf("hog", 100+i, 100+10*i))
	}
	log.WriteString(reportOf("Web Content", 300, 1000))
	out := pagesOf(t, log.String())
	if n := strings.Count(out, "What now"); n != 2 {
		t.Errorf("%d pages", n)
	}
	out = strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"killed hog (pid 100).", " 59 more like this, the last 690.0 s after boot: hog (pid 159). ", `"Web Content" (pid 300).`} {
		if strings.Count(out, want) != 1 {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
}

// TestKindsInTurn: kills of two kinds that come in turn are two pages and two counts.
func TestKindsInTurn(t *testing.T) {
	var log strings.Builder
	for i := range 20 {
		log.WriteString(reportOf([]string{"hog", "cat"}[i%2], 100+i, 100+10*i))
	}
	out := pagesOf(t, log.String())
	if n := strings.Count(out, "What now"); n != 2 || strings.Count(out, "\n9 more like this, the last 290.0 s after boot: cat (pid 119).\n") != 1 ||
		!strings.HasSuffix(out, "\n\n9 more like hog (pid 100), the last 280.0 s after boot: hog (pid 118).\n\n") {
		t.Errorf("%d pages:\n%s", n, out)
	}
}

// TestPagesOfEveryCapture: each has all to act on within the first screen.
func TestPagesOfEveryCapture(t *testing.T) {
	captures, err := filepath.Glob(testdata + "*/*/kmsg.raw")
	if err != nil || len(captures) == 0 {
		t.Fatal(err)
	}
	for _, capture := range captures {
		_, out, _ := call(t, "", "parse", "-o", "text", capture)
		if out == "" {
			continue
		}
		for page := range strings.SplitSeq(out, "──\n\n") {
			if !t.Run(filepath.Base(filepath.Dir(capture)), func(t *testing.T) { checkPage(t, page) }) {
				t.Log(page)
			}
		}
	}
}

// TestGroupIsOnePage: a cgroup that is killed as a group is one page, which names all.
func TestGroupIsOnePage(t *testing.T) {
	capture := testdata + "6.12/f_oomgroup/kmsg.raw"
	_, out, _ := call(t, "", "parse", "-o", "text", "--format", "kmsg", capture)
	_, records, _ := call(t, "", "parse", "--format", "kmsg", capture)
	first := strings.Join(strings.Fields(strings.SplitN(out, "Why", 2)[0]), " ")
	for _, name := range []string{"grp-0 (pid 184)", "grp-hog (pid 187)", "grp-1 (pid 185)"} {
		if strings.Count(first, name) != 1 {
			t.Errorf("the first lines lack %s: %s", name, first)
		}
	}
	if pages, kills := strings.Count(out, "What now"), strings.Count(records, "\n"); pages != 1 || kills != 3 {
		t.Errorf("%d pages of %d kills:\n%s", pages, kills, out)
	}
	if killed := strings.Count(out, "<- killed"); killed != 3 {
		t.Errorf("%d are marked in the table:\n%s", killed, out)
	}
}

// TestLivePages: a page is printed while its input is still open, though nothing that comes after
// it is known.
func TestLivePages(t *testing.T) {
	in, feed := io.Pipe()
	read, out := io.Pipe()
	go func() {
		run([]string{"parse", "-o", "text"}, in, out, io.Discard)
		out.Close()
	}()
	go io.WriteString(feed, reportOf("hog", 100, 100))
	lines := bufio.NewScanner(read)
	for lines.Scan() && lines.Text() != "What now" {
	}
	if lines.Text() != "What now" {
		t.Error("no page came")
	}
	go func() {
		io.WriteString(feed, reportOf("hog", 101, 200))
		feed.Close()
	}()
	count := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "1 more like hog (pid 100), the last 200.0 s after boot: hog (pid 101).") {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the equal kill was counted %d times", count)
	}
}

// TestColor checks that colours come on a terminal only, and not where they are not wanted.
func TestColor(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	for _, c := range []struct {
		terminal      bool
		noColor, term string
		want          bool
	}{
		{true, "", "xterm", true}, {false, "", "xterm", false}, {true, "1", "xterm", false}, {true, "", "dumb", false},
	} {
		t.Setenv("NO_COLOR", c.noColor)
		t.Setenv("TERM", c.term)
		if got := (&stdio{terminal: c.terminal}).wantsColor(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestColoredPage checks that a coloured page is the plain one with colours.
func TestColoredPage(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	capture := filepath.Join("..", "..", "..", "..", "testdata", "captures", "6.12", "e_k8s_systemd", "kmsg.raw")
	print := func(color string) string {
		_, out, errOut := call(t, "", "parse", "-o", "text", "--color", color, capture)
		if errOut != "" {
			t.Fatal(errOut)
		}
		return out
	}
	colored := print("always")
	if !strings.Contains(colored, "\x1b[1m") {
		t.Error("no colour on a terminal")
	}
	stripped := strings.NewReplacer("\x1b[1m", "", "\x1b[1;31m", "", "\x1b[0m", "").Replace(colored)
	if stripped != print("never") {
		t.Error("colours change the text")
	}
}

func TestExplainRefuses(t *testing.T) {
	capture := filepath.Join("..", "..", "..", "..", "testdata", "captures", "6.12", "e_k8s_systemd", "kmsg.raw")
	for _, c := range []struct{ kill, message string }{
		{"0", `--kill: "0" is neither a number from 1 nor last`},
		{"first", `--kill: "first" is neither a number from 1 nor last`},
		{"2", "there is no kill 2, the input holds 1"},
	} {
		var out, errOut bytes.Buffer
		if code := run([]string{"explain", "-v", "--all", "--kill", c.kill, capture}, strings.NewReader(""), &out, &errOut); code != exitUsage {
			t.Errorf("--kill %s: exit code %d", c.kill, code)
		}
		if !strings.Contains(errOut.String(), c.message) {
			t.Errorf("--kill %s: %q lacks %q", c.kill, errOut.String(), c.message)
		}
	}
}

// TestVictimIsMarkedOnce: the victim's row may bear the pid and name of another of its threads. It
// is listed once.
func TestVictimIsMarkedOnce(t *testing.T) {
	var out, errOut bytes.Buffer
	sample := filepath.Join("..", "..", "..", "..", "testdata", "format-samples", "el7-global.dmesg.log")
	if code := run([]string{"explain", sample}, strings.NewReader(""), &out, &errOut); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	if n := strings.Count(out.String(), "C2 CompilerThre"); n != 1 || strings.Count(out.String(), `"C2 CompilerThre"  <- killed`) != 1 {
		t.Errorf("the victim's row stands there %d times:\n%s", n, out.String())
	}
}
