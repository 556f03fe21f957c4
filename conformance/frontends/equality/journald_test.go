// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/parser"
)

// journalRemote returns the program that makes journal files.
func journalRemote(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("NOT RUN: this test needs journalctl")
	}
	for _, path := range []string{"/usr/lib/systemd/systemd-journal-remote", "/lib/systemd/systemd-journal-remote"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skip("NOT RUN: this test needs systemd-journal-remote, to make a journal (the Debian package of that name)")
	return ""
}

// TestReceiverJournald gives each capture to a receiver of its own, by a journal file as a machine
// with that log would have it.
func TestReceiverJournald(t *testing.T) {
	remote := journalRemote(t)
	list := load(t)
	dir := t.TempDir()
	var receivers []component
	for i, c := range list {
		journal := filepath.Join(dir, fileName(c)+".journal")
		cmd := exec.Command(remote, "--output="+journal, "--split-mode=none", "-")
		cmd.Stdin = bytes.NewReader(journalExport(c, i))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
		receivers = append(receivers, component{"oom_kill/" + fileName(c),
			fmt.Sprintf("    source: journald\n    journald: {files: [%q]}\n    start_at: beginning\n    report_timeout: 1s\n", journal)})
	}
	throughPipeline(t, receivers, nil, expected(t, list, Kmsg, parser.Options{}))
}

// journalExport writes what journald keeps of a capture in its export form. Texts go in the binary
// form, which takes any bytes.
func journalExport(c *captures.Capture, boot int) []byte {
	var b bytes.Buffer
	for _, k := range fbtest.ReadKmsg(c.Kmsg) {
		fmt.Fprintf(&b, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n", k.At().Add(time.Duration(boot)*time.Hour).UnixMicro(), k.Usec, boot+1)
		for _, kv := range (fbtest.Systemd{}).Event(k, "node-1").Record {
			if kv.Key == "_BOOT_ID" {
				continue
			}
			value := kv.Value.(string)
			b.WriteString(kv.Key + "\n")
			b.Write([]byte{byte(len(value)), byte(len(value) >> 8), byte(len(value) >> 16), 0, 0, 0, 0, 0})
			b.WriteString(value + "\n")
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
