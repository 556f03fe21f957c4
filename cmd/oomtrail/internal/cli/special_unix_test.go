// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// asCommand is set for a process that is the command and not its test.
const asCommand = "OOMTRAIL_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	if os.Getenv(asCommand) != "" {
		Main()
	}
	os.Exit(m.Run())
}

// command returns the command as a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	return c
}

func TestWhatIsNoFileIsRefusedWithARemedy(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, want := range map[string]string{
		dir:         "cannot read " + dir + ": it is a directory without a file: name one that has logs in it",
		"/dev/zero": "cannot read /dev/zero: it is a device, not a log: name a log, such as /var/log/kern.log or /dev/kmsg",
		socket:      "cannot read " + socket + ": it is a socket: pipe what comes from it into oomtrail, or use - for standard input",
	} {
		for _, verb := range []string{"parse", "explain", "report", "lines"} {
			code, out, errOut := call(t, "", verb, name, testdata+"6.12/c_memcg_v2/kmsg.raw")
			if code != 1 || errOut != "oomtrail "+verb+": "+want+"\n" || out == "" {
				t.Errorf("%s %s: exit %d, %q, %d bytes of the other file", verb, name, code, errOut, len(out))
			}
		}
	}
}

// TestANamedPipeIsRead: also before somebody writes to it, and as the shell's <(…) gives it.
func TestANamedPipeIsRead(t *testing.T) {
	log, err := os.ReadFile(testdata + "6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		time.Sleep(50 * time.Millisecond)
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err == nil {
			_, err = w.Write(log)
			w.Close()
		}
		written <- err
	}()
	if code, out, errOut := call(t, "", "parse", pipe); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("a named pipe: exit %d, %q, %q", code, out, errOut)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		w.Write(log)
		w.Close()
	}()
	c := command(t, "parse", "/dev/fd/3")
	c.ExtraFiles = []*os.File{r}
	if out, err := c.CombinedOutput(); err != nil || bytes.Count(out, []byte("\n")) != 1 {
		t.Errorf("/dev/fd/3: %v, %q", err, out)
	}
}

// TestCtrlCEndsTheWait: for somebody to write to a named pipe, and for the next line of what is
// open.
func TestCtrlCEndsTheWait(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	stdin, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close() // and not sooner, when the collector of garbage finds it unused
	for _, file := range []string{pipe, "-"} {
		c := command(t, "parse", file)
		c.Stdin = stdin
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // so that it most likely waits
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case err := <-ended:
			if status := c.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("%s: it ended with %v", file, err)
			}
		case <-time.After(time.Minute):
			c.Process.Kill()
			t.Errorf("%s: it goes on waiting", file)
		}
	}
}

// TestTheKernelsLogEnds: with what it holds now, under whatever name the device stands.
func TestTheKernelsLogEnds(t *testing.T) {
	link := filepath.Join(t.TempDir(), "kmsg")
	if err := os.Symlink("/dev/kmsg", link); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(link)
	if err != nil {
		t.Skip("the kernel log of this machine cannot be read: ", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Sys().(*syscall.Stat_t).Rdev != 1<<8|11 {
		t.Skip("/dev/kmsg is not the kernel's log here")
	}
	if err := command(t, "parse", link).Run(); err != nil {
		t.Error(err)
	}
}

// TestCtrlCPrintsWhatIsOpen: a report without its end is unresolved, a table shows the kills that
// came, and it is said that the reading was interrupted.
func TestCtrlCPrintsWhatIsOpen(t *testing.T) {
	const log = "[   12.345678] Out of memory: Killed process 1234 (hog) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:44kB oom_score_adj:0\n" +
		"[   99.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	for _, c := range []struct{ args, want []string }{
		{[]string{"parse"}, []string{`"oom.kill"`, `"oom.unresolved"`}},
		{[]string{"-o", "table"}, []string{"hog (1234)", "end not in this log"}},
		{[]string{"-o", "text"}, []string{"hog (pid 1234)", "How it ended is not in this log"}},
		{[]string{"top", "-o", "table", "--by", "process"}, []string{"hog"}},
		{[]string{"explain"}, []string{"How it ended is not in this log"}},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := command(t, c.args...)
		var out, notes bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = r, &out, &notes
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(log); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond) // so that it has most likely read it
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		w.Close()
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
			t.Errorf("%q: it ended with %v", c.args, status)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q lacks %s: %s", c.args, want, &out)
			}
		}
		if !strings.Contains(notes.String(), "oomtrail: interrupted in standard input") {
			t.Errorf("%q: %s", c.args, &notes)
		}
	}
}

// TestOutputThatEnds: a reader of the output that has enough ends the command, without a word; a
// full disk is named once, however many files there are.
func TestOutputThatEnds(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		log := fmt.Sprintf("[%5d.000002] Out of memory: Killed process %d (hog) %s", 100*i, i+1, hog)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.log", i)), []byte(log+strings.Repeat("[ 9999.000000] a line\n", 10_000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Log("no /dev/full here: ", err)
	}
	for _, verb := range []string{"parse", "lines", "top", "explain", "report", "why"} {
		for _, output := range []string{"pipe", "full"} {
			c := command(t, verb, dir)
			var notes bytes.Buffer
			c.Stderr = &notes
			want, code := "", exitOK
			if output == "full" {
				if full == nil {
					continue
				}
				c.Stdout, want, code = full, "oomtrail "+verb+": cannot write the output: no space left on device\n", exitRead
			} else {
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				r.Close()
				defer w.Close()
				c.Stdout = w
			}
			_ = c.Run()
			if verb == "why" || verb == "report" { // they may have nothing to say of such a log
				continue
			}
			if notes.String() != want || c.ProcessState.ExitCode() != code {
				t.Errorf("%s into %s: exit %d, %q", verb, output, c.ProcessState.ExitCode(), &notes)
			}
		}
	}
}

// TestTerminated: SIGTERM gives what is open, as Ctrl-C does.
func TestTerminated(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := command(t, "parse")
	var notes bytes.Buffer
	c.Stdin, c.Stderr = r, &notes
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("[  100.000002] Out of memory: Killed process 7 (hog) " + hog + strings.Replace(invoked, "100.", "900.", 1)); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	first, err := out.ReadString('\n') // it has read the pipe
	if err != nil || !strings.Contains(first, `"oom.kill"`) {
		t.Fatal(err, first)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	_ = c.Wait()
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	if err != nil || !strings.Contains(string(rest), `"oom.unresolved"`) || !status.Signaled() || status.Signal() != syscall.SIGTERM || !strings.Contains(notes.String(), "interrupted in standard input") {
		t.Errorf("%v, %v, %q, %q", err, status, rest, &notes)
	}
}
