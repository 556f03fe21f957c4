// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

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
		if isContainerID(name) {
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

// slurmChild reads one level of a Slurm job's tree: uid_N, job_N, step_X, user, task_N.
func (w *walk) slurmChild(name string) bool {
	if uid, ok := strings.CutPrefix(name, "uid_"); ok && isNumber(uid) && w.id.Job == "" {
		w.id.Scheduler, w.id.User, w.id.Level = Slurm, uid, LevelUser
		return true
	}
	if job, ok := strings.CutPrefix(name, "job_"); ok && isNumber(job) && w.id.Job == "" {
		w.id.Scheduler, w.id.Job = Slurm, job
		return true
	}
	if w.id.Job == "" {
		return false
	}
	if step, ok := strings.CutPrefix(name, "step_"); ok && w.id.Step == "" {
		w.id.Step = step
		return true
	}
	if task, ok := strings.CutPrefix(name, "task_"); ok && w.id.Step != "" {
		w.id.Task, w.at = task, nowhere
		return true
	}
	return name == "user" || name == "slurm"
}

// isECSTask reports whether s is the id of an ECS task: 32 hex digits, or a UUID of before 2019.
func isECSTask(s string) bool { return isHex(s, 32) || isUUID(s, '-') }

// isECSContainer reports whether s is a container of an ECS task: Docker's id, or Fargate's, which is
// 32 hex digits, a dash and a number.
func isECSContainer(s string) bool {
	return isContainerID(s) || len(s) > 33 && isHex(s[:32], 32) && s[32] == '-' && isNumber(s[33:])
}

// nomadShare stands for both of them as the slice above.
const nomadShare = "nomad-share.slice"

// nomadPartition goes into share.slice or reserve.slice, directories that Nomad makes itself in
// nomad.slice; systemd would have made nomad-share.slice.
func (w *walk) nomadPartition(name string) bool {
	if w.slice != "nomad.slice" || name != "share.slice" && name != "reserve.slice" {
		return false
	}
	w.slice, w.id.Level = nomadShare, LevelOther
	return true
}

// nomadUnit reads Nomad's scopes, ALLOCATION.TASK.scope.
func (w *walk) nomadUnit(unit string) bool {
	body, ok := between(unit, "", ".scope")
	if !ok || w.slice != "nomad.slice" && w.slice != nomadShare || len(body) < 38 || body[36] != '.' || !isUUID(body[:36], '-') {
		return false
	}
	w.id.Scheduler, w.id.Job, w.id.Task = Nomad, body[:36], body[37:]
	w.id.Unit, w.id.Level = "", LevelOther // Nomad makes the directory itself: systemd has no such unit
	return true
}

// nomadDirectory reads Nomad's directories on cgroup v1: ALLOCATION, ALLOCATION.TASK or ALLOCATION-TASK.
func (w *walk) nomadDirectory(name string) bool {
	if len(name) < 36 || !isUUID(name[:36], '-') || len(name) > 36 && name[36] != '-' && name[36] != '.' {
		return false
	}
	w.id.Scheduler, w.id.Job = Nomad, name[:36]
	if len(name) > 37 {
		w.id.Task = name[37:]
	}
	return true
}
