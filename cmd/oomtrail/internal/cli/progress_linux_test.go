// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal returns the two ends of a terminal of 100 columns: what a person sees, and what a
// program writes to.
func terminal(t *testing.T) (screen, program *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { screen.Close() })
	fd := int(screen.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: 100})
	}
	if err == nil {
		program, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { program.Close() })
	return screen, program
}

// TestProgressOnATerminal: what takes more than a second shows how far it is, on standard error
// alone, and leaves nothing there. The reading takes long here as nobody takes its output.
func TestProgressOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	file := filepath.Join(t.TempDir(), "kern.log")
	if err := os.WriteFile(file, bytes.Repeat([]byte("May  1 12:00:00 node kernel: eth0: link up\n"), 50_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, stdin := range []bool{false, true} {
		screen, program := terminal(t)
		c := command(t, "lines", file)
		if stdin {
			c = command(t, "lines")
			log, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			c.Stdin = log
		}
		c.Stderr = program
		stdout, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		program.Close()
		shown := make(chan string)
		go func() {
			all, _ := io.ReadAll(screen) // ends with EIO when nobody has the terminal open
			shown <- string(all)
		}()
		first := make([]byte, 1)
		if _, err := io.ReadFull(stdout, first); err != nil { // it has begun
			t.Fatal(err)
		}
		time.Sleep(1200 * time.Millisecond)
		lines, err := io.ReadAll(stdout)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		got := <-shown
		if !strings.Contains(got, " of 2.1 MB") || !strings.Contains(got, "kB/s") || !strings.Contains(got, " left") {
			t.Errorf("no progress: %q", got)
		}
		if last := got[strings.LastIndexByte(strings.TrimRight(got, "\r"), '\r')+1:]; strings.Trim(last, " \r") != "" {
			t.Errorf("something stays there: %q", last)
		}
		if bytes.ContainsRune(lines, '\r') || bytes.Count(lines, []byte("\n")) != 50_000 {
			t.Errorf("standard output: %d lines, %q …", bytes.Count(lines, []byte("\n")), lines[:min(200, len(lines))])
		}
	}
}
