// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stderrMax is how much of journalctl's complaints is kept.
const stderrMax = 4 << 10

// journalctl is the running command.
type journalctl struct {
	cmd    *exec.Cmd
	out    *os.File
	stderr complaints
}

// exitPatience is how long a command that has closed its output may take to end.
const exitPatience = time.Second

// startJournalctl runs the command in a root directory, "" for the process's own. told hears what
// it complains of, as it does: without a journal to read, it waits for one in silence otherwise.
func startJournalctl(cfg *JournaldConfig, root string, args []string, told func(string)) (journalReader, error) {
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	j := &journalctl{cmd: exec.Command(cfg.JournalctlPath, args...), out: out, stderr: complaints{told: told}}
	j.cmd.Stdout, j.cmd.Stderr = childOut, &j.stderr
	// A child of journalctl that keeps standard error open must not keep us waiting.
	j.cmd.WaitDelay = time.Second
	if root != "" {
		if err := chroot(j.cmd, root); err != nil {
			return nil, errors.Join(err, out.Close(), childOut.Close())
		}
	}
	err = j.cmd.Start()
	_ = childOut.Close() // the child has its own
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("%w: name the command by its full path, or read the kernel log with source: kmsg", err)
	}
	return j, nil
}

func (j *journalctl) Read(p []byte) (int, error)        { return j.out.Read(p) }
func (j *journalctl) SetReadDeadline(t time.Time) error { return j.out.SetReadDeadline(t) }

func (j *journalctl) stop() error {
	_ = j.cmd.Process.Kill() // it may have ended by itself
	return j.finish()
}

func (j *journalctl) finish() error {
	patience := time.AfterFunc(exitPatience, func() { _ = j.cmd.Process.Kill() })
	defer patience.Stop()
	err := j.cmd.Wait()
	_ = j.out.Close()
	if err == nil {
		return nil
	}
	if text := strings.TrimSpace(string(j.stderr.tail)); text != "" {
		return fmt.Errorf("journalctl said: %s", text)
	}
	return err
}

// complaints passes on what is written to it, and keeps the end of it.
type complaints struct {
	told func(string)
	tail []byte
}

func (c *complaints) Write(p []byte) (int, error) {
	if text := strings.TrimSpace(string(p[max(0, len(p)-stderrMax):])); text != "" {
		c.told(text)
	}
	c.tail = append(c.tail, p...)
	if n := len(c.tail) - stderrMax; n > 0 {
		c.tail = bytes.Clone(c.tail[n:])
	}
	return len(p), nil
}
