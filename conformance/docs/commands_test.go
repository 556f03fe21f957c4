// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// commandPages are the pages whose command lines are run.
var commandPages = []string{
	"README.md", "SECURITY.md", "docs/command.md", "docs/status.md", "docs/time.md", "docs/follow.md", "docs/warnings.md", "docs/fields.md", "docs/trust.md", "docs/names.md", "docs/killers.md",
	"docs/witnesses.md", "docs/measurements.md", "docs/dashboards.md", "docs/fleet.md",
	"deploy/README.md", "fluentbit/README.md", "fluentbit/output/README.md", "otelreceiver/README.md", "otelprocessor/README.md",
}

// replacement is a part of command lines that a test cannot run, and what it runs in its place.
type replacement struct{ part, with, why string }

// replacements are tried in their order; of each the first place in a line is replaced.
var replacements = []replacement{
	{"git clone https://github.com/oomtrail/oomtrail && cd oomtrail", "cd $ROOT && go list -m | grep -x github.com/oomtrail/oomtrail", "needs the network"},
	{"sudo make install", "make install DESTDIR=$WORK/installed", "needs root"},
	{"dmesg -T |", "cat dmesg.log |", "needs the right to read the kernel's log"},
	{"dmesg -w |", "cat dmesg.log |", "needs the right to read the kernel's log, and never ends"},
	{"journalctl -k -b -1 |", "cat kern.log |", "needs a journal"},
	{"journalctl -k -o json |", "cat kernel.json |", "needs a journal"},
	{"journalctl -o json --since yesterday >", "cat day.json >", "needs a journal"},
	{"/var/log/kern.log | curl --data-binary @-", "kern.log | cat #", "needs a VictoriaLogs"},
	{"/var/log/kern.log", "kern.log", "is a file of the reader"},
	{"/var/log/audit/audit.log", "audit.log", "is a file of the reader"},
	{"oomtrail why --pid 4242", "oomtrail why --pid 160 kern.log", "asks this machine's journal"},
	{"oomtrail follow | head -1", "oomtrail follow --help | head -1", "needs /dev/kmsg"},
	{"oomtrail follow | jq .body", "oomtrail follow --help", "needs /dev/kmsg, and never ends"},
	{"oomtrail follow", "oomtrail follow --help", "needs /dev/kmsg, and never ends; with --help the flags after it are still read"},
	{"oomtrail status --watch", "oomtrail status --help", "never ends"},
	{"oomtrail status --verify", "oomtrail status --help; true", "has an exit code that says that nginx does not run here"},
	{"oomtrail parse /dev/kmsg", "oomtrail parse --format kmsg testdata/captures/6.12/e_k8s_systemd/kmsg.raw", "needs the right to read /dev/kmsg"},
	{"journalctl --follow --merge --lines=1", "echo journalctl", "needs a journal, and never ends"},
	{"kubectl apply -k .", "ls $ROOT/deploy/*/kustomization.yaml", "needs a cluster"},
	{"helm install oom-kill fluent-bit", "ls $ROOT/deploy/fluent-bit/values.yaml #", "needs a cluster"},
	{"helm install otelcol-oom opentelemetry-collector", "ls $ROOT/deploy/opentelemetry-collector/values.yaml #", "needs a cluster"},
	{"make run-deploy", "make -n run-deploy", "takes root, runc and minutes"},
	{"make build", "make build", "runs as it is"},
	{"make run-collector", "make -n run-collector", "takes minutes"},
	{"make run", "make run", "runs as it is, and ends by itself without a terminal"},
	{"make ", "make -n ", "takes minutes, or needs root: make says whether the target is there"},
}

var (
	// shell is a block of commands: fenced with a language, or indented.
	shell = regexp.MustCompile("(?s)```sh\n(.*?)```|\n\n((?:    [^\n]*\n)+)")
	// span is code within a sentence.
	span = regexp.MustCompile("`([^`\n]+)`")
	// command is what begins a command line of the reader.
	command = regexp.MustCompile(`^(oomtrail|go|git|make|sudo|dmesg|journalctl|kubectl|docker|helm)( |$)`)
	// synopsis has names in the place of values.
	synopsis = regexp.MustCompile(`\[|\b(FILE|DIR|PATH|SHELL|COMMAND|KERNEL=)\b|…`)
	fence    = regexp.MustCompile("(?s)```.*?```")
)

// commandLines returns the command lines of a page: those of its blocks, then those in its
// sentences that name the project's command or a target of make.
func commandLines(page string) []string {
	var all []string
	for _, m := range shell.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(m[1] + m[2]) {
			if line = strings.TrimSpace(line); command.MatchString(line) {
				all = append(all, line)
			}
		}
	}
	for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		if strings.HasPrefix(m[1], "oomtrail ") || strings.HasPrefix(m[1], "make ") || strings.Contains(m[1], "| oomtrail") {
			all = append(all, m[1])
		}
	}
	return all
}

// TestCommands runs every command line that the pages show, in a directory that has the files they
// name. What it cannot run is replaced by name and with the reason.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the commands of the README")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	bin, file := program(t)
	work := workDir(t, root)
	environment := append(os.Environ(), "MAKEFLAGS=", "ROOT="+root, "WORK="+work, "PATH="+bin+":"+os.Getenv("PATH"), "TZ=UTC")
	used := map[string]bool{}
	for _, page := range commandPages {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		lines := commandLines(string(text))
		if page == "README.md" && len(lines) < 10 {
			t.Errorf("README.md shows only the commands %q", lines)
		}
		for _, line := range lines {
			if synopsis.MatchString(line) {
				checkSynopsis(t, file, page, line)
				continue
			}
			runs := line
			for _, r := range replacements {
				if strings.Contains(runs, r.part) {
					runs, used[r.part] = strings.Replace(runs, r.part, r.with, 1), true
					break
				}
			}
			cmd := exec.Command("sh", "-ec", runs)
			cmd.Dir, cmd.Env = work, environment
			if strings.HasPrefix(runs, "make ") || strings.HasPrefix(runs, "go ") {
				cmd.Dir = root
			}
			var out, errors bytes.Buffer
			log, err := os.Open(filepath.Join(work, "kern.log"))
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdin, cmd.Stdout, cmd.Stderr = log, &out, &errors
			err = cmd.Run()
			log.Close()
			silent := strings.Contains(runs, ">") || strings.HasPrefix(runs, "go build") || strings.Contains(runs, "oomtrail man ")
			if err != nil || out.Len() == 0 && !silent {
				t.Errorf("%s: %s\nran as %s\n%v, printed %q\n%s", page, line, runs, err, out.String(), errors.String())
			}
		}
	}
	for _, r := range replacements {
		if !used[r.part] {
			t.Errorf("no page shows %q any more, which %s", r.part, r.why)
		}
	}
}

// checkSynopsis checks that the command of a line with names for values is there.
func checkSynopsis(t *testing.T, file, page, line string) {
	t.Helper()
	words := strings.Fields(line)
	if words[0] != "oomtrail" {
		return // of a program of the reader, or of make with a variable
	}
	args := []string{"--help"}
	if len(words) > 1 && words[1] != "COMMAND" && !strings.ContainsAny(words[1], "[-") {
		args = []string{words[1], "--help"}
	}
	if out, err := exec.Command(file, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %s: %v\n%s", page, line, err, out)
	}
}

// workDir makes a directory with the files that the command lines name.
func workDir(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(root, "testdata"), filepath.Join(dir, "testdata")); err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	capture := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(root, "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	pod := capture("captures/6.12/e_k8s_systemd/syslog.raw")
	kern := asKernLog(t, pod, "node1")
	kern = append(kern, asKernLog(t, capture("captures/6.12/c_memcg_v2/syslog.raw"), "node1")...)
	kern = append(kern, asKernLog(t, capture("captures/6.12/e_service/syslog.raw"), "node1")...)
	write("kern.log", kern)
	write("nodes/node1/kern.log", kern)
	write("nodes/node2/kern.log", asKernLog(t, capture("captures/7.2/e_k8s_systemd/syslog.raw"), "node2"))
	write("dmesg.log", pod)
	write("day.json", bytes.ReplaceAll(capture("witnesses/stop-timeout/journal.json"), []byte("ingest"), []byte("nginx")))
	write("kernel.json", capture("witnesses/kernel-unit/journal.json"))
	write("audit.log", capture("witnesses/audit-raw/audit.log"))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(kern); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write("messages.gz", packed.Bytes())
	return dir
}

// priority is the priority that syslog(2) puts before a line.
var priority = regexp.MustCompile(`(?m)^<\d+>`)

// asKernLog returns what syslog(2) gave as a host's kern.log has it, a minute ago.
func asKernLog(t *testing.T, log []byte, host string) []byte {
	t.Helper()
	stamp := time.Now().UTC().Add(-time.Minute).Format(time.Stamp)
	return priority.ReplaceAll(log, fmt.Appendf(nil, "%s %s kernel: ", stamp, host))
}
