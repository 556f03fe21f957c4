// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
)

// built are the programs under test: the host, and the plugin as it is shipped. FBHOST_SANITIZE=c
// builds the C of both with AddressSanitizer and UndefinedBehaviorSanitizer, which end the host at
// the first finding. Under go test -race the plugin has the race detector in it, which cannot live
// in a shared object: there it is linked into the host.
var built struct {
	dir, host, plugin string
	args, cc          []string
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fbhost")
	if err == nil {
		err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var sanitizers = []string{"-fsanitize=address,undefined", "-fno-sanitize-recover=all"}

func build(dir string) error {
	built.dir = dir
	built.plugin = filepath.Join(dir, "flb-filter_oom_kill.so")
	var cc []string
	env := os.Environ()
	goBuild := []string{"build", "-buildmode=c-shared", "-o", built.plugin}
	switch {
	case os.Getenv("FBHOST_SANITIZE") == "c":
		cc = append(cc, sanitizers...)
		flags := strings.Join(append([]string{"-O1", "-g"}, sanitizers...), " ")
		env = append(env, "CGO_CFLAGS="+flags, "CGO_LDFLAGS="+flags)
	case raceEnabled:
		archive := filepath.Join(dir, "plugin.a")
		cc = append(cc, "-no-pie", "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive", "-lm")
		goBuild = []string{"build", "-race", "-buildmode=c-archive", "-o", archive}
		built.args = []string{"builtin"}
	}
	const p = "github.com/oomtrail/oomtrail/internal/version."
	ldflags := "-X " + p + "version=v1.2.3 -X " + p + "commit=0123abcd -X " + p + "date=2026-05-01T12:00:00Z"
	cmd := exec.Command("go", append(goBuild, "-ldflags", ldflags, "github.com/oomtrail/oomtrail/fluentbit")...)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	var err error
	built.cc = cc
	built.host, err = fbhost.Build(dir, cc...)
	return err
}

// log is what a host wrote to its log so far.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// says waits until the log holds a text; it comes through a pipe of its own.
func (l *log) says(text string) bool {
	for range 100 {
		if strings.Contains(l.String(), text) {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// saysOnce waits until the log holds a text, and reports whether it holds it once.
func (l *log) saysOnce(text string) bool { return l.says(text) && strings.Count(l.String(), text) == 1 }

// start starts a host with the plugin; it is closed, and has to have ended well, when the test
// ends.
func start(t testing.TB, args ...string) (*fbhost.Host, *log) {
	t.Helper()
	return startHost(t, built.host, args...)
}

// hostOf builds a host with definitions of the preprocessor: one of another version.
func hostOf(t testing.TB, definitions ...string) string {
	t.Helper()
	dir, err := os.MkdirTemp(built.dir, "host")
	if err != nil {
		t.Fatal(err)
	}
	program, err := fbhost.Build(dir, append(definitions, built.cc...)...)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// startHost is start with another host.
func startHost(t testing.TB, program string, args ...string) (*fbhost.Host, *log) {
	t.Helper()
	var l log
	env := []string{"GORACE=halt_on_error=1"}
	if slices.Contains(args, "fork") {
		env = append(env, "ASAN_OPTIONS=detect_leaks=0") // the search for leaks hangs in a process that forked
	}
	h, err := fbhost.Start(program, &l, env, append(append(args, built.args...), built.plugin)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("%v\n%s", err, l.String())
		}
	})
	return h, &l
}

// mustInit makes an instance that has to start.
func mustInit(t testing.TB, h *fbhost.Host, l *log, id int, settings ...fbhost.Setting) {
	t.Helper()
	if ret := h.Init(id, settings...); ret != 0 {
		t.Fatalf("init of %v returned %d:\n%s", settings, ret, l.String())
	}
}
