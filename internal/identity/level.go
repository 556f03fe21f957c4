// SPDX-License-Identifier: Apache-2.0

package identity

import "strconv"

// Level is the kind of thing that a cgroup is.
type Level uint8

// The levels.
const (
	LevelOther     Level = iota // none of these, or it cannot be told
	LevelContainer              // a container, or a cgroup inside it
	LevelPod                    // a Kubernetes pod
	LevelQoS                    // all pods of one QoS class
	LevelSlice                  // a systemd slice
	LevelService                // a systemd service
	LevelScope                  // a systemd scope
	LevelUser                   // all that one user runs
	LevelMachine                // a virtual machine or an nspawn container
	LevelRoot                   // the root of the hierarchy: no limit can be set there
)

var levelNames = [...]string{"other", "container", "pod", "qos", "slice", "service", "scope", "user", "machine", "root"}

// String returns the level as `oom.cgroup.level` has it; of a value that is none, "Level(99)".
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "Level(" + strconv.Itoa(int(l)) + ")"
}
