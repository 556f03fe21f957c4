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

// written writes a file of a temporary directory.
func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNothingFoundSaysWhatWasRead: how many lines, of what, from when to when; and what else ends a
// process.
func TestNothingFoundSaysWhatWasRead(t *testing.T) {
	kern := written(t, "kern.log", []byte("2026-11-21T08:16:59.123456+00:00 node-1 kernel: [    1.000001] usb 1-1: new device\n"+
		strings.Repeat("2026-11-21T09:00:00.000000+00:00 node-1 kernel: [   99.000001] usb 1-1: reset\n", 4000)+
		"2026-11-22T10:00:00.000000+00:00 node-1 kernel: [90000.000001] usb 1-1: gone\n"))
	for _, c := range []struct {
		stdin string
		args  []string
		says  []string
	}{
		{"", []string{"explain", kern}, []string{"no out-of-memory kill", kern + ": 4,002 lines of syslog, from 2026-11-21T08:16:59Z to 2026-11-22T10:00:00Z",
			"137", "Cannot allocate memory", "vm.overcommit_memory=2"}},
		{"[    1.000001] usb 1-1: new device\n[    7.500000] usb 1-1: gone", []string{"parse", "-o", "text"},
			[]string{"standard input: 2 lines of dmesg, from 1.0 s after boot to 7.5 s after boot"}},
		{"", []string{"explain"}, []string{"standard input: empty", "There was nothing to read"}},
		{"", []string{"-o", "table"}, []string{"standard input: empty", "There was nothing to read"}},
		{"hello\n", []string{"explain", "-", kern}, []string{"standard input: 1 line of no known log format", "4,002 lines of syslog"}},
	} {
		code, out, errOut := call(t, c.stdin, c.args...)
		if code != exitOK || out != "" {
			t.Errorf("%q: exit %d, %q", c.args, code, out)
		}
		for _, want := range c.says {
			if !strings.Contains(errOut, want) {
				t.Errorf("%q lacks %q:\n%s", c.args, want, errOut)
			}
		}
		if c.stdin == "" && len(c.args) < 3 && c.args[len(c.args)-1] != kern && strings.Contains(errOut, "137") {
			t.Errorf("%q says what a log without a kill may mean, but read none:\n%s", c.args, errOut)
		}
	}
}

// TestWhatIsNoLog: a file that is no lines of text is named as what it is, with what to do, in one
// line.
func TestWhatIsNoLog(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no program is installed
	binary := bytes.Repeat([]byte{0, 1, 2, 3, 200, 'a'}, 100)
	for _, c := range []struct {
		name    string
		content []byte
		says    []string
	}{
		{"a.xz", []byte("\xfd7zXZ\x00more"), []string{"compressed by xz"}},
		{"a.zst", []byte("\x28\xb5\x2f\xfdmore"), []string{"compressed by zstd"}},
		{"a.lz4", []byte("\x04\x22\x4d\x18more"), []string{"compressed by lz4", "install lz4"}},
		{"system.journal", []byte("LPKSHHRHmore and more"), []string{"a journal file of systemd", "journalctl --file="}},
		{"a.zip", []byte("PK\x03\x04more"), []string{"a zip archive", "unzip -p"}},
		{"core", []byte("\x7fELFmore"), []string{"a program", "name a log"}},
		{"data", binary, []string{"binary data, not a log", "dmesg | oomtrail"}},
		{"bad.gz", []byte("\x1f\x8bxx"), nil},
	} {
		file := written(t, c.name, c.content)
		for _, args := range [][]string{{"parse"}, {"parse", "-o", "text"}, {"explain"}, {"report"}} {
			code, out, errOut := call(t, "", append(args, file)...)
			if code != exitRead || out != "" || strings.Count(errOut, "\n") != 1 || !strings.HasPrefix(errOut, "oomtrail "+args[0]+": cannot read "+file) {
				t.Errorf("%s %q: exit %d, %q, %q", c.name, args, code, out, errOut)
			}
			for _, want := range c.says {
				if !strings.Contains(errOut, want) {
					t.Errorf("%s: %q lacks %q", c.name, errOut, want)
				}
			}
		}
	}
	code, _, errOut := call(t, "LPKSHHRHmore and more", "parse")
	if code != exitRead || !strings.Contains(errOut, "standard input: it is a journal file of systemd: name the file") {
		t.Errorf("a journal on standard input: exit %d, %q", code, errOut)
	}
}

// TestUTF16: text in UTF-16, as PowerShell redirects it, is read by every command.
func TestUTF16(t *testing.T) {
	for _, args := range [][]string{{"parse"}, {"explain"}, {"report"}, {"lines"}} {
		code, out, errOut := call(t, "", append(args, "../../../../testdata/cases/F23.log")...)
		if code != exitOK || !strings.Contains(out, "4242") || errOut != "" {
			t.Errorf("%q: exit %d, %q, %q", args, code, out, errOut)
		}
	}
}

// installed returns the path of a program. Without it the test is skipped.
func installed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("NOT RUN: there is no %s here", program)
	}
	return path
}

// TestPackedLogs: what a program of this machine unpacks is read as the log that it is, from a file
// and from standard input.
func TestPackedLogs(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"gzip", "bzip2", "xz", "zstd", "lz4"} {
		t.Run(program, func(t *testing.T) {
			pack := exec.Command(installed(t, program), "-c")
			pack.Stdin = bytes.NewReader(log)
			packed, err := pack.Output()
			if err != nil {
				t.Fatal(err)
			}
			file := written(t, "kern.log.1", packed)
			for _, c := range []struct {
				stdin string
				file  string
			}{{"", file}, {string(packed), "-"}} {
				code, out, errOut := call(t, c.stdin, "parse", c.file)
				if code != exitOK || strings.Count(out, "\n") != 1 || errOut != "" {
					t.Errorf("%s: exit %d, %q, %q", c.file, code, out, errOut)
				}
			}
			cut := written(t, "cut", packed[:len(packed)/2])
			if code, _, errOut := call(t, "", "parse", cut); code != exitRead || !strings.Contains(errOut, "cannot read "+cut) {
				t.Errorf("cut: exit %d, %q", code, errOut)
			}
		})
	}
}

// TestLogAfterZeros: a crash leaves a block of zeros in a log, and what follows is read.
func TestLogAfterZeros(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, "kern.log", append(append(make([]byte, 100<<10), '\n'), log...))
	if code, out, errOut := call(t, "", "parse", file); code != exitOK || strings.Count(out, "\n") != 1 || errOut != "" {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
}

// TestNothingInManyFiles: a few are described, the rest is counted.
func TestNothingInManyFiles(t *testing.T) {
	const files, size = 100, 10_000
	dir := t.TempDir()
	text := bytes.Repeat([]byte("[    1.000001] usb 1-1: new device\n"), size/35)
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("node-", i, ".log")), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, _, errOut := call(t, "", "-o", "table", dir)
	if n := strings.Count(errOut, "  read "); n != 10 || !strings.Contains(errOut, "  and 90 more inputs: 25,650 lines\n") {
		t.Errorf("%d are described:\n%s", n, errOut)
	}
}
