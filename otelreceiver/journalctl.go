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
	stderr tailBuffer
}

// startJournalctl runs the command.
func startJournalctl(cfg *JournaldConfig, args []string) (journalReader, error) {
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	j := &journalctl{cmd: exec.Command(cfg.JournalctlPath, args...), out: out}
	j.cmd.Stdout, j.cmd.Stderr = childOut, &j.stderr
	// A child of journalctl that keeps standard error open must not keep us waiting.
	j.cmd.WaitDelay = time.Second
	if cfg.RootPath != "" {
		if err := chroot(j.cmd, cfg.RootPath); err != nil {
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
	err := j.cmd.Wait()
	_ = j.out.Close()
	if text := strings.TrimSpace(string(j.stderr)); text != "" {
		return fmt.Errorf("journalctl said: %s", text)
	}
	return err
}

// tailBuffer keeps the end of what is written to it.
type tailBuffer []byte

func (b *tailBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	if n := len(*b) - stderrMax; n > 0 {
		*b = bytes.Clone((*b)[n:])
	}
	return len(p), nil
}
