// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// hogs are processes that this machine's kernel kills, in a cgroup of their own.
type hogs struct {
	program, name, cgroup string
	mu                    sync.Mutex
	killed                []int // pids
}

// hogNames counts the names of hogs: the kernel's log holds the kills of the tests before.
var hogNames atomic.Int32

// newHogs gives this program a name of its own, by which the kills of others on this machine are
// left out. Where no real kill can be made or read the test is skipped.
func newHogs(t *testing.T) *hogs {
	t.Helper()
	need(t, os.Getuid() == 0, "root, to make a cgroup and to read /dev/kmsg")
	device, err := os.Open("/dev/kmsg")
	need(t, err == nil, fmt.Sprintf("/dev/kmsg: %v", err))
	device.Close()
	cgroup := kmsgtest.MemoryCgroup(t, 16<<20)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("hog-%d-%d", os.Getpid(), hogNames.Add(1))
	program := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	return &hogs{program: program, name: name, cgroup: cgroup}
}

// kill has the kernel kill one, and returns when it is dead.
func (h *hogs) kill(t *testing.T) {
	t.Helper()
	cmd := kmsgtest.NewHog(h.cgroup)
	cmd.Path = h.program
	if err := kmsgtest.RunHog(cmd); err != nil {
		t.Error(err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.killed = append(h.killed, cmd.Process.Pid)
}

// pids returns whom the kernel has killed.
func (h *hogs) pids() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]int(nil), h.killed...)
}

// printedKill is a record of a kill in the form flat, as the output stdout prints it.
type printedKill struct {
	UID      string `json:"log.record.uid"`
	Event    string `json:"event.name"`
	Trust    string `json:"oom.trust"`
	Complete bool   `json:"oom.report.complete"`
	PID      int    `json:"process.pid"`
	Name     string `json:"process.title"`
	line     string
}

// differences returns the fields in which a copy differs. All have to be equal, but for the advice,
// which goes by what the process has seen before. That also proves that the kernel printed no
// report of a kill, so of those without one only what tells them apart is compared.
func (k printedKill) differences(of printedKill) (fields []string) {
	var one, other map[string]any
	if json.Unmarshal([]byte(k.line), &one) != nil || json.Unmarshal([]byte(of.line), &other) != nil {
		return []string{"not JSON"}
	}
	bare := one["oom.report.lines"] == 1.0
	for _, r := range []map[string]any{one, other} {
		delete(r, "oom.diagnosis.advice")
		if bare {
			maps.DeleteFunc(r, func(name string, _ any) bool {
				return !slices.Contains([]string{"date", "time", "event.name", "log.record.uid", "process.pid", "oom.trust"}, name)
			})
		}
	}
	for name := range other {
		if _, ok := one[name]; !ok {
			fields = append(fields, fmt.Sprintf("no %s", name))
		}
	}
	for name, value := range one {
		if !reflect.DeepEqual(value, other[name]) {
			fields = append(fields, fmt.Sprintf("%s: %v, %v", name, other[name], value))
		}
	}
	return fields
}

// in returns the records of these processes' kills in what Fluent Bit has printed, in that order.
func (h *hogs) in(stdout string) (kills []printedKill) {
	for line := range strings.Lines(stdout) {
		k := printedKill{line: line}
		if json.Unmarshal([]byte(line), &k) == nil && k.Event == "oom.kill" && k.Name == h.name {
			kills = append(kills, k)
		}
	}
	return kills
}

// all reports whether each kill has a record.
func (h *hogs) all(stdout string) bool {
	have := make(map[int]bool)
	for _, k := range h.in(stdout) {
		have[k.PID] = true
	}
	for _, pid := range h.pids() {
		if !have[pid] {
			return false
		}
	}
	return true
}

// check compares what Fluent Bit has printed with whom the kernel has killed: each kill has one id,
// and its copies are equal. It returns how many kills there were, and how many
// copies.
func (h *hogs) check(t *testing.T, stdout string) (kills, repeats int) {
	t.Helper()
	first := make(map[int]printedKill)
	for _, k := range h.in(stdout) {
		before, again := first[k.PID]
		switch {
		case !again:
			first[k.PID] = k
			if k.Trust != "verified" {
				t.Errorf("the kill of %d is %q: %.300s", k.PID, k.Trust, k.line)
			}
			continue
		case before.UID != k.UID:
			t.Errorf("the kill of %d has the ids %s and %s:\n%s%s", k.PID, before.UID, k.UID, before.line, k.line)
		case k.differences(before) != nil:
			t.Errorf("a copy of the record of %d differs: %q", k.PID, k.differences(before))
		}
		repeats++
	}
	pids := h.pids()
	for _, pid := range pids {
		if _, ok := first[pid]; !ok {
			t.Errorf("the kill of %d has no record", pid)
		}
		delete(first, pid)
	}
	for pid, k := range first {
		t.Errorf("a record of %d, which was not killed: %.300s", pid, k.line)
	}
	if len(pids) == 0 {
		t.Error("the kernel has killed nobody")
	}
	return len(pids), repeats
}
