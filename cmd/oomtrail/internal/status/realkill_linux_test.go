// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/watch"
)

// TestMain is also the processes that the kernel chooses among.
func TestMain(m *testing.M) {
	if arguments := os.Getenv("OOMTRAIL_HOLD"); arguments != "" {
		fmt.Fprintln(os.Stderr, hold(strings.Fields(arguments)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// hold joins a cgroup with an adjustment, takes memory, says so on standard output, and waits.
func hold(arguments []string) error {
	cgroup, adjustment := arguments[0], arguments[1]
	mib, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte(adjustment), 0); err != nil {
		return err
	}
	if err := kmsgtest.Join(cgroup); err != nil {
		return err
	}
	if err := kmsgtest.Take(mib); err != nil {
		return err
	}
	fmt.Println("holds")
	time.Sleep(time.Minute) // more than the test takes
	return nil
}

// holder is a process of the test.
type holder struct {
	*exec.Cmd
	ended chan struct{}
}

// newHolder starts one and returns when it holds its memory, or has ended.
func newHolder(t *testing.T, cgroup string, adjustment, mib int) *holder {
	t.Helper()
	h := &holder{exec.Command(os.Args[0]), make(chan struct{})}
	h.Stderr = os.Stderr
	h.Env = append(os.Environ(), fmt.Sprintf("OOMTRAIL_HOLD=%s %d %d", cgroup, adjustment, mib))
	out, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = out.Read(make([]byte, 8)) // or it was killed
	go func() {
		_ = h.Wait()
		close(h.ended)
	}()
	t.Cleanup(func() {
		_ = h.Process.Kill() // or the kernel has done it
		<-h.ended
	})
	return h
}

// TestNextIsTheVictim: whom the ranking has first at a cgroup's limit, this machine's kernel kills.
// An adjustment weighs by the limit there, and not by the machine's memory.
func TestNextIsTheVictim(t *testing.T) {
	const limit = 112 << 20
	for _, c := range []struct {
		name          string
		first, second [2]int // adjustment and MiB
		want          int
	}{
		{"the larger", [2]int{0, 40}, [2]int{0, 32}, 0},
		{"adjusted enough", [2]int{0, 40}, [2]int{300, 32}, 1},
		{"adjusted too little", [2]int{0, 40}, [2]int{40, 32}, 0},
		{"spared", [2]int{-1000, 40}, [2]int{0, 32}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.first[0] < 0 {
				mayLower(t)
			}
			cgroup := kmsgtest.MemoryCgroup(t, limit)
			holders := []*holder{newHolder(t, cgroup, c.first[0], c.first[1]), newHolder(t, cgroup, c.second[0], c.second[1])}
			newHolder(t, cgroup, 0, 18)

			system := watch.At("")
			h, err := system.Hierarchy()
			if err != nil {
				t.Fatal(err) // memory was limited a moment ago
			}
			var asked filter.Filter
			i := slices.IndexFunc(filter.Subjects, func(s filter.Subject) bool { return s.Name == "cgroup" })
			if err := asked.Add(&filter.Subjects[i], strings.TrimPrefix(cgroup, h.Dir)); err != nil {
				t.Fatal(err)
			}
			collector := Collector{System: system, Filter: &asked, Location: time.UTC}
			s := collector.Collect(time.Now())
			if s.Next.Scope != "cgroup" || *s.Next.Limit != limit || len(s.Next.Processes) == 0 || s.Cgroups[0].Next == nil {
				t.Fatalf("%+v", s.Next)
			}
			first, want := s.Next.Processes[0].PID, holders[c.want]
			if first != want.Process.Pid || s.Cgroups[0].Next.PID != first {
				t.Errorf("%d would be next, want %d: %+v", first, want.Process.Pid, s.Next.Processes)
			}
			log := kernelLog(t)
			newHolder(t, cgroup, 0, 64) // it is the largest only once another one was killed
			<-want.ended
			if pid := firstKilled(t, log); pid != first {
				t.Errorf("the kernel killed %d, and not %d", pid, first)
			}
		})
	}
}

// mayLower skips the test where adjustments below 0 are not allowed (CAP_SYS_RESOURCE).
func mayLower(t *testing.T) {
	t.Helper()
	const file = "/proc/self/oom_score_adj"
	before, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte("-1000"), 0)
	}
	if err != nil {
		t.Skip("NOT RUN: no process can be spared here: ", err)
	}
	if err := os.WriteFile(file, bytes.TrimSpace(before), 0); err != nil {
		t.Fatal(err)
	}
}

// kernelLog opens the kernel's log at its end.
func kernelLog(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("NOT RUN: the kernel log of this machine cannot be read: ", err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if _, err := syscall.Seek(fd, 0, 2); err != nil {
		t.Fatal(err)
	}
	return fd
}

// firstKilled returns the first process of this test's name that a log says the kernel killed. Once
// its memory is on the way back, the kernel may choose a second one.
func firstKilled(t *testing.T, log int) int {
	t.Helper()
	buf := make([]byte, 8192)
	for {
		n, err := syscall.Read(log, buf)
		if err != nil {
			t.Fatal("the log has no kill: ", err)
		}
		_, after, found := strings.Cut(string(buf[:n]), "Killed process ")
		if pid, name, ok := strings.Cut(after, " "); found && ok && strings.HasPrefix(name, "("+filepath.Base(os.Args[0])[:min(15, len(filepath.Base(os.Args[0])))]) {
			number, err := strconv.Atoi(pid)
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
}
