// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDirectoryOfJournals: the journal files of two machines, one of them beside a part of a file,
// which is named.
func TestDirectoryOfJournals(t *testing.T) {
	const remote = "/lib/systemd/systemd-journal-remote"
	installed(t, remote)
	installed(t, "journalctl")
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var journal string
	for machine := range 2 {
		var export bytes.Buffer
		at := 1_764_000_000_000_000 + machine*1_000_000_000 // microseconds
		for line := range bytes.Lines(log) {
			_, text, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "] ")
			at++
			fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\nPRIORITY=4\n_HOSTNAME=node-%d\nMESSAGE=%s\n\n",
				at, at%1_000_000_000, machine+1, machine, text)
		}
		file := filepath.Join(t.TempDir(), "export")
		if err := os.WriteFile(file, export.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		journal = filepath.Join(dir, fmt.Sprint("machine-", machine), "system.journal")
		if err := os.Mkdir(filepath.Dir(journal), 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(remote, "-o", journal, file).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v, %s", remote, err, out)
		}
	}
	code, out, errOut := call(t, "", "parse", dir)
	if code != exitOK || errOut != "" || strings.Count(out, `"event.name":"oom.kill"`) != 2 || !strings.Contains(out, "node-0") || !strings.Contains(out, "node-1") {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
	whole, err := os.ReadFile(journal)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "cut.journal"), whole[:1000], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	code, out, errOut = call(t, "", "parse", dir)
	if code != exitRead || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "cut.journal") || strings.Count(out, `"event.name":"oom.kill"`) != 2 {
		t.Errorf("with a part of one: exit %d, %s%s", code, out, errOut)
	}
}
