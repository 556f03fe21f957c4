// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// tool is a program that is needed, and the package that has it.
type tool struct{ program, pkg string }

var (
	guestTools  = []tool{{"gcc", "gcc libc6-dev"}}
	kernelTools = []tool{
		{"qemu-system-x86_64", "qemu-system-x86"}, {"apt-get", "apt"}, {"apt-cache", "apt"}, {"dpkg-deb", "dpkg"}, {"xz", "xz-utils"},
		{"nice", "coreutils"},
	}
)

// requireTools returns an error that names every program that is missing and what to install.
func requireTools(lists ...[]tool) error {
	var missing, packages []string
	for _, list := range lists {
		for _, t := range list {
			if _, err := exec.LookPath(t.program); err != nil {
				missing = append(missing, t.program)
				packages = append(packages, t.pkg)
			}
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s: not found in PATH; apt-get install %s", strings.Join(missing, ", "), strings.Join(packages, " "))
}

// initialPIDNamespace is the inode of the pid namespace that the kernel starts with.
const initialPIDNamespace = "pid:[4026531836]"

// requireHost says why kills on this machine's own kernel would not work or not be told truthfully.
func requireHost() error {
	if os.Geteuid() != 0 {
		return errors.New("not root: making cgroups and reading /dev/kmsg needs it; run with sudo")
	}
	if ns, err := os.Readlink("/proc/self/ns/pid"); err != nil || ns != initialPIDNamespace {
		return fmt.Errorf("pid namespace is %s, not the initial one: the log's pids would not be those seen here; run outside of the container", ns)
	}
	f, err := os.Open("/dev/kmsg")
	if err != nil {
		return fmt.Errorf("the kernel's log cannot be read: %w; run as root outside of the container", err)
	}
	return f.Close()
}
