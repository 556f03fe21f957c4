// SPDX-License-Identifier: Apache-2.0

package kmsgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// cgroups counts the cgroups that this process has made: each has a name of its own.
var cgroups atomic.Int32

// MemoryCgroup makes a cgroup whose members may use limit bytes, below the test's own, and removes
// it at the test's end. Where it cannot, the test is skipped.
func MemoryCgroup(t testing.TB, limit int) string {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("NOT RUN: no cgroups here: ", err)
	}
	parent, file := "", ""
	for line := range strings.Lines(string(own)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		if fields[1] == "memory" {
			parent, file = filepath.Join("/sys/fs/cgroup/memory", fields[2]), "memory.limit_in_bytes"
		} else if fields[0] == "0" && parent == "" {
			parent, file = filepath.Join("/sys/fs/cgroup", fields[2]), "memory.max"
		}
	}
	cgroup := filepath.Join(parent, fmt.Sprintf("oomtrail-test-%d-%d", os.Getpid(), cgroups.Add(1)))
	if err := os.Mkdir(cgroup, 0o755); err != nil {
		t.Skip("NOT RUN: no memory cgroup can be made here: ", err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(time.Minute); os.Remove(cgroup) != nil; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Error("the cgroup cannot be removed: ", cgroup)
				return
			}
		}
	})
	if err := os.WriteFile(filepath.Join(cgroup, file), []byte(strconv.Itoa(limit)), 0); err != nil {
		t.Skip("NOT RUN: no memory limit can be set here: ", err)
	}
	swap := map[string]string{"memory.max": "memory.swap.max", "memory.limit_in_bytes": "memory.swappiness"}[file]
	if err := os.WriteFile(filepath.Join(cgroup, swap), []byte("0"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Skip("NOT RUN: swap cannot be turned off here: ", err)
	}
	return cgroup
}

// Join makes this process a member of a cgroup.
func Join(cgroup string) error {
	return os.WriteFile(filepath.Join(cgroup, "cgroup.procs"), []byte("0"), 0)
}

// Take takes memory, and holds it until the process ends.
func Take(mib int) error {
	for range mib {
		if _, err := syscall.Mmap(-1, 0, 1<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_POPULATE); err != nil {
			return err
		}
	}
	return nil
}

// In the environment of a test program that is started again, hogVariable names the cgroup that it
// is to fill, headVariable how many MiB it takes at once, and paceVariable how long it takes for
// each one after that.
const (
	hogVariable  = "OOMTRAIL_HOG_CGROUP"
	headVariable = "OOMTRAIL_HOG_HEAD"
	paceVariable = "OOMTRAIL_HOG_PACE"
)

// NewHog returns a process, still to be started, that takes memory in a cgroup until the kernel
// kills it: the test program itself, which calls [BeHog].
func NewHog(cgroup string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), hogVariable+"="+cgroup)
	return cmd
}

// NewLeak is NewHog with a process that takes head MiB at once, and then one in each pace of time.
func NewLeak(cgroup string, head int, pace time.Duration) *exec.Cmd {
	cmd := NewHog(cgroup)
	cmd.Env = append(cmd.Env, headVariable+"="+strconv.Itoa(head), paceVariable+"="+pace.String())
	return cmd
}

// BeHog takes memory until the kernel kills the process, if it is one of [NewHog] or [NewLeak].
func BeHog() {
	cgroup := os.Getenv(hogVariable)
	if cgroup == "" {
		return
	}
	const enough = 1 << 10
	err := Join(cgroup)
	head, _ := strconv.Atoi(os.Getenv(headVariable)) // 0 for none, as is pace
	pace, _ := time.ParseDuration(os.Getenv(paceVariable))
	for taken := 0; err == nil && taken < enough; taken++ {
		if err = Take(1); taken >= head {
			time.Sleep(pace)
		}
	}
	if err == nil {
		err = errors.New("the limit does not hold")
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// IsKilled reports whether an error says that SIGKILL has ended a process.
func IsKilled(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
}

// The kernel keeps back its reports beyond ten in a window of five seconds (oom_rs of
// mm/oom_kill.c), as where the tests of other packages have it kill, too.
const (
	reportWindow = 5 * time.Second
	attempts     = 5
)

// UntilReported has a test attempt to have the kernel kill until an attempt returns true: that the
// kernel has [Reported] the kill. After one in vain it waits until the window is over in which the
// report was kept back. The test fails where none of five is reported.
func UntilReported(t testing.TB, attempt func() (reported bool)) {
	t.Helper()
	for n := range attempts {
		if n > 0 {
			time.Sleep(reportWindow)
		}
		if attempt() {
			return
		}
	}
	t.Errorf("the kernel has kept back the reports of %d kills: others on this machine have it kill more than ten times in %v", attempts, reportWindow)
}

// Reported reports whether the kernel's log has more of a kill than its last line. Kernels before
// 4.19 print no line to see it by: true.
func Reported(t testing.TB, pid int) bool {
	t.Helper()
	fd, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err) // the test reads it as well
	}
	defer func() { _ = syscall.Close(fd) }()
	prints, buf := false, make([]byte, 8<<10)
	for {
		n, err := syscall.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return !prints
		case err != nil:
			t.Fatal(err)
		case strings.Contains(string(buf[:n]), ";oom-kill:"):
			if prints = true; strings.Contains(string(buf[:n]), ",pid="+strconv.Itoa(pid)+",") {
				return true
			}
		}
	}
}

// RunHog runs a process of [NewHog]. It returns an error where the kernel does not kill it.
func RunHog(hog *exec.Cmd) error {
	out, err := hog.CombinedOutput()
	if !IsKilled(err) {
		return fmt.Errorf("the kernel has not killed it: %w: %s", err, out)
	}
	return nil
}
