// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hogVariable names, in the environment of this program started again, the cgroup that it is to
// fill until it is killed.
const hogVariable = "OOMTRAIL_FAULTS_HOG"

// hogLimit is how many bytes a cgroup of these tests may use.
const hogLimit = 16 << 20

// hog uses more memory than the cgroup allows.
func hog(cgroup string) {
	if err := os.WriteFile(filepath.Join(cgroup, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	b := make([]byte, 4*hogLimit)
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	os.Exit(0) // the limit did not hold
}

// memoryCgroups makes cgroups with a memory limit below the test's own. Where that cannot be done
// the test is skipped.
func memoryCgroups(t *testing.T, n int) (cgroups []string) {
	t.Helper()
	parent, limit, swap := memoryController(t)
	for i := range n {
		cgroup := filepath.Join(parent, fmt.Sprintf("oomtrail-faults-%d-%d", os.Getpid(), i))
		if err := os.Mkdir(cgroup, 0o755); err != nil {
			t.Skip("NOT RUN: no memory cgroup can be made here: ", err)
		}
		t.Cleanup(func() { removeCgroup(t, cgroup) })
		if err := os.WriteFile(filepath.Join(cgroup, limit), []byte(strconv.Itoa(hogLimit)), 0); err != nil {
			t.Skip("NOT RUN: no memory limit can be set here: ", err)
		}
		most := map[string]string{"memory.swap.max": "0"}[swap]
		if most == "" {
			most = strconv.Itoa(hogLimit)
		}
		_ = os.WriteFile(filepath.Join(cgroup, swap), []byte(most), 0) // not there without swap accounting
		cgroups = append(cgroups, cgroup)
	}
	return cgroups
}

func removeCgroup(t *testing.T, cgroup string) {
	for range 100 {
		if os.Remove(cgroup) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s is still there", cgroup)
}

// memoryController returns the cgroup of this process, and the names of the files that hold its
// limits.
func memoryController(t *testing.T) (parent, limit, swap string) {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("NOT RUN: ", err)
	}
	for line := range strings.Lines(string(own)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		if fields[1] == "memory" {
			parent, limit, swap = filepath.Join("/sys/fs/cgroup/memory", fields[2]), "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"
		} else if fields[0] == "0" && parent == "" {
			parent, limit, swap = filepath.Join("/sys/fs/cgroup", fields[2]), "memory.max", "memory.swap.max"
		}
	}
	return parent, limit, swap
}

// hogs are processes of one name that the kernel of this machine kills.
type hogs struct{ program, name string }

// newHogs gives this program a name of its own, so that the records of other kills can be told from
// theirs.
func newHogs(t *testing.T) *hogs {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: real kills need root")
	}
	if f, err := os.Open("/dev/kmsg"); err != nil {
		t.Skip("NOT RUN: ", err)
	} else {
		f.Close()
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("hog-%d", os.Getpid())
	program := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	return &hogs{program, name}
}

// kill lets the kernel kill one in a cgroup, and returns its pid and when it was dead.
func (h *hogs) kill(cgroup string) (pid string, dead time.Time, err error) {
	cmd := exec.Command(h.program)
	cmd.Env = append(os.Environ(), hogVariable+"="+cgroup)
	out, err := cmd.CombinedOutput()
	dead = time.Now()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		return "", dead, fmt.Errorf("the process was not killed: %w: %s", err, out)
	}
	return strconv.Itoa(cmd.Process.Pid), dead, nil
}
