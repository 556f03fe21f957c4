// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestDiskFull: with no room for checkpoints kills still arrive; after a kill -9 they may come
// again. An exporter's queue on the full disk is another matter: what it accepted before, it may
// drop when it cannot write that it took it out (collector 0.158). That is told, and is no reason
// to lose what comes after there is room again.
func TestDiskFull(t *testing.T) {
	for _, test := range []struct {
		name, config string
		needsRoom    bool // a checkpoint alone finds room in the pages that its file has
	}{
		{"queue on the same disk", fileToBackend, true},
		{"no queue", withoutQueue(fileToBackend), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			gate := backends.NewGate(t, server.URL)
			state := filepath.Join(dir, "state")
			p := collector(t, dir, gate.URL, test.config)
			if err := syscall.Mount("tmpfs", state, "tmpfs", 0, "size=2m"); err != nil {
				t.Skip("NOT RUN: a small file system needs root: ", err)
			}
			t.Cleanup(func() {
				p.Kill()
				if err := syscall.Unmount(state, 0); err != nil {
					t.Error(err)
				}
			})
			log, k := filepath.Join(dir, "kern.log"), NewKernLog("n")
			kills := func(n int) {
				for range n {
					write(t, log, k.Any()...)
					time.Sleep(20 * time.Millisecond)
				}
			}
			p.Start(t)
			p.Ready(t, patience)
			filler := filepath.Join(state, "filler")
			fill(t, filler)
			kills(5)
			gate.Set(backends.Fault{Down: true}) // so that the queue needs room
			kills(times(50, 500))
			p.Kill()
			p.Start(t) // with the disk still full
			kills(5)
			time.Sleep(2 * time.Second)
			gate.Set(backends.Fault{})
			time.Sleep(time.Second)
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			kills(5)
			lost := 0
			if test.needsRoom {
				lost = Await(t, server, byName, k.Kills, 0).Lost
			}
			kills(5)
			row := settle(t, p, server, byName, k.Kills, lost)
			row.Scenario = "disk full for the storage extension, " + test.name
			row.Note = "backend down and collector killed meanwhile, " + peak(p)
			if test.needsRoom && !strings.Contains(string(p.Said()), "no space left on device") {
				t.Errorf("nothing told of the full disk:\n%s", p.Tail())
			}
			if lost > 0 {
				row.Note += ", lost by the exporter's queue, told by it"
				told(t, p, "Error deleting item from queue", false, nil)
			}
			report(t, p, row, lost)
		})
	}
}

// fill writes a file until there is no room any more.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
}
