// SPDX-License-Identifier: Apache-2.0

//go:build !js

package unpack

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// runProgram is [kind.run] where there are programs.
func (k *kind) runProgram(r io.Reader, name, file, remedy string) (io.ReadCloser, error) {
	args := make([]string, 0, len(k.program))
	opensFile := false
	for _, arg := range k.program {
		opensFile = opensFile || strings.Contains(arg, "FILE")
		args = append(args, strings.Replace(arg, "FILE", file, 1))
	}
	if opensFile && file == "" {
		return nil, fmt.Errorf("cannot read %s: it is %s: name the file, in place of piping it in", name, k.what)
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: it is %s, and %s is not installed: %s", name, k.what, args[0], remedy)
	}
	stdin := r
	if opensFile {
		stdin = nil
	}
	return start(exec.Command(program, args[1:]...), stdin, name)
}

// Run returns what a program prints; name is what to call that.
func Run(name, program string, args ...string) (io.ReadCloser, error) {
	return start(exec.Command(program, args...), nil, name)
}

// start runs a program that reads stdin, if there is one.
func start(cmd *exec.Cmd, stdin io.Reader, name string) (io.ReadCloser, error) {
	cmd.WaitDelay = time.Second // it need not wait for the rest of an input that is of no use any more
	p := &piped{cmd: cmd, name: name}
	cmd.Stdin, cmd.Stderr = stdin, &p.said
	var err error
	if p.out, err = cmd.StdoutPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s with %s: %w", name, cmd.Args[0], err)
	}
	return p, nil
}

// piped is what a program prints. That it failed is an error at the end.
type piped struct {
	cmd  *exec.Cmd
	out  io.Reader
	said limited
	name string
	err  error
}

func (p *piped) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.out.Read(b)
	if err == nil {
		return n, nil
	}
	p.err = err
	if failed := p.cmd.Wait(); failed != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(p.said.String()), "\n")
		p.err = fmt.Errorf("cannot read %s: %s ended with %w: %s", p.name, p.cmd.Args[0], failed, said)
	}
	return n, p.err
}

// Close ends the program, if it still runs.
func (p *piped) Close() error {
	if p.err == nil {
		p.err = io.EOF
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
	return nil
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	const most = 4 << 10
	if room := most - l.Len(); room > 0 {
		l.Buffer.Write(b[:min(len(b), room)])
	}
	return len(b), nil
}
