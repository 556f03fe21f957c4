// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestStopWhileACallHangs: a collector that is asked to end while its backend takes an hour over a
// call ends all the same, and what was not accepted arrives after the restart.
func TestStopWhileACallHangs(t *testing.T) {
	t.Parallel()
	server, dir := backends.StartVictoriaLogs(t), t.TempDir()
	gate := backends.NewGate(t, server.URL)
	p := collector(t, dir, gate.URL, strings.Replace(withoutQueue(fileToBackend), "\n    timeout: 1s", "\n    timeout: 2h", 1))
	log, k := filepath.Join(dir, "kern.log"), NewKernLog("n")
	p.Start(t)
	write(t, log, k.Any()...)
	Await(t, server, byName, k.Kills, 0)
	gate.Set(backends.Fault{Delay: time.Hour})
	before := gate.Requests()
	for end := time.Now().Add(patience); gate.Requests() == before && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		write(t, log, k.Any()...)
	}
	for range 20 {
		write(t, log, k.Any()...)
	}
	began := time.Now()
	p.Stop(t)
	took := time.Since(began)
	gate.Set(backends.Fault{})
	p.Start(t)
	row := settle(t, p, server, byName, k.Kills, 0)
	row.Scenario = "stopped while a call hangs, no queue"
	row.Note = fmt.Sprintf("ended %.1f s after SIGTERM, %s", took.Seconds(), peak(p))
	report(t, p, row, 0)
}
