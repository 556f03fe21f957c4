// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"os"
	"path/filepath"
)

// The first namespaces of a machine have these names on every kernel (include/linux/proc_ns.h, 3.8;
// of cgroups 4.6).
const (
	firstPIDs    = "pid:[4026531836]"
	firstCgroups = "cgroup:[4026531835]"
)

// Narrowed reports whether this process sees the processes, and the cgroups, of a container's
// namespace only. Where the kernel does not say, neither is reported.
func (s System) Narrowed() (processes, cgroups bool) {
	other := func(kind, first string) bool {
		name, err := os.Readlink(filepath.Join(s.Proc, "self/ns", kind))
		return err == nil && name != first
	}
	return other("pid", firstPIDs), other("cgroup", firstCgroups)
}
