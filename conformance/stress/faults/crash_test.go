// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestKillCollector: kill -9 at random moments, while a writer writes reports line by line, costs
// no kill; what arrives twice carries the same id.
func TestKillCollector(t *testing.T) {
	for _, test := range []struct{ name, config string }{
		{"queue on disk", fileToBackend},
		{"no queue", withoutQueue(fileToBackend)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rounds := times(3, 200)
			row, p := killRounds(t, test.config, rounds, func(string) {})
			row.Scenario = fmt.Sprintf("collector killed %d times, file, %s", rounds, test.name)
			row.Note = peak(p)
			report(t, p, row, 0)
		})
	}
}

// killRounds starts and kills a collector so many times, lets between do something to the log after
// each, and starts it a last time.
func killRounds(t *testing.T, config string, rounds int, between func(log string)) (Row, *Process) {
	t.Helper()
	server, dir := backends.StartVictoriaLogs(t), t.TempDir()
	p := collector(t, dir, server.URL, config)
	log := filepath.Join(dir, "kern.log")
	w := startWriter(t, log)
	for range rounds {
		p.Start(t)
		time.Sleep(rand.N(1200 * time.Millisecond))
		p.Kill()
		w.pause(func() { between(log) })
	}
	kills := w.stop()
	p.Start(t)
	return settle(t, p, server, byName, kills, 0), p
}

// writer writes kills to a log until it is stopped.
type writer struct {
	log  *KernLog
	step chan func() // done between two lines
	end  chan struct{}
	done chan struct{}
}

func startWriter(t *testing.T, path string) *writer {
	t.Helper()
	w := &writer{log: NewKernLog("n"), step: make(chan func()), end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			lines := append(w.log.Any(), w.log.Idle(rand.N(5))...)
			for _, line := range lines {
				if err := appendLine(path, line); err != nil {
					t.Error(err)
					return
				}
				select {
				case do := <-w.step:
					do()
				case <-time.After(rand.N(time.Millisecond)):
				}
			}
			select {
			case <-w.end: // only now, so that the last report is whole
				return
			case do := <-w.step:
				do()
			case <-time.After(rand.N(50 * time.Millisecond)):
			}
		}
	}()
	return w
}

// pause does something while nothing is written, perhaps in the middle of a report.
func (w *writer) pause(do func()) {
	done := make(chan struct{})
	select {
	case w.step <- func() { do(); close(done) }:
		<-done
	case <-w.done:
	}
}

// stop returns the kills that were written.
func (w *writer) stop() []string {
	close(w.end)
	<-w.done
	return w.log.Kills
}

// appendLine writes one line to the file that is at path now, as a logger does that reopens it.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	return f.Close()
}
