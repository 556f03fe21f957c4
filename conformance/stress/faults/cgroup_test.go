// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// memoryCgroups makes cgroups with a memory limit below the test's own. Where that cannot be done
// the test is skipped.
func memoryCgroups(t *testing.T, n int) (cgroups []string) {
	t.Helper()
	for range n {
		cgroups = append(cgroups, kmsgtest.MemoryCgroup(t, 16<<20))
	}
	return cgroups
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
	cmd := kmsgtest.NewHog(cgroup)
	cmd.Path = h.program
	if err = kmsgtest.RunHog(cmd); err != nil {
		return "", time.Now(), err
	}
	return strconv.Itoa(cmd.Process.Pid), time.Now(), nil
}
