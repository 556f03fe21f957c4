// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is how long a server may take until it is ready: a Loki waits for its ring.
const patience = 90 * time.Second

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
