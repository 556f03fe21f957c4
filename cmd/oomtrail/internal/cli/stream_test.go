// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestALiveLogIsAnsweredAtOnce: behind `dmesg -w` each command prints what it has before it waits
// for the next line.
func TestALiveLogIsAnsweredAtOnce(t *testing.T) {
	const kill = "[   12.345678] Out of memory: Killed process 1234 (hog) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:44kB oom_score_adj:0\n"
	for _, args := range [][]string{{"parse"}, {"parse", "-o", "text"}, {"lines"}} {
		in, log := io.Pipe()
		page, out := io.Pipe()
		go func() {
			run(args, in, out, io.Discard)
			out.Close()
		}()
		go io.WriteString(log, kill)
		got := make(chan error, 1)
		go func() {
			_, err := page.Read(make([]byte, 100))
			got <- err
		}()
		select {
		case err := <-got:
			if err != nil {
				t.Errorf("%q: %v", args, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("%q prints nothing while its input stays open", args)
		}
		go io.Copy(io.Discard, page)
		log.Close()
	}
}

// TestDashIsStandardInput: as everywhere, also between files.
func TestDashIsStandardInput(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errOut := call(t, string(log), "parse", "-", testdata+"6.12/p_memcg_swap/syslog.raw")
	if code != 0 || strings.Count(out, "\n") != 2 {
		t.Fatalf("exit %d, %q, %q", code, out, errOut)
	}
}

// TestErrorsLeaveStandardOutputAlone: what reads the records behind a pipe gets no page of help
// among them.
func TestErrorsLeaveStandardOutputAlone(t *testing.T) {
	for _, args := range [][]string{{"parse", "--no-such-flag"}, {"parse", "--tasks-top", "x"}, {"explain", "--kill", "x"}} {
		if code, out, errOut := call(t, "", args...); code != 2 || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: exit %d, out %q, err %q", args, code, out, errOut)
		}
	}
	if code, out, _ := call(t, "", "parse", "-h"); code != 0 || !strings.Contains(out, "--tasks-top") {
		t.Errorf("help: exit %d, %q", code, out)
	}
	_, _, errOut := call(t, "", "parse", "/nowhere/a", "/nowhere/b")
	for line := range strings.Lines(errOut) {
		if !strings.HasPrefix(line, "oomtrail parse: cannot read /nowhere/") {
			t.Errorf("the line %q does not say who speaks", line)
		}
	}
}

// TestPeopleAreToldOfNothing: silence on a page for people would look like a failure.
func TestPeopleAreToldOfNothing(t *testing.T) {
	for _, args := range [][]string{{"parse", "-o", "text"}, {"explain"}} {
		var out, errOut bytes.Buffer
		if code := run(args, strings.NewReader("usb 1-1: new device\n"), &out, &errOut); code != 0 || out.Len() > 0 {
			t.Errorf("%q: exit %d, %q", args, code, &out)
		}
		if !strings.Contains(errOut.String(), "no out-of-memory kill") {
			t.Errorf("%q says %q", args, &errOut)
		}
	}
}

// TestCompressedFile: a rotated log is read as what it holds, and one that ends early gives what it
// has, and the error.
func TestCompressedFile(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(log)
	w.Close()
	file := filepath.Join(t.TempDir(), "kern.log.2.gz")
	for _, c := range []struct {
		bytes []byte
		code  int
		lines int
	}{{packed.Bytes(), 0, 1}, {packed.Bytes()[:packed.Len()-4], 1, 1}, {packed.Bytes()[:6], 1, 0}} {
		if err := os.WriteFile(file, c.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := call(t, "", "parse", file)
		if code != c.code || strings.Count(out, "\n") != c.lines || (c.code != 0) != strings.Contains(errOut, file) {
			t.Errorf("%d bytes: exit %d, %d lines, %q", len(c.bytes), code, strings.Count(out, "\n"), errOut)
		}
	}
}
