// SPDX-License-Identifier: Apache-2.0

// Package e2e runs the shipped configurations in a real Fluent Bit, on real captures.
package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// fluentBit is the program that FLUENT_BIT names, else the one on the PATH, "" when there is none.
func fluentBit() string {
	if p := os.Getenv("FLUENT_BIT"); p != "" {
		return p
	}
	p, _ := exec.LookPath("fluent-bit")
	return p
}

// need skips the test where something it needs is not on this machine.
func need(t *testing.T, there bool, what string) {
	t.Helper()
	if !there {
		t.Skipf("NOT RUN: this test needs %s", what)
	}
}

// needFluentBit returns the program to test. Where there is none the test is skipped.
func needFluentBit(t *testing.T) string {
	t.Helper()
	program := fluentBit()
	need(t, program != "", "Fluent Bit: put fluent-bit on the PATH or name it by FLUENT_BIT")
	return program
}

// version returns the program's version, "5.1.1".
func version(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program, "--version").Output()
	m := regexp.MustCompile(`v(\d+\.\d+\.\d+)`).FindSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("%s --version: %v, %q", program, err, out)
	}
	return string(m[1])
}

// pluginDir builds the plugin, once, and returns its directory.
var pluginDir = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "oomtrail-e2e")
	if err != nil {
		return "", err
	}
	built = dir
	file := filepath.Join(dir, "flb-filter_oom_kill.so")
	if out, err := exec.Command("go", "build", "-buildmode=c-shared", "-o", file, "github.com/oomtrail/oomtrail/fluentbit").CombinedOutput(); err != nil {
		return dir, fmt.Errorf("building the plugin: %w\n%s", err, out)
	}
	for _, link := range []string{"out_oom_kill.so", "flb-in_oom_kill.so"} {
		if err := os.Symlink(filepath.Base(file), filepath.Join(dir, link)); err != nil {
			return dir, err
		}
	}
	return dir, nil
})

// built is the directory of pluginDir, "" where no test has asked for the plugin.
var built string

func TestMain(m *testing.M) {
	kmsgtest.BeHog()
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// place is where a shipped configuration runs in a test: its own directory, and what stands for the
// paths and servers that the file names.
type place struct {
	dir     string
	kernLog string
	journal string
	port    string // of the recorder, on 127.0.0.1
}

// configure copies a shipped configuration, and the plugins file, to the place, and returns its
// path.
func (p place) configure(t *testing.T, name string) string {
	t.Helper()
	plugins, err := pluginDir()
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.NewReplacer(
		"/usr/local/lib/fluent-bit", plugins,
		"/var/lib/fluent-bit", p.dir,
		"/var/log/kern.log", p.kernLog,
	)
	server := regexp.MustCompile(`(?im)^(\s+host:?\s+)(loki|elasticsearch|pager)$`)
	port := regexp.MustCompile(`(?im)^(\s+port:?\s+)\d+$`)
	journal := regexp.MustCompile(`(?im)^(\s+)(systemd_filter)(:?)(\s+)(.*)$`)
	for _, file := range []string{name, "plugins.conf"} {
		b, err := os.ReadFile(filepath.Join("../../../fluentbit/conf", file))
		if err != nil {
			t.Fatal(err)
		}
		text := replace.Replace(string(b))
		text = server.ReplaceAllString(text, "${1}127.0.0.1")
		text = port.ReplaceAllString(text, "${1}"+p.port)
		text = journal.ReplaceAllString(text, "${1}${2}${3}${4}${5}\n${1}path${3}${4}"+p.journal)
		if err := os.WriteFile(filepath.Join(p.dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(p.dir, name)
}

// process is a running Fluent Bit.
type process struct {
	cmd    *exec.Cmd
	done   chan error
	stdout text // records, where the output is stdout
	stderr text // its own log
}

// text is what a process has printed to one of its outputs.
type text struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps what the process prints.
func (x *text) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buf.Write(b)
}

// String returns what was printed until now.
func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buf.String()
}

// output is all that Fluent Bit has printed: its log, then its records. Those are printed in
// pieces, which would stand between the lines of the log.
func (p *process) output() string { return p.stderr.String() + "\n" + p.stdout.String() }

// run starts Fluent Bit with a configuration. kmsg, when it is set, stands in for /dev/kmsg, in a
// mount namespace of the process's own.
func run(t *testing.T, program, config, kmsg string) *process {
	t.Helper()
	p := &process{done: make(chan error, 1)}
	p.cmd = exec.Command(program, "-c", config)
	if kmsg != "" {
		p.cmd = exec.Command("sh", "-c", `mount --make-rprivate / && mount --bind "$0" /dev/kmsg && exec "$1" -c "$2"`, kmsg, program, config)
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	}
	p.cmd.Dir = filepath.Dir(config)
	p.cmd.Env = append(os.Environ(), "HOSTNAME=node-1")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// stop asks Fluent Bit to end, and waits until it has.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		if err != nil {
			t.Errorf("Fluent Bit ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Fluent Bit did not end within 20 s of SIGTERM")
	}
}
