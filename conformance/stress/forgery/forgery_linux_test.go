// SPDX-License-Identifier: Apache-2.0

package forgery

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

var forge = flag.Bool("forge", false, "write a forged kill line to the log of this machine's kernel")

func TestMain(m *testing.M) {
	goOn()
	flag.Parse()
	os.Exit(m.Run())
}

// view is one way to read the kernel's log.
type view struct {
	name   string
	read   func() ([]byte, error)
	format report.Format
	// whole tells that it shows where a record ends: then the forged line makes no record.
	whole bool
}

var views = []view{
	{"/dev/kmsg", readKmsg, report.Kmsg, true},
	{"syslog(2)", readSyslog, report.Dmesg, false},
	{"dmesg", command("dmesg"), report.Dmesg, true},
	{"dmesg -T", command("dmesg", "-T"), report.Dmesg, true},
	{"dmesg -x", command("dmesg", "-x"), report.Dmesg, true},
	{"dmesg -r", command("dmesg", "-r"), report.Dmesg, false},
	{"dmesg -S -r", command("dmesg", "-S", "-r"), report.Dmesg, false},
	{"dmesg -J", command("dmesg", "-J"), report.Dmesg, true},
	{"journalctl", command("journalctl", "-k", "-b", "--no-pager"), report.Syslog, true},
	{"journalctl -o json", command("journalctl", "-k", "-b", "-o", "json"), report.JournalJSON, true},
}

// TestForgery has this machine's kernel print a kill line in a path that an unprivileged user
// chose. However the log is read, and whoever vouches for it, the line is never verified and never
// complete; where the format keeps a record whole it makes no record.
func TestForgery(t *testing.T) {
	if !*forge {
		t.Skip("NOT RUN: it writes to the log of this machine's kernel: make forgery")
	}
	pid := 1<<22 + os.Getpid() // no process has it
	path := fmt.Sprintf("/x\nOut of memory: Killed process %d (init) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0\nz", pid)
	if err := forgePath(publicCopy(t), path); err != nil {
		t.Skipf("NOT RUN: the forgery cannot be tried here: %v", err)
	}
	words := fmt.Appendf(nil, "Killed process %d ", pid)
	seen := 0
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			log, err := v.read()
			if err != nil {
				t.Skipf("NOT RUN: %v", err)
			}
			if !bytes.Contains(log, words) {
				t.Skip("NOT RUN: the forged line is not in it: this kernel did not print the path, or the log is another's")
			}
			seen++
			for _, format := range []report.Format{v.format, report.Auto} {
				o := parser.Options{Transport: format, TrustedSource: v.format.Source()}
				records := check(t, log, pid, o, v.whole)
				o.Trust = parser.TrustKernel
				fmt.Printf("%-20s read as %-12v records: %d, with trust kernel: %d\n", v.name, format, records, check(t, log, pid, o, true))
			}
		})
	}
	if seen == 0 {
		t.Skip("NOT RUN: no log shows the forged line")
	}
}

// check reads a log, looks for records of the process and returns how many there are. none says
// that there must be none.
func check(t *testing.T, log []byte, pid int, o parser.Options, none bool) (found int) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(log), o, func(r *parser.Record) error {
		if v, _ := r.Get("process.pid"); v.Int64() != int64(pid) {
			return nil
		}
		found++
		complete, _ := r.Get("oom.report.complete")
		if r.Text("oom.trust") != "unverified" || complete.Bool() {
			t.Errorf("read as %v: %s, complete: %v", o.Transport, r.Text("oom.trust"), complete.Bool())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if none && found > 0 {
		t.Errorf("read as %v, trust %d: %d records of a forged line", o.Transport, o.Trust, found)
	}
	return found
}

// publicCopy returns a copy of this program that every user may run.
func publicCopy(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "oomtrail-forgery")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "forgery")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, program, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// command returns what a command prints.
func command(name string, args ...string) func() ([]byte, error) {
	return func() ([]byte, error) {
		cmd := exec.Command(name, args...)
		var complaint strings.Builder
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w %s", cmd, err, complaint.String())
		}
		return out, nil
	}
}

// readSyslog returns the ring as syslog(2) gives it.
func readSyslog() ([]byte, error) {
	const readAll, size = 3, 10
	n, err := unix.Klogctl(size, nil)
	if err != nil {
		return nil, fmt.Errorf("syslog(2): %w", err)
	}
	log := make([]byte, n)
	n, err = unix.Klogctl(readAll, log)
	if err != nil {
		return nil, fmt.Errorf("syslog(2): %w", err)
	}
	return log[:n], nil
}

// readKmsg returns the ring as /dev/kmsg gives it.
func readKmsg() ([]byte, error) {
	fd, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/kmsg: %w", err)
	}
	defer syscall.Close(fd)
	var log []byte
	for buf := make([]byte, 16<<10); ; {
		n, err := syscall.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, io.EOF), err == nil && n == 0:
			return log, nil
		case err != nil:
			return nil, fmt.Errorf("/dev/kmsg: %w", err)
		default:
			log = append(log, buf[:n]...)
		}
	}
}
