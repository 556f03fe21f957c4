// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// feedKmsg makes a pipe that stands in for /dev/kmsg, and writes records to it one by one: an input
// takes what a read gives for one record.
func feedKmsg(t *testing.T, dir string, records []fbtest.Kmsg) (path string) {
	t.Helper()
	path = filepath.Join(dir, "kmsg")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() {
		pipe, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return
		}
		for _, k := range records {
			fmt.Fprintf(pipe, "%d,%d,%d,-;%s\n", k.Priority, k.Sequence, k.Usec, k.Text)
			for unread(pipe) > 0 {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Microsecond):
				}
			}
		}
		<-stop // at the end of the pipe in_kmsg would turn in circles
		pipe.Close()
	}()
	return path
}

// unread returns how many bytes wait in a pipe.
func unread(pipe *os.File) (n int32) {
	syscall.Syscall(syscall.SYS_IOCTL, pipe.Fd(), 0x541b /* FIONREAD */, uintptr(unsafe.Pointer(&n)))
	return n
}

// journalRemote is the program that makes journal files, "" when there is none.
func journalRemote() string {
	if p := os.Getenv("SYSTEMD_JOURNAL_REMOTE"); p != "" {
		return p
	}
	for _, p := range []string{"/usr/lib/systemd/systemd-journal-remote", "/lib/systemd/systemd-journal-remote"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return ""
}

// writeJournal makes a journal of records as journald keeps them.
func writeJournal(t *testing.T, dir string, records []fbtest.Kmsg) (path string) {
	t.Helper()
	path = filepath.Join(dir, "journal")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	var export bytes.Buffer
	for _, k := range records {
		fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n", k.At().UnixMicro(), k.Usec)
		for _, kv := range (fbtest.Systemd{}).Event(k, "node-1").Record {
			if kv.Key == "_BOOT_ID" {
				continue
			}
			v := kv.Value.(string)
			export.WriteString(kv.Key + "\n")
			export.Write([]byte{byte(len(v)), byte(len(v) >> 8), byte(len(v) >> 16), 0, 0, 0, 0, 0})
			export.WriteString(v + "\n")
		}
		export.WriteByte('\n')
	}
	cmd := exec.Command(journalRemote(), "--output="+filepath.Join(path, "capture.journal"), "-")
	cmd.Stdin = &export
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return path
}

// writeKernLog makes a file as rsyslog writes it.
func writeKernLog(t *testing.T, dir string, records []fbtest.Kmsg) (path string) {
	t.Helper()
	var b bytes.Buffer
	for _, k := range records {
		b.WriteString(k.InTail("node-1").Record[0].Value.(string) + "\n")
	}
	path = filepath.Join(dir, "kern.log")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
