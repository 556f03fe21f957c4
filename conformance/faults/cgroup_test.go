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

// hogVariable names, in the environment of this program started again, the cgroup that it is to fill until it is killed.
const hogVariable = "OOMTRAIL_FAULTS_HOG"

// hogLimit is how many bytes a cgroup of these tests may use.
const hogLimit = 24 << 20

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

// memoryCgroup makes a cgroup with a memory limit below the test's own. Where that cannot be done the test is skipped.
func memoryCgroup(t *testing.T) string {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("NOT RUN: ", err)
	}
	parent, limit, swap := "", "", ""
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
	cgroup := filepath.Join(parent, fmt.Sprintf("oomtrail-faults-%d", os.Getpid()))
	if err := os.Mkdir(cgroup, 0o755); err != nil {
		t.Skip("NOT RUN: no memory cgroup can be made here: ", err)
	}
	t.Cleanup(func() {
		for range 100 {
			if os.Remove(cgroup) == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("%s is still there", cgroup)
	})
	if err := os.WriteFile(filepath.Join(cgroup, limit), []byte(strconv.Itoa(hogLimit)), 0); err != nil {
		t.Skip("NOT RUN: no memory limit can be set here: ", err)
	}
	_ = os.WriteFile(filepath.Join(cgroup, swap), []byte(map[bool]string{true: "0", false: strconv.Itoa(hogLimit)}[limit == "memory.max"]), 0) // not there without swap accounting
	return cgroup
}

// realKill lets the kernel of this machine kill a process in a cgroup, and returns its pid and when it was dead.
func realKill(t *testing.T, cgroup string) (pid string, dead time.Time) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), hogVariable+"="+cgroup)
	out, err := cmd.CombinedOutput()
	dead = time.Now()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process was not killed: %v: %s", err, out)
	}
	return strconv.Itoa(cmd.Process.Pid), dead
}
