// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// schedulerChild reads the directories of job schedulers that do without systemd.
func (w *walk) schedulerChild(parent, name string) bool {
	switch {
	case w.id.Scheduler == Slurm, w.depth == 2 && (parent == "slurm" || strings.HasPrefix(parent, "slurm_")):
		return w.slurmChild(name)
	case w.depth == 2 && parent == "ecs" && isECSTask(name):
		w.id.Scheduler, w.id.Task = ECS, name
		return true
	case w.id.Scheduler == ECS && w.depth == 3 && isECSContainer(name):
		w.container(name, "")
		if ids.IsContainerID(name) {
			w.id.Runtime = Docker
		}
		return true
	case w.depth == 2 && parent == "nomad":
		if name == "share" || name == "reserve" {
			w.dir, w.depth = parent, 1
			return true
		}
		return w.nomadDirectory(name)
	}
	return false
}
