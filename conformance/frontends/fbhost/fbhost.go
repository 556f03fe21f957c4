// SPDX-License-Identifier: Apache-2.0

// Package fbhost loads a Fluent Bit plugin the way Fluent Bit does, without
// Fluent Bit: host.c is the host, this package is what a test drives it with.
package fbhost

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Host is a running host with one plugin loaded. It is for one goroutine.
type Host struct {
	cmd *exec.Cmd
	in  *bufio.Writer
	out *bufio.Reader
	end io.Closer
	err error
}

// Answer is what a filter callback gave back.
type Answer struct {
	// Return is the callback's value: 1 modified, 2 not touched.
	Return int
	// Wrote is true when it wrote to *out or *out_size.
	Wrote bool
	// Out is the new chunk.
	Out []byte
}

// The callback's values.
const (
	Modified = 1
	NoTouch  = 2
)

// Setting is one line of a configuration.
type Setting struct{ Key, Value string }

// Start starts the host program with its arguments, the last of which is the .so. The host's log
// goes to log; env is added to the environment.
func Start(program string, log io.Writer, env []string, args ...string) (*Host, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = log
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &Host{cmd: cmd, in: bufio.NewWriter(in), out: bufio.NewReader(out), end: in}, nil
}

// PID returns the host's process id.
func (h *Host) PID() int { return h.cmd.Process.Pid }

// Close ends the host and returns what went wrong with it, if anything did.
func (h *Host) Close() error {
	h.end.Close()
	if err := h.cmd.Wait(); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	return h.err
}

// Err returns why the host answers no more, nil while it does.
func (h *Host) Err() error { return h.err }

// Init makes instance id with these settings and returns what init returned.
func (h *Host) Init(id int, settings ...Setting) int {
	h.command('N', id)
	h.settings(settings)
	return h.answer()
}

// Check has settings checked without an instance, and returns what the check returned.
func (h *Host) Check(settings ...Setting) int {
	h.in.WriteByte('C')
	h.settings(settings)
	return h.answer()
}

func (h *Host) settings(settings []Setting) {
	h.number(len(settings))
	for _, s := range settings {
		h.bytes([]byte(s.Key))
		h.bytes([]byte(s.Value))
	}
}

// Input is what the host says a chunk comes from.
type Input struct {
	// Output is set where it is an output: its processors run without an input.
	Output bool
	// Name is the host's name for it, as in systemd.0; "" for no input at all.
	Name string
	// Alias is the name that the configuration gives it, "" for none.
	Alias string
}

// Filter gives instance id one chunk of an input.
func (h *Host) Filter(id int, from Input, tag string, chunk []byte) Answer {
	h.command('F', id)
	isOutput := 0
	if from.Output {
		isOutput = 1
	}
	h.number(isOutput)
	h.bytes([]byte(from.Name))
	h.bytes([]byte(from.Alias))
	h.bytes([]byte(tag))
	h.bytes(chunk)
	return Answer{Return: h.answer(), Wrote: h.answer() != 0, Out: []byte(h.text())}
}

// Exit ends instance id and returns what exit returned.
func (h *Host) Exit(id int) int {
	h.command('X', id)
	return h.answer()
}

// Life is what the callbacks of an output returned.
type Life struct {
	Register, Init int
	// Workers is how many threads the host makes for it, of one that the settings ask for.
	Workers int
	// Flushes are the last answers, where a chunk that is to come again does.
	Flushes []int
	Exit    int
	// Late is what a flush behind the exit returned.
	Late int
	// Metrics are a line for each: name{label=value,...} number.
	Metrics string
}

// Output starts an output with settings, gives it chunks, ends it, and gives it the last one again.
func (h *Host) Output(tag string, chunks [][]byte, settings ...Setting) (l Life) {
	h.in.WriteByte('O')
	h.settings(settings)
	h.bytes([]byte(tag))
	h.number(len(chunks))
	for _, chunk := range chunks {
		h.bytes(chunk)
	}
	l.Register, l.Init, l.Workers = h.answer(), h.answer(), h.answer()
	for range chunks {
		l.Flushes = append(l.Flushes, h.answer())
	}
	l.Exit, l.Late = h.answer(), h.answer()
	l.Metrics = h.text()
	return l
}

// Job is the work of one thread: an instance, a tag and a chunk that it is given so many times.
type Job struct {
	ID    int
	Tag   string
	Chunk []byte
	Times int
}

// Parallel does jobs in threads of their own. It returns how much processor time the host used,
// also in the plugin's own threads, and how many bytes each job put out.
func (h *Host) Parallel(jobs ...Job) (time.Duration, []int) {
	h.in.WriteByte('P')
	h.number(len(jobs))
	for _, j := range jobs {
		h.number(j.ID)
		h.bytes([]byte(j.Tag))
		h.bytes(j.Chunk)
		h.number(j.Times)
	}
	used := time.Duration(uint32(h.answer())) * time.Microsecond
	bytes := make([]int, len(jobs))
	for i := range bytes {
		bytes[i] = int(uint32(h.answer()))
	}
	return used, bytes
}

// command begins a command to an instance; number and bytes write its arguments.
func (h *Host) command(c byte, id int) {
	h.in.WriteByte(c)
	h.number(id)
}

func (h *Host) number(n int) {
	h.in.Write(binary.NativeEndian.AppendUint32(nil, uint32(n)))
}

func (h *Host) bytes(b []byte) {
	h.number(len(b))
	h.in.Write(b)
}

// answer sends what was written and reads a number of the answer. After an error every answer is
// -1.
func (h *Host) answer() int {
	if err := h.in.Flush(); err != nil && h.err == nil {
		h.err = err
	}
	var b [4]byte
	h.read(b[:])
	if h.err != nil {
		return -1
	}
	return int(int32(binary.NativeEndian.Uint32(b[:])))
}

// text reads a text of the answer.
func (h *Host) text() string {
	n := h.answer()
	if n <= 0 {
		return ""
	}
	b := make([]byte, n)
	h.read(b)
	return string(b)
}

func (h *Host) read(b []byte) {
	if _, err := io.ReadFull(h.out, b); err != nil && h.err == nil {
		h.err = fmt.Errorf("the host gave no answer: %w", err)
	}
}
