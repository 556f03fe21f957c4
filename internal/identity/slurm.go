// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

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
		w.id.Task, w.at = task, untrusted
		return true
	}
	return name == "user" || name == "slurm"
}
