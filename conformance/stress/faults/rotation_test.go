// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// kept is how many rotated logs there are, as logrotate counts them.
const kept = 6

// rename rotates a log as logrotate does with delaycompress: kern.log.1 stays as it is, the older
// ones are compressed.
func rename(t *testing.T, log string) {
	t.Helper()
	for n := kept; n >= 2; n-- {
		move(t, fmt.Sprintf("%s.%d.gz", log, n), fmt.Sprintf("%s.%d.gz", log, n+1))
	}
	_ = os.Remove(fmt.Sprintf("%s.%d.gz", log, kept+1)) // not there at first
	if text, err := os.ReadFile(log + ".1"); err == nil {
		compress(t, log+".2.gz", text)
	}
	move(t, log, log+".1")
}

// truncate rotates a log as logrotate does with copytruncate.
func truncate(t *testing.T, log string) {
	t.Helper()
	for n := kept; n >= 1; n-- {
		move(t, fmt.Sprintf("%s.%d", log, n), fmt.Sprintf("%s.%d", log, n+1))
	}
	text, err := os.ReadFile(log)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err == nil {
		err = os.WriteFile(log+".1", text, 0o600)
	}
	if err == nil {
		err = os.Truncate(log, 0)
	}
	if err != nil {
		t.Error(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func compress(t *testing.T, path string, text []byte) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Error(err)
		return
	}
	z := gzip.NewWriter(f)
	_, err = z.Write(text)
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

var rotations = []struct {
	name   string
	rotate func(*testing.T, string)
}{{"renamed and compressed", rename}, {"copied and truncated", truncate}}

// TestRotation: a log that is rotated while kills are written to it, perhaps in the middle of a
// report, loses none.
func TestRotation(t *testing.T) {
	for _, r := range rotations {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			p := collector(t, dir, server.URL, fileToBackend)
			p.Start(t)
			log := filepath.Join(dir, "kern.log")
			w := startWriter(t, log)
			n := times(8, 200)
			for range n {
				time.Sleep(300 * time.Millisecond)
				w.pause(func() { r.rotate(t, log) })
			}
			row := settle(t, p, server, byName, w.stop(), 0)
			row.Scenario = fmt.Sprintf("log %s %d times under load", r.name, n)
			row.Note = peak(p)
			report(t, p, row, 0)
		})
	}
}

// TestRotationOfTheDead: the same while the collector is dead.
func TestRotationOfTheDead(t *testing.T) {
	needFull(t)
	for _, r := range rotations {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			const rounds = 50
			row, p := killRounds(t, fileToBackend, rounds, func(log string) { r.rotate(t, log) })
			row.Scenario = fmt.Sprintf("collector killed %d times, log %s each time", rounds, r.name)
			row.Note = peak(p)
			report(t, p, row, 0)
		})
	}
}
