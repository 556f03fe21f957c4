// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// A line can be cut at any byte. What is left must say nothing that the whole line does not say.
// Only a number that a whole form may end with cannot be known to lack digits: atEnd tells where.

// agrees reports whether a number of a cut line is absent or that of the whole line.
func agrees(got, want report.Int) bool { return !got.OK || got == want }

// atEnd reports whether text ends in a number behind one of the labels.
func atEnd(text string, labels ...string) bool {
	for _, label := range labels {
		if i := strings.LastIndex(text, label); i >= 0 {
			if _, rest, ok := takeInt(text[i+len(label):]); ok && rest == "" {
				return true
			}
		}
	}
	return false
}

func TestCutKill(t *testing.T) {
	check := func(line string) {
		want, ok := ParseKill(line)
		if !ok || !want.Complete {
			t.Fatalf("%q: got %+v %v", line, want, ok)
		}
		start := strings.Index(line, "Killed process ") + len("Killed process ")
		_, rest, _ := takeUint(line[start:])
		pidEnd := len(line) - len(rest)
		openComm := strings.IndexByte(line, '(') + 1
		if strings.HasPrefix(line, "Out of memory (") {
			openComm = start + strings.IndexByte(line[start:], '(') + 1
		}
		for i := range line {
			text := line[:i]
			got, ok := ParseKill(text)
			if ok != (i > pidEnd) {
				t.Errorf("%q: ok is %v", text, ok)
			}
			if !ok {
				continue
			}
			if got.Message != want.Message || got.PID != want.PID {
				t.Errorf("%q: got %+v", text, got)
			}
			// A name with a parenthesis in it may seem to end there while the line is that short.
			if got.HasComm && got.Comm != want.Comm && !(i <= openComm+maxComm && strings.HasPrefix(want.Comm, got.Comm+")")) {
				t.Errorf("%q: comm %q", text, got.Comm)
			}
			last := atEnd(text, ", UID:", " oom_score_adj:")
			if !agrees(got.TotalVMKB, want.TotalVMKB) || !agrees(got.AnonRSSKB, want.AnonRSSKB) || !agrees(got.FileRSSKB, want.FileRSSKB) ||
				!agrees(got.ShmemRSSKB, want.ShmemRSSKB) || !agrees(got.PgtablesKB, want.PgtablesKB) ||
				!last && (!agrees(got.UID, want.UID) || !agrees(got.OOMScoreAdj, want.OOMScoreAdj)) {
				t.Errorf("%q: got %+v", text, got)
			}
		}
	}
	for _, c := range realLines {
		if c.kind == KillLine {
			check(c.text)
		}
	}
	for _, comm := range hostileComms {
		line, _ := killLine(comm)
		check(line)
		check("Out of memory (oom_kill_allocating_task): Killed process 202 (" + comm + ") total-vm:12964kB, anon-rss:6080kB, file-rss:452kB, shmem-rss:16kB, UID:1000")
		check("Killed process 202 (" + comm + "), UID 10, total-vm:12964kB, anon-rss:6080kB, file-rss:452kB, shmem-rss:16kB")
		check("Killed process 202, UID 10, (" + comm + ") total-vm:12964kB, anon-rss:6080kB, file-rss:452kB")
		check("Killed process 202 (" + comm + ") vsz:12964kB, anon-rss:6080kB, file-rss:452kB")
	}
}

func TestCutOOMKill(t *testing.T) {
	check := func(line string, plain bool) {
		want, ok := ParseOOMKill(line)
		if !ok || !want.Complete {
			t.Fatalf("%q: got %+v %v", line, want, ok)
		}
		for i := len("oom-kill:constraint="); i < len(line); i++ {
			text := line[:i]
			got, ok := ParseOOMKill(text)
			if !ok {
				t.Errorf("%q is none", text)
			}
			if got.Complete && !atEnd(text, markUID) {
				t.Errorf("%q is complete", text)
			}
			same := func(have bool, got, want string) bool { return !have || got == want }
			if !same(got.Nodemask != "", got.Nodemask, want.Nodemask) || !same(got.HasCpuset, got.Cpuset, want.Cpuset) ||
				!same(got.MemsAllowed != "", got.MemsAllowed, want.MemsAllowed) || !same(got.HasOOMMemcg, got.OOMMemcg, want.OOMMemcg) ||
				got.Global && !want.Global || got.Constraint != report.ConstraintUnknown && got.Constraint != want.Constraint {
				t.Errorf("%q: got %+v", text, got)
			}
			// A global line that breaks off inside a path made to look like a victim cannot be told
			// from a whole one.
			if !plain {
				continue
			}
			if !same(got.HasTaskMemcg, got.TaskMemcg, want.TaskMemcg) || !same(got.HasTask, got.Task, want.Task) || !agrees(got.PID, want.PID) ||
				!agrees(got.UID, want.UID) && !atEnd(text, markUID) {
				t.Errorf("%q: got %+v", text, got)
			}
		}
	}
	for _, c := range realLines {
		if c.kind == OOMKillLine {
			check(c.text, true)
		}
	}
	for _, name := range hostileCgroups {
		path := "/evilcg/" + name
		check(oomKillLine(name, path, path, "hog"), true)
		check(oomKillLine(name, "/evilcg", path, "hog"), !strings.Contains(name, markTask))
		check(oomKillLine(name, "", path, "hog"), !strings.Contains(name, markTask))
	}
	for _, comm := range hostileComms {
		tricky := strings.Contains(comm, markTask) || strings.Contains(comm, markPID)
		check(oomKillLine("a", "/a", "/a", comm), !tricky)
		check(oomKillLine("a", "", "/a", comm), !tricky)
	}
}

func TestCutInvocation(t *testing.T) {
	for _, c := range realLines {
		if c.kind != InvocationLine {
			continue
		}
		want, _ := ParseInvocation(c.text)
		start := strings.Index(c.text, "oom-killer:") + len("oom-killer")
		if !want.HasComm {
			start++
		}
		for i := range c.text {
			text := c.text[:i]
			got, ok := ParseInvocation(text)
			if ok != (i >= start) {
				t.Errorf("%q: ok is %v", text, ok)
			}
			old := !want.HasComm // its forms end with the mask, or with the order
			if ok && (got.Comm != want.Comm || got.GFP.HasNames && got.GFP.Names != want.GFP.Names || got.HasNodemask && got.Nodemask != want.Nodemask ||
				got.GFP.Text != "" && got.GFP.Text != want.GFP.Text && !(old && strings.HasSuffix(text, got.GFP.Text)) ||
				!agrees(got.Order, want.Order) && !(old && atEnd(text, "order=")) ||
				!atEnd(text, "adj=") && (!agrees(got.OOMAdj, want.OOMAdj) || !agrees(got.OOMScoreAdj, want.OOMScoreAdj))) {
				t.Errorf("%q: got %+v", text, got)
			}
		}
	}
}

// Nothing that a carrier can make of a line may upset a reader, and a result is always part of the
// text.
func TestGarbledLines(t *testing.T) {
	for _, c := range realLines {
		for i := range c.text {
			readLine(t, c.text[:i])
			readLine(t, c.text[i:])
			readLine(t, c.text[:i]+"\xff\n"+c.text[i:])
			readLine(t, c.text[:i]+c.text[min(i+3, len(c.text)):])
		}
	}
}

// readLine reads a line by every function of this part of the grammar and checks what must always
// hold.
func readLine(t *testing.T, s string) {
	t.Helper()
	part := func(what, text string) {
		if !strings.Contains(s, text) {
			t.Errorf("%q: %s %q is no part of it", s, what, text)
		}
	}
	if kind := Classify(s); kind >= numKinds {
		t.Errorf("%q: kind %d", s, kind)
	}
	if v, ok := ParseInvocation(s); ok {
		part("comm", v.Comm)
		part("mask", v.GFP.Text)
		part("names", v.GFP.Names)
	}
	if v, ok := ParseCPU(s); ok {
		part("comm", v.Comm)
		part("release", v.Release)
		part("package", v.Package)
	}
	if v, ok := ParseCpuset(s, ""); ok {
		part("cpuset", v.Cpuset)
	}
	if v, ok := ParseTaskHead(s); ok {
		if task, ok := parseTask(s, &v); ok {
			part("name", task.Name)
		}
	}
	if v, ok := ParseOOMKill(s); ok {
		part("oom_memcg", v.OOMMemcg)
		part("task_memcg", v.TaskMemcg)
		part("task", v.Task)
		if v.HasOOMMemcg && v.HasTaskMemcg && !isUnder(v.TaskMemcg, v.OOMMemcg) {
			t.Errorf("%q: %q is not above %q", s, v.OOMMemcg, v.TaskMemcg)
		}
	}
	if v, ok := ParseKill(s); ok {
		part("comm", v.Comm)
		if v.PID < 0 || v.Complete && !v.HasComm || v.HasComm && !commFits(v.Comm) || !v.HasComm && v.TotalVMKB.OK {
			t.Errorf("%q: got %+v", s, v)
		}
	}
	if v, ok := ParseSelection(s); ok {
		part("comm", v.Comm)
	}
	if v, ok := ParseReaper(s); ok {
		part("comm", v.Comm)
	}
	if path, ok := ParseGroupKill(s); ok {
		part("path", path)
	}
	if v, ok := ParseAllocFailure(s); ok {
		part("comm", v.Comm)
	}
	ParseSkip(s)
	ParseSharing(s)
	_, _ = ParsePanic(s)
	_, _ = ParseSysrq(s)
	ParseSuppressed(s)
	IsTrace(s)
	for i := 0; i <= len(s); i += 1 + len(s)/3 {
		JoinsFragment(s[:i], s[i:])
	}
}
