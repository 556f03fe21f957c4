// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testdata = "../../../../testdata/captures/"

// run is Run of a command that nobody stops.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return Run(context.Background(), args, in, out, errOut)
}

// call runs the command as main does.
func call(t *testing.T, stdin string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(stdin), &o, &e)
	return code, o.String(), e.String()
}

// TestTrustIsNamed: what a log looks like proves nothing; who names its transport vouches for it.
func TestTrustIsNamed(t *testing.T) {
	for _, tc := range []struct{ transport, file, want string }{
		{"auto", "kmsg.raw", "unverified"}, {"kmsg", "kmsg.raw", "verified"},
		{"auto", "syslog.raw", "unverified"}, {"dmesg", "syslog.raw", "verified"}, {"syslog", "syslog.raw", "verified"},
	} {
		log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/" + tc.file)
		if err != nil {
			t.Fatal(err)
		}
		before := "" // what no other line comes before may be the rest of one
		if tc.file == "syslog.raw" {
			before = "<6>[    0.000001] Linux version 6.12.107\n"
		}
		_, out, _ := call(t, before+string(log), "parse", "--format", tc.transport)
		if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"oom.trust":"`+tc.want+`"`) {
			t.Errorf("%s as %s: %s", tc.file, tc.transport, out)
		}
	}
}

// TestTrustKernelSaysWhatItNeeds: where no record can come of an input, that is said once, with the
// remedy.
func TestTrustKernelSaysWhatItNeeds(t *testing.T) {
	capture := testdata + "6.12/c_memcg_v2/kmsg.raw"
	for _, tc := range []struct {
		args            []string
		warned, records int
	}{
		{[]string{"parse", "--trust", "kernel", capture, capture}, 1, 0},
		{[]string{"parse", "--trust", "kernel", "--format", "none", capture}, 1, 0},
		{[]string{"parse", "--trust", "kernel", "--format", "kmsg", capture}, 0, 1},
		{[]string{"parse", capture}, 0, 1},
		{[]string{"parse", "-o", "text", "--trust", "kernel", capture}, 1, 0},
		{[]string{"explain", "--trust", "kernel", capture}, 1, 0},
	} {
		_, out, errOut := call(t, "", tc.args...)
		if n := strings.Count(errOut, "name its --format"); n != tc.warned {
			t.Errorf("%q: %d warnings: %s", tc.args, n, errOut)
		}
		if n := strings.Count(out, `"oom.kill"`); n != tc.records {
			t.Errorf("%q: %d records", tc.args, n)
		}
	}
}

func TestParsePrintsOneObjectALine(t *testing.T) {
	code, out, errOut := call(t, "", "parse", "--format", "kmsg", testdata+"6.12/c_memcg_v2/kmsg.raw")
	if code != 0 || errOut != "" {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	var rec map[string]any
	if err := json.Unmarshal([]byte(out), &rec); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"event.name": "oom.kill", "process.pid": 147.0, "process.title": "hog", "oom.scope": "cgroup", "uptime": 4.286223,
		"severity_number": 17.0, "oom.cgroup.path": "/limited", "oom.trust": "verified", "oom.source": "kmsg",
		"body": "OOM kill: hog (147) in cgroup limited: 32.4 of 32 MiB",
	} {
		if rec[name] != want {
			t.Errorf("%s is %v, want %v", name, rec[name], want)
		}
	}
}

func TestParseReadsStandardInput(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	code, out, _ := call(t, string(log), "parse")
	if code != 0 || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit %d, %q", code, out)
	}
}

// TestSameIDThroughBothTransports: the same kill has the same ids, whichever door it came by.
func TestSameIDThroughBothTransports(t *testing.T) {
	files, err := filepath.Glob(testdata + "*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, kmsg := range files {
		syslog := filepath.Join(filepath.Dir(kmsg), "syslog.raw")
		if _, err := os.Stat(syslog); err != nil {
			continue
		}
		if a, b := uids(t, kmsg), uids(t, syslog); a != b {
			t.Errorf("%s: ids differ\n%s\n%s", kmsg, a, b)
		}
	}
}

// uids returns the ids of a file's kills.
func uids(t *testing.T, file string) string {
	t.Helper()
	_, out, _ := call(t, "", "parse", file)
	var ids []string
	for line := range strings.Lines(out) {
		var rec map[string]any
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatal(err)
		}
		if rec["event.name"] == "oom.kill" {
			ids = append(ids, rec["log.record.uid"].(string))
		}
	}
	return strings.Join(ids, " ")
}

func TestUsageErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.log")
	for _, tc := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"prase"}, 2, []string{`"prase"`, "neither a file nor a command", "parse"}},
		{[]string{"parse", "-o", "xml"}, 2, []string{"-o, --output", `"xml"`, "table, wide, json"}},
		{[]string{"parse", "--format", "pigeon"}, 2, []string{"--format", `"pigeon"`, "kmsg"}},
		{[]string{"parse", "--trust", "me"}, 2, []string{"--trust", `"me"`, "auto, kernel or any"}},
		{[]string{"parse", "--tasks-top", "99"}, 2, []string{"--tasks-top", "99", "50"}},
		{[]string{"parse", "--no-such-flag"}, 2, []string{"no-such-flag"}},
		{[]string{"parse", missing}, 1, []string{missing, "no such file"}},
		{[]string{"lines", missing}, 1, []string{missing}},
		{[]string{"report", t.TempDir()}, 1, []string{"directory"}},
		{[]string{"parse", "-format", "text"}, 2, []string{"two dashes: --format"}},
		{[]string{"parse", "--format", "text"}, 2, []string{"--format", `"text"`, "-o text"}},
		{[]string{"-o", "json", "-o", "csv"}, 2, []string{"two outputs, json and csv"}},
		{[]string{"-o", "xlsx"}, 2, []string{`"xlsx"`, "use table, wide, json, csv, tsv, md, text or html"}},
		{[]string{"explain", "-o", "csv"}, 2, []string{`"csv"`, "use json, md, text or html"}},
		{[]string{"top", "--by", "colour"}, 2, []string{"--by", `"colour"`, "pod, namespace, container, unit, cgroup, process, host, cause, killer or event"}},
		{[]string{"top", "--limit", "-1"}, 2, []string{"--limit", "-1", "0 for all"}},
		{[]string{"--since", "soon"}, 2, []string{"--since", `"soon"`, "yesterday, 2h or 7d"}},
		{[]string{"--since", "2026-05-02", "--until", "2026-05-01"}, 2, []string{"--since", "--until", "earlier"}},
		{[]string{"--pod", ""}, 2, []string{"--pod", "shop/cart-*"}},
		{[]string{"--color", "red"}, 2, []string{"--color", `"red"`, "auto, always or never"}},
		{[]string{"man"}, 2, []string{"directory"}},
		{[]string{"identity"}, 2, []string{"path"}},
		{[]string{"identity", "nginx"}, 2, []string{`"nginx"`, "begins with /"}},
		{[]string{"version", "now"}, 2, []string{"no arguments"}},
	} {
		code, _, errOut := call(t, "", tc.args...)
		if code != tc.code {
			t.Errorf("%q: exit %d, want %d (%s)", tc.args, code, tc.code, errOut)
		}
		for _, want := range tc.says {
			if !strings.Contains(errOut, want) {
				t.Errorf("%q says %q, without %q", tc.args, errOut, want)
			}
		}
	}
}

// TestAMissingFileDoesNotHideTheOthers: what can be read is read, and the exit code tells of the
// rest.
func TestAMissingFileDoesNotHideTheOthers(t *testing.T) {
	code, out, errOut := call(t, "", "parse", "/nowhere/a.log", testdata+"6.12/c_memcg_v2/kmsg.raw")
	if code != 1 || !strings.Contains(errOut, "/nowhere/a.log") || !strings.Contains(out, `"oom.kill"`) {
		t.Fatalf("exit %d, %q, %q", code, errOut, out)
	}
}

func TestNothingToReport(t *testing.T) {
	for _, input := range []string{"", "\n\n", "hello\n", "May  1 12:00:00 host sshd[1]: session opened\n"} {
		if code, out, errOut := call(t, input, "parse"); code != 0 || out != "" || errOut != "" {
			t.Errorf("%q: exit %d, %q, %q", input, code, out, errOut)
		}
	}
}

// TestRandomBytes: no record and no panic comes of noise.
func TestRandomBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		noise := make([]byte, 20_000)
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		for _, command := range []string{"parse", "report"} {
			if code, out, errOut := call(t, string(noise), command); code != 0 || out != "" || errOut != "" {
				t.Fatalf("%s: exit %d, %q, %q", command, code, out, errOut)
			}
		}
		if code, _, errOut := call(t, string(noise), "lines"); code != 0 || errOut != "" {
			t.Fatalf("lines: exit %d, %q", code, errOut)
		}
	}
}

func TestLinesNamesKinds(t *testing.T) {
	code, out, _ := call(t, "", "lines", testdata+"6.12/z_spoof_kmsg/kmsg.raw")
	if code != 0 {
		t.Fatal(code)
	}
	kinds := map[string]int{}
	for line := range strings.Lines(out) {
		kinds[strings.Split(line, "\t")[1]]++
	}
	// The faked reports, facility 1, are nobody's lines; the one real report is whole.
	for kind, want := range map[string]int{"other": 19, "invocation": 1, "kill": 1, "oom-kill": 1, "task": 2, "reaper": 0} {
		if kinds[kind] != want {
			t.Errorf("%s: %d lines, want %d", kind, kinds[kind], want)
		}
	}
}

func TestReportShowsEverySectionAndItsLines(t *testing.T) {
	_, out, _ := call(t, "", "report", testdata+"6.12/a_global_anon/kmsg.raw")
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"invocation", "cpu", "trace", "meminfo", "tasks", "oom_kill", "kills", "lines", "page_size"} {
		if r[section] == nil {
			t.Errorf("the report has no %s", section)
		}
	}
	zones := r["meminfo"].(map[string]any)["zones"].([]any)
	if got := zones[0].(map[string]any)["free_kb"]; got != 1040.0 {
		t.Errorf("free_kb of the first zone is %v", got)
	}
}

func TestIdentity(t *testing.T) {
	_, out, _ := call(t, "", "identity", "/system.slice/nginx.service")
	want := `{"path":"/system.slice/nginx.service","oom.cgroup.level":"service","systemd.unit.name":"nginx.service","oom.systemd.slice":"system.slice"}` + "\n"
	if out != want {
		t.Errorf("got %s", out)
	}
}
