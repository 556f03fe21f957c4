// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stderrMax is how much of journalctl's complaints is kept.
const stderrMax = 4 << 10

// exitPatience is how long a command that has closed its output may take to end.
const exitPatience = time.Second

// Process is a running journalctl that prints one entry a line, as JSON.
type Process interface {
	io.Reader
	// SetReadDeadline makes a waiting Read return os.ErrDeadlineExceeded at that time.
	SetReadDeadline(time.Time) error
	// Stop ends the command and returns what it complained of, nil for nothing.
	Stop() error
	// Finish waits for a command that has closed its output, and returns nil when it succeeded.
	Finish() error
}

// process is the real one.
type process struct {
	cmd    *exec.Cmd
	out    *os.File
	stderr complaints
}

// Start runs the command with arguments of [Command.args]. complain hears what it complains of, as
// it does: without a journal to read, it waits for one in silence otherwise.
func Start(c *Command, args []string, complain func(string)) (Process, error) {
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(c.Path, args...), out: out, stderr: complaints{hear: complain}}
	p.cmd.Stdout, p.cmd.Stderr = childOut, &p.stderr
	// A child of journalctl that keeps standard error open must not keep us waiting.
	p.cmd.WaitDelay = time.Second
	if c.Root != "" {
		if err := chroot(p.cmd, c.Root); err != nil {
			return nil, errors.Join(err, out.Close(), childOut.Close())
		}
	}
	err = p.cmd.Start()
	_ = childOut.Close() // the child has its own
	if err != nil {
		_ = out.Close()
		return nil, err
	}
	return p, nil
}

// Read implements [Process].
func (p *process) Read(b []byte) (int, error) { return p.out.Read(b) }

// SetReadDeadline implements [Process].
func (p *process) SetReadDeadline(t time.Time) error { return p.out.SetReadDeadline(t) }

// Stop implements [Process].
func (p *process) Stop() error {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	return p.Finish()
}

// Finish implements [Process].
func (p *process) Finish() error {
	patience := time.AfterFunc(exitPatience, func() { _ = p.cmd.Process.Kill() })
	defer patience.Stop()
	err := p.cmd.Wait()
	_ = p.out.Close()
	if err == nil {
		return nil
	}
	if text := strings.TrimSpace(string(p.stderr.tail)); text != "" {
		return fmt.Errorf("journalctl said: %s", text)
	}
	return err
}

// complaints passes on what is written to it, and keeps the end of it.
type complaints struct {
	hear func(string)
	tail []byte
}

func (c *complaints) Write(p []byte) (int, error) {
	if text := strings.TrimSpace(string(p[max(0, len(p)-stderrMax):])); text != "" {
		c.hear(text)
	}
	c.tail = append(c.tail, p...)
	if n := len(c.tail) - stderrMax; n > 0 {
		c.tail = bytes.Clone(c.tail[n:])
	}
	return len(p), nil
}
