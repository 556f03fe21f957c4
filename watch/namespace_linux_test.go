// SPDX-License-Identifier: Apache-2.0

package watch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
	"github.com/oomtrail/oomtrail/watch"
)

// What the processes of TestNamespace are started with: the cgroup to join before a namespace of
// cgroups is made, and the process to look at from inside of it.
const (
	joinVariable = "OOMTRAIL_APART_JOIN"
	lookVariable = "OOMTRAIL_APART_LOOK"
)

// seen is what a process sees from inside a namespace of cgroups.
type seen struct {
	Own, Beside string
	Narrowed    bool
}

// beApart is what those processes do.
func beApart() {
	if cgroup := os.Getenv(joinVariable); cgroup != "" {
		err := kmsgtest.Join(cgroup)
		if err == nil {
			inside := exec.Command(os.Args[0])
			inside.Env = append(os.Environ(), joinVariable+"=")
			inside.Stdout, inside.Stderr = os.Stdout, os.Stderr
			inside.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWCGROUP}
			err = inside.Run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if beside, err := strconv.Atoi(os.Getenv(lookVariable)); err == nil {
		s := watch.At("/")
		_, narrowed := s.Narrowed()
		own, _ := s.Process(os.Getpid())
		other, _ := s.Process(beside)
		_ = json.NewEncoder(os.Stdout).Encode(seen{own.Cgroup, other.Cgroup, narrowed})
		os.Exit(0)
	}
}

// TestNamespace: a process in a namespace of cgroups of its own, as in a container, that has all
// cgroups mounted, names the cgroups of processes as they are mounted.
func TestNamespace(t *testing.T) {
	cgroup := kmsgtest.MemoryCgroup(t, 64<<20)
	h, err := watch.At("/").Hierarchy()
	if err != nil {
		t.Fatal(err)
	}
	whole := map[int]string{1: "release_agent", 2: "cgroup.type"}
	if _, err := os.Stat(filepath.Join(h.Dir, whole[h.Version])); (err == nil) != (h.Version == 1) {
		t.Skip("NOT RUN: this machine's cgroups are not mounted from their root: ", h.Dir)
	}
	in, beside := filepath.Join(cgroup, "in", "deep"), filepath.Join(cgroup, "beside")
	for _, dir := range []string{in, beside} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, dir := range []string{in, filepath.Dir(in), beside} {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		}
	})
	sleep := exec.Command("sh", "-c", `echo 0 > "$0/cgroup.procs" && echo joined && exec sleep 1000`, beside)
	out, err := sleep.StdoutPipe()
	if err == nil {
		err = sleep.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sleep.Process.Kill()
		_ = sleep.Wait()
	}()
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	look := exec.Command(os.Args[0])
	look.Env = append(os.Environ(), joinVariable+"="+in, lookVariable+"="+strconv.Itoa(sleep.Process.Pid))
	printed, err := look.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && strings.Contains(string(exit.Stderr), "operation not permitted") {
		t.Skip("NOT RUN: no namespace of cgroups can be made here: ", string(exit.Stderr))
	}
	var got seen
	if err != nil || json.Unmarshal(printed, &got) != nil {
		t.Fatal(err, string(printed))
	}
	path := strings.TrimPrefix(cgroup, h.Dir)
	if want := (seen{path + "/in/deep", path + "/beside", false}); got != want {
		t.Errorf("it sees %+v, want %+v", got, want)
	}
}
