// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

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
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (go test ./cmd/... -update writes it anew); got\n%s", file, got)
	}
}

// TestOutputs compares what each command prints in each output with golden files: standard output,
// and behind a line what is noted beside it.
func TestOutputs(t *testing.T) {
	const nodes = "testdata/nodes"
	pod := []string{"--root", nodeRoot, "--format", "kmsg", podCapture}
	captures := []string{testdata + "6.12/a_global_anon/kmsg.raw", testdata + "6.12/c_memcg_v2/kmsg.raw", testdata + "6.12/f_oomgroup/kmsg.raw",
		testdata + "6.12/l_panic2_global/kmsg.raw", testdata + "6.12/m_nokill_write/kmsg.raw", testdata + "5.10/d_memcg_v1@v1/kmsg.raw"}
	witnesses := []string{"../../../../testdata/witnesses/earlyoom-term/journal.json", "../../../../testdata/witnesses/oomd-swap/journal.json"}
	for name, args := range map[string][]string{
		"list":             append([]string{"-o", "table"}, captures...),
		"list-wide":        append([]string{"-o", "wide"}, captures...),
		"list-csv":         append([]string{"-o", "csv"}, captures...),
		"list-tsv":         append([]string{"-o", "tsv"}, captures[1]),
		"list-md":          append([]string{"-o", "md"}, captures...),
		"list-json":        append([]string{"-o", "json"}, captures[1]),
		"list-text":        append([]string{"-o", "text"}, captures[:2]...),
		"list-pod":         append([]string{"-o", "table"}, pod...),
		"list-pod-text":    append([]string{"-o", "text"}, pod...),
		"list-process":     append([]string{"-o", "table", "--process", "grp-*", "--process", "hog"}, captures...),
		"list-none":        append([]string{"-o", "table", "--unit", "nginx"}, captures...),
		"list-nodes":       {"-o", "table", "--location", "UTC", nodes},
		"list-since":       {"-o", "table", "--location", "UTC", "--since", "2026-05-02", nodes},
		"list-untimed":     append([]string{"--location", "UTC", "--since", "2026-05-02", "testdata/nodes/node-2/messages"}, captures...),
		"list-witnesses":   append([]string{"-o", "wide", "--location", "UTC"}, witnesses...),
		"top-pod":          append([]string{"top", "-o", "table", "--by", "pod"}, pod...),
		"top-process":      {"top", "-o", "table", "--location", "UTC", "--by", "process", nodes},
		"top-pod-cause":    {"top", "-o", "table", "--location", "UTC", "--by", "pod,cause", nodes},
		"top-killer":       append([]string{"top", "-o", "table", "--by", "killer"}, append(captures[:2:2], witnesses...)...),
		"top-event":        append([]string{"top", "-o", "table", "--by", "event"}, captures...),
		"top-all":          append([]string{"top", "--all", "--by", "process,event"}, captures[2:5]...),
		"list-zone":        {"-o", "table", "--location", "Europe/Berlin", "testdata/nodes/node-2"},
		"top-host":         {"top", "-o", "wide", "--location", "UTC", "--by", "host", nodes},
		"top-guess":        {"top", "-o", "table", "--location", "UTC", nodes},
		"top-limit":        {"top", "-o", "table", "--location", "UTC", "--by", "process", "--limit", "1", nodes},
		"top-cause-csv":    append([]string{"top", "-o", "csv", "--by", "cause"}, captures...),
		"top-cause-json":   append([]string{"top", "--by", "cause"}, captures...),
		"top-cause-md":     append([]string{"top", "-o", "md", "--by", "cause"}, captures...),
		"top-no-kill":      {"top", testdata + "6.12/m_nokill_write/kmsg.raw"},
		"explain":          append([]string{"explain"}, captures...),
		"explain-2":        append([]string{"explain", "--kill", "2"}, captures...),
		"explain-pod":      append([]string{"explain"}, pod...),
		"explain-json":     append([]string{"explain", "-o", "json"}, captures[1]),
		"explain-md":       append([]string{"explain", "-o", "md"}, pod...),
		"explain-md-oomd":  append([]string{"explain", "-o", "md"}, witnesses...),
		"explain-earlyoom": append([]string{"explain"}, witnesses[:1]...),
		"explain-oomd":     append([]string{"explain", "--location", "UTC"}, witnesses...),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, notes := call(t, "", args...)
			if code != exitOK {
				t.Fatalf("exit %d: %s", code, notes)
			}
			if notes != "" {
				out += "---\n" + notes
			}
			golden(t, "outputs/"+name+".txt", out)
			if strings.ContainsRune(out, '\x1b') {
				t.Error("an escape on what is no terminal")
			}
		})
	}
}

// TestExplainHasTheNumbersOfTheList: whatever the log is of, kill N of the list is kill N
// explained.
func TestExplainHasTheNumbersOfTheList(t *testing.T) {
	files := []string{testdata + "6.12/f_oomgroup/kmsg.raw", "../../../../testdata/witnesses/earlyoom-term/journal.json", "../../../../testdata/witnesses/nohang-term/journal.json", testdata + "6.12/a_global_anon/kmsg.raw"}
	for _, inputs := range [][]string{files, files[:1], files[1:2], files[2:3]} {
		_, listed, _ := call(t, "", append([]string{"-o", "csv"}, inputs...)...)
		rows, err := csv.NewReader(strings.NewReader(listed)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatal(err, listed)
		}
		for _, row := range rows[1:] {
			number, id := row[0], row[len(row)-1]
			_, one, errOut := call(t, "", append([]string{"explain", "-o", "json", "--kill", number}, inputs...)...)
			var rec map[string]any
			if err := json.Unmarshal([]byte(one), &rec); err != nil || rec["log.record.uid"] != id {
				t.Errorf("kill %s of %q is %s, explained %s%s", number, inputs, id, one, errOut)
			}
		}
	}
}

// everyCommand calls fn with each command.
func everyCommand(cmd *cobra.Command, fn func(*cobra.Command)) {
	fn(cmd)
	for _, c := range cmd.Commands() {
		everyCommand(c, fn)
	}
}

// TestHelpOfEveryCommand: each has help with an example, within 100 columns.
func TestHelpOfEveryCommand(t *testing.T) {
	var names [][]string
	root := newRoot(&stdio{ctx: t.Context()})
	everyCommand(root, func(c *cobra.Command) { names = append(names, strings.Fields(c.CommandPath())[1:]) })
	if len(names) < 10 {
		t.Fatal(names)
	}
	for _, name := range names {
		code, out, errOut := call(t, "", append(name, "--help")...)
		if code != exitOK || errOut != "" || !strings.Contains(out, "Usage:\n  oomtrail") || !strings.Contains(out, "Examples:\n") {
			t.Errorf("%q: exit %d, %s%s", name, code, out, errOut)
		}
		for line := range strings.Lines(out) {
			if len([]rune(line)) > 102 {
				t.Errorf("%q: a line of %d columns: %s", name, len(line), line)
			}
		}
		golden(t, "help/"+strings.Join(append([]string{"oomtrail"}, name...), "-")+".txt", out)
	}
}

// TestManPages: there is one for each command, which names its flags.
func TestManPages(t *testing.T) {
	dir := t.TempDir()
	if code, _, errOut := call(t, "", "man", dir); code != exitOK {
		t.Fatal(code, errOut)
	}
	for page, wants := range map[string][]string{
		"oomtrail.1": {"NAME", `--since`, `--output`, "oomtrail-explain(1)"}, "oomtrail-explain.1": {`--kill`}, "oomtrail-top.1": {`--by`},
		"oomtrail-why.1": {`--pid`}, "oomtrail-parse.1": {`--tasks-top`},
	} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !bytes.Contains(text, []byte(want)) {
				t.Errorf("%s lacks %q", page, want)
			}
		}
	}
}

// TestCompletion: each shell gets a script, and values are completed.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, errOut := call(t, "", "completion", shell); code != exitOK || !strings.Contains(out, "oomtrail") {
			t.Errorf("%s: exit %d, %s", shell, code, errOut)
		}
	}
	for _, c := range []struct{ args, want []string }{
		{[]string{"top", "--by", ""}, []string{"pod", "killer"}},
		{[]string{"-o", ""}, []string{"table", "csv"}},
		{[]string{"explain", "-o", ""}, []string{"text"}},
		{[]string{"--color", ""}, []string{"never"}},
		{[]string{"--format", ""}, []string{"journal-json"}},
		{[]string{"ex"}, []string{"explain"}},
		{[]string{"help", "ex"}, []string{"explain"}},
		{[]string{"top", "--by", "pod,c"}, []string{"pod,container", "pod,cause"}},
		{[]string{"--cause", "pro"}, []string{"process_hog\t"}},
		{[]string{"explain", "--kill", ""}, []string{"last\n:4"}},
		{[]string{"--until", ""}, []string{"24h\n:4"}},
		{[]string{"--pod", ""}, []string{":4\n"}},   // and no file
		{[]string{"--root", ""}, []string{":16\n"}}, // a directory
		{[]string{"./kern"}, []string{":0\n"}},      // a file
		{[]string{"explain", ""}, []string{":0\n"}}, // a file
		{[]string{"version", ""}, []string{":4\n"}}, // neither
	} {
		_, out, _ := call(t, "", append([]string{"__complete"}, c.args...)...)
		for _, want := range c.want {
			if !strings.Contains("\n"+out, "\n"+want) {
				t.Errorf("%q lacks %s: %s", c.args, want, out)
			}
		}
	}
}

// TestVersion: flag and command say the same.
func TestVersion(t *testing.T) {
	_, flag, _ := call(t, "", "--version")
	_, command, _ := call(t, "", "version")
	if flag != command || !strings.HasPrefix(flag, "oomtrail ") {
		t.Errorf("%q, %q", flag, command)
	}
}

// TestTopRefuses: a field that there is not, and one that stands twice.
func TestTopRefuses(t *testing.T) {
	for by, want := range map[string]string{
		"pods":      `--by: unknown field "pods": use pod, namespace, `,
		"pod,":      `--by: unknown field "": use pod, `,
		"pod,pod":   `--by: "pod" stands twice in "pod,pod": leave one out`,
		"pod cause": `--by: unknown field "pod cause": use pod, `,
	} {
		if code, out, errOut := call(t, "", "top", "--by", by, testdata+"6.12/c_memcg_v2/kmsg.raw"); code != exitUsage || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, %s%s", by, code, out, errOut)
		}
	}
}

// TestTopGuesses: without --by it counts by the first that most kills have.
func TestTopGuesses(t *testing.T) {
	for capture, want := range map[string]string{
		"6.12/e_k8s_systemd": "POD", "6.12/e_docker_systemd": "CONTAINER", "6.12/e_service": "UNIT", "6.12/a_global_anon": "PROCESS",
	} {
		_, out, errOut := call(t, "", "top", "-o", "table", testdata+capture+"/kmsg.raw")
		if got := strings.Fields(out); len(got) < 3 || got[2] != want {
			t.Errorf("%s: by %s, want %s:\n%s%s", capture, got, want, out, errOut)
		}
	}
}
