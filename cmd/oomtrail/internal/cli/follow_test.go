// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// TestFollowErrors: what follow cannot do it says in one line, with flag, value and remedy.
func TestFollowErrors(t *testing.T) {
	other := written(t, "precious", []byte("root:x:0:0\n"))
	missing := filepath.Join(t.TempDir(), "missing", "state")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--source", "dmesg"}, exitUsage, `--source: "dmesg": use auto, kmsg, journal`},
		{[]string{"--root", "host"}, exitUsage, `--root: "host": use an absolute path, such as /host`},
		{[]string{"--root", missing}, exitRead, `--root: "` + missing + `": no such directory: mount the machine's root directory there`},
		{[]string{"--since", "soon"}, exitUsage, `--since: "soon" is no time: use one such as 2026-05-01, 2026-05-01T12:00:00Z, yesterday, 2h or 7d, or boot`},
		{[]string{"--state", other}, exitRead, `--state: "` + other + `": it is no state of oomtrail follow: name another file`},
		{[]string{"--state", missing}, exitRead, `--state: "` + missing + `": no such file or directory: create its directory`},
		{[]string{"--state", ""}, exitUsage, `--state: "" is no file: name one, such as /var/lib/oomtrail/state, or leave the flag out`},
		{[]string{"--pod", ""}, exitUsage, `--pod: "" is no pattern: use one such as "shop/cart-*", or leave the flag out`},
		{[]string{"--warn-near-limit", "0.8"}, exitUsage, `--warn-near-limit: it is a setting of --warnings: add that, or leave it out`},
		{[]string{"--warnings", "--warn-pressure", "much"}, exitUsage, `--warn-pressure: "much" is no number: use one such as 0.4`},
		{[]string{"--warnings", "--warn-cgroup", ""}, exitUsage, `--warn-cgroup: "": write a path from the root of the cgroups`},
		{[]string{"--warnings", "--warn-cgroup", "/a", "--warn-cgroup", "b"}, exitUsage, `--warn-cgroup: "b": begin it with "/"`},
		{[]string{"--warnings", "--root", t.TempDir()}, exitRead, "no proc of a running Linux kernel: mount one there"},
		{[]string{"-o", "csv"}, exitUsage, `unknown output "csv": use table or json`},
		{[]string{"kern.log"}, exitUsage, `follow takes no arguments, not "kern.log"`},
	} {
		code, out, errOut := call(t, "", append([]string{"follow"}, c.args...)...)
		if code != c.code || out != "" || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, c.want) {
			t.Errorf("%q: exit %d, %q, %q, want %q", c.args, code, out, errOut, c.want)
		}
	}
}

// TestFollowLine: a kill is one line on a terminal, whatever stands in its names.
func TestFollowLine(t *testing.T) {
	r := (&record.Record{Time: time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC)}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "process.title", Value: record.StringValue("a\n\x1b[31mb")},
		record.Attr{Name: "process.pid", Value: record.Int64Value(42)},
		record.Attr{Name: "oom.diagnosis.cause", Value: record.StringValue("cgroup_limit")},
	)
	want := fmt.Sprintf("2026-05-02 10:00:00  %-24s  %18s  %30s  cgroup_limit\n", `a\x0a\x1b[31mb (42)`, "", "")
	if got := string(appendLine(nil, r, time.UTC, 0)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	const path = "/batch/3d528c863a8e0795aa21b9f11dfdc078/worker-28307"
	long := r.With(record.Attr{Name: "oom.cgroup.path", Value: record.StringValue(path)})
	if got := string(appendLine(nil, long, time.UTC, 120)); len(got) > 120 || !strings.HasSuffix(got, "  /batch/3d528c86…8/worker-28307  cgroup_limit\n") {
		t.Errorf("on a terminal of 120 columns: %q", got)
	}
	if got := string(appendLine(nil, long, time.UTC, 0)); !strings.Contains(got, path) {
		t.Errorf("in a file: %q", got)
	}
}

// TestFollowWarning: a warning is one line too, and a kill says that it was warned of.
func TestFollowWarning(t *testing.T) {
	r := (&record.Record{Time: time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC), Body: "Near its limit: a\nb: 474 of 512 MiB"}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.warning")},
	)
	if got, want := string(appendLine(nil, r, time.UTC, 0)), "2026-05-02 10:00:00  warning: Near its limit: a\\x0ab: 474 of 512 MiB\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	r = r.With(record.Attr{Name: "oom.candidates.top", Value: record.StringValue(`[{"pid":42,"name":"a\nb"}]`)})
	if got, want := string(appendLine(nil, r, time.UTC, 0)), "of 512 MiB; next: a\\x0ab (42)\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	killed := (&record.Record{}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "oom.diagnosis.cause", Value: record.StringValue("process_hog")},
		record.Attr{Name: "oom.warning.lead", Value: record.Float64Value(12)},
	)
	if got, want := string(appendLine(nil, killed, time.UTC, 0)), "  process_hog  (warned 12 s before)\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestFollowExamples: the flags that the examples and their document name are there.
func TestFollowExamples(t *testing.T) {
	cmd := newFollow(&stdio{})
	for _, name := range []string{"../../../../deploy/oomtrail/daemonset.yaml", "../../examples/oomtrail-follow.service", "../../../../docs/follow.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(string(text), -1)
		for _, flag := range found {
			if cmd.Flags().Lookup(strings.TrimPrefix(flag, "--")) == nil {
				t.Errorf("%s: follow has no flag %s", name, flag)
			}
		}
		if len(found) < 3 {
			t.Errorf("%s: names %q", name, found)
		}
	}
}
