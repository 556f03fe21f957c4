// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/status"
	"github.com/oomtrail/oomtrail/internal/watchtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestStatusOfAnotherRoot: the files of the root that is named are read, and no log, which would be
// that of another machine.
func TestStatusOfAnotherRoot(t *testing.T) {
	for _, name := range []string{watchtest.Version1, watchtest.Version2} {
		root, _ := watchtest.Unpack(t, name)
		code, out, notes := call(t, "", "status", "--root", root, "--sample", "0", "--location", "UTC", "--limit", "2")
		if code != exitOK || notes != "" {
			t.Fatalf("exit %d: %s", code, notes)
		}
		for _, want := range []string{"The kernel counts 1 kill; its log was not read.", "third (9", "300  two.service", "and 7 more", "MemoryMax=72M", "3 more have a limit",
			"Not seen - the kernel's log: it was not read, as", "boot_id does not name the boot of the kernel that runs here"} {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s lacks %q:\n%s", name, want, out)
			}
		}
		code, out, _ = call(t, "", "status", "--root", root, "--sample", "1ms", "-o", "json", "--unit", "two")
		var s struct {
			Subject string
			Next    struct {
				Scope     string
				Limit     int64
				Processes []struct{ Name string }
			}
			Seconds float64 `json:"sample_seconds"`
		}
		if err := json.Unmarshal([]byte(out), &s); err != nil || code != exitOK {
			t.Fatal(code, err, out)
		}
		if s.Subject != "--unit two" || s.Next.Scope != "cgroup" || s.Next.Limit != 96<<20 || s.Next.Processes[0].Name != "third" || s.Seconds <= 0 {
			t.Errorf("%+v", s)
		}
	}
}

// TestStatusVerifies: the exit code is the verdict's, and a script reads it from JSON too.
func TestStatusVerifies(t *testing.T) {
	root, _ := watchtest.Unpack(t, watchtest.Version2)
	write := func(file, text string) {
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		unit, uptime string
		code         int
		outcome      string
	}{
		{"two", "4000.0 1.0\n", exitOK, "holds"}, {"lowered", "4000.0 1.0\n", exitFails, "fails"}, {"two", "40.0 1.0\n", exitUnknown, "unknown"},
	} {
		write("proc/uptime", c.uptime)
		code, out, notes := call(t, "", "status", "--root", root, "--sample", "1ms", "--verify", "--unit", c.unit, "-o", "json")
		var s struct{ Verdict struct{ Outcome string } }
		if err := json.Unmarshal([]byte(out), &s); err != nil || code != c.code || s.Verdict.Outcome != c.outcome || notes != "" {
			t.Errorf("%s: exit %d, %v, %s %s", c.unit, code, err, out, notes)
		}
	}
	for name, says := range map[string]string{
		"tow":   `--unit tow: nothing on this machine is called that: no process, no cgroup, no unit, no kill of the kernel's log: use "two"`,
		"kafka": "oomtrail status shows what runs",
	} {
		for _, sample := range []string{"0", "1ms"} {
			code, out, notes := call(t, "", "status", "--root", root, "--sample", sample, "--verify", "--unit", name)
			if code != exitUsage || out != "" || strings.Count(notes, "\n") != 1 || !strings.Contains(notes, says) {
				t.Errorf("%s: exit %d, %q %q", name, code, out, notes)
			}
		}
	}
	if code, out, notes := call(t, "", "status", "--root", root, "--sample", "0", "--unit", "tow"); code != exitOK || notes != "" || !strings.Contains(out, "Names here that are like it: two.") {
		t.Errorf("exit %d: %s %s", code, out, notes)
	}
	write("proc/uptime", "400.0 1.0\n") // it was started less than an hour ago
	if code, out, _ := call(t, "", "status", "--root", root, "--sample", "1ms", "--verify", "--since", "1h", "--unit", "two"); code != exitFails || !strings.Contains(out, "It does not hold") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestStatusWatches: it shows the machine again and again, until it is stopped, which is no error.
func TestStatusWatches(t *testing.T) {
	root, _ := watchtest.Unpack(t, watchtest.Version2)
	ctx, cancel := context.WithCancel(t.Context())
	out := &stopAfter{lines: 3, stop: cancel}
	var notes bytes.Buffer
	if code := Run(ctx, []string{"status", "--root", root, "--watch", "--interval", "100ms", "-o", "json"}, strings.NewReader(""), out, &notes); code != exitOK || notes.Len() > 0 {
		t.Errorf("exit %d: %s", code, &notes)
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != 3 {
		t.Errorf("%d looks", n)
	}
}

// stopAfter stops a command once it has written some lines.
type stopAfter struct {
	bytes.Buffer
	lines int
	stop  func()
}

func (s *stopAfter) Write(b []byte) (int, error) {
	if s.lines -= bytes.Count(b, []byte("\n")); s.lines <= 0 {
		s.stop()
	}
	return s.Buffer.Write(b)
}

// TestStatusSaysWhatIsWrong: one line with flag, value and remedy.
func TestStatusSaysWhatIsWrong(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--limit", "-1"}, exitUsage, "--limit: -1: use a number from 1"},
		{[]string{"--interval", "1ms"}, exitUsage, "--interval: 1ms is too short: use 100ms"},
		{[]string{"--interval", "often"}, exitUsage, "--interval"},
		{[]string{"--sample", "-1s"}, exitUsage, "--sample: -1s: use 0 or more"},
		{[]string{"--verify"}, exitUsage, "add --unit, --pod, --container or --cgroup"},
		{[]string{"--verify", "--watch", "--unit", "x"}, exitUsage, "leave one out"},
		{[]string{"--since", "1h"}, exitUsage, "--since: only --verify"},
		{[]string{"--verify", "--unit", "x", "--since", ""}, exitUsage, `--since: "" is no time`},
		{[]string{"--verify", "--unit", "x", "--since", "soon"}, exitUsage, `--since: "soon" is no time`},
		{[]string{"--verify", "--unit", "x", "--since", "9999-01-01"}, exitUsage, `--since: "9999-01-01" is still to come: use a time that has passed`},
		{[]string{"--unit", ""}, exitUsage, `--unit: "" is no pattern`},
		{[]string{"--root", "relative"}, exitUsage, "--root"},
		{[]string{"--root", empty}, exitRead, "no proc of a running Linux kernel: mount one there"},
		{[]string{"--location", "Nowhere"}, exitUsage, "--location"},
		{[]string{"-o", "table"}, exitUsage, "use json or text"},
		{[]string{"file.log"}, exitUsage, "status takes no arguments"},
	} {
		code, out, notes := call(t, "", append([]string{"status"}, c.args...)...)
		if code != c.code || out != "" || strings.Count(notes, "\n") != 1 || !strings.Contains(notes, c.says) {
			t.Errorf("%q: exit %d, %q, want %q", c.args, code, notes, c.says)
		}
	}
}

// outside is what a container hides of a system.
func outside(s watch.System) (o status.Outside) {
	o.Processes, o.Cgroups = s.Narrowed()
	return o
}

// TestStatusInContainer: what a container hides is said, and nothing is where it hides nothing.
func TestStatusInContainer(t *testing.T) {
	for _, c := range []struct{ pid, cgroup, says string }{
		{"pid:[4026531836]", "cgroup:[4026531835]", ""}, {"", "", ""}, {"pid:[4026532201]", "", "processes outside of this container"},
		{"pid:[4026532201]", "cgroup:[4026532202]", "processes and cgroups outside"}, {"pid:[4026531836]", "cgroup:[4026532202]", "cgroups outside"},
	} {
		system := watch.At(t.TempDir())
		if err := os.MkdirAll(filepath.Join(system.Proc, "self/ns"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, target := range map[string]string{"pid": c.pid, "cgroup": c.cgroup} {
			if err := os.Symlink(target, filepath.Join(system.Proc, "self/ns", name)); target != "" && err != nil {
				t.Skip("NOT RUN: no symbolic link can be made here: ", err)
			}
		}
		if got := outside(system).String(); !strings.HasPrefix(got, c.says) || c.says == "" && got != "" {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
