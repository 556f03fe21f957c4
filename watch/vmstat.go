// SPDX-License-Identifier: Apache-2.0

package watch

import "path/filepath"

// VMStat has counters of /proc/vmstat since boot.
type VMStat struct {
	// OOMKill counts the processes that the kernel killed for want of memory, in a cgroup or on the
	// whole machine (4.13).
	OOMKill Int
	// SwapIn and SwapOut count pages.
	SwapIn, SwapOut Int
}

// VMStat reads /proc/vmstat.
func (s System) VMStat() (VMStat, error) {
	b, err := read(filepath.Join(s.Proc, "vmstat"))
	if err != nil {
		return VMStat{}, err
	}
	return parseVMStat(b), nil
}

func parseVMStat(b []byte) (v VMStat) {
	for name, value := range pairs(b, ' ') {
		switch name {
		case "oom_kill":
			v.OOMKill = parseInt(value)
		case "pswpin":
			v.SwapIn = parseInt(value)
		case "pswpout":
			v.SwapOut = parseInt(value)
		}
	}
	return v
}
