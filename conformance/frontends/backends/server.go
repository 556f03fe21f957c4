// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"cmp"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is how long a server may take until it is ready: a Loki waits for its ring.
const patience = 90 * time.Second

// Program returns the path of a program: that of an environment variable, else the one of that name
// on the PATH. The test is skipped where there is none, and fails where the variable names what
// cannot be run. hint follows the program's name where it is missing.
func Program(t testing.TB, variable, name, hint string) string {
	t.Helper()
	program := cmp.Or(os.Getenv(variable), name)
	path, err := exec.LookPath(program)
	switch {
	case err != nil && program == name:
		t.Skipf("NOT RUN: there is no %s on the PATH%s, and %s does not name one", name, hint, variable)
	case err != nil:
		t.Fatalf("%s=%s cannot be run: %v", variable, program, err)
	}
	return path
}

// server is a program that runs until a test ends. It holds what the program prints, and is safe
// for concurrent use.
type server struct {
	mu     sync.Mutex
	output bytes.Buffer
}

// serve runs a program until the test ends, and returns when it answers at ready, a URL, with 200.
// The test fails where the program ends before.
func (s *server) serve(t testing.TB, ready, program string, args ...string) {
	t.Helper()
	name := filepath.Base(program)
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = s, s
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s does not start: %v", name, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its output says why
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // its storage goes with the test
		<-ended
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("%s %q has ended:\n%s", name, args, s)
		default:
		}
		if res, err := http.Get(ready); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("%s is not ready after %s:\n%s", name, patience, s)
}

// Write takes what the program prints.
func (s *server) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(b)
}

// String returns what the program has printed.
func (s *server) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}
