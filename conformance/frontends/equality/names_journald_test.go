// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
)

// TestNamesJournald: root_path is the host's file system for both uses: the receiver runs the
// host's journalctl in it, and finds the names there.
func TestNamesJournald(t *testing.T) {
	remote := journalRemote(t)
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: only root can run journalctl in another root")
	}
	n := kubelet(t)
	host := t.TempDir()
	copyTree(t, host, n.root)
	journalctl, err := exec.LookPath("journalctl")
	if err != nil {
		t.Fatal(err)
	}
	copyProgram(t, host, journalctl)
	cmd := exec.Command(remote, "--output="+filepath.Join(host, "node.journal"), "--split-mode=none", "-")
	cmd.Stdin = bytes.NewReader(journalExport(&captures.Capture{Kmsg: n.log}, 0))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	receiver := component{"oom_kill", fmt.Sprintf("    source: journald\n    journald: {files: [/node.journal], journalctl_path: %q}\n    start_at: beginning\n    report_timeout: 1s\n    root_path: %q\n", journalctl, host)}
	got, err := Collector(collectorBinary(t), t.TempDir(), pipeline([]component{receiver}, nil), 1)
	if err != nil {
		t.Fatal(err)
	}
	checkNames(t, n.name, got, n.want)
}

// copyTree copies directories, files and symbolic links as they are.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type() == fs.ModeSymlink:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// copyProgram copies a program and the libraries that it needs to the same places below another
// root.
func copyProgram(t *testing.T, root, program string) {
	t.Helper()
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Skipf("NOT RUN: this test needs ldd to find the libraries of %s: %v", program, err)
	}
	files := []string{program}
	for _, path := range regexp.MustCompile(`/\S+`).FindAllString(string(out), -1) {
		if path[len(path)-1] != ':' {
			files = append(files, path)
		}
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
