// SPDX-License-Identifier: Apache-2.0

package workload

import "github.com/oomtrail/oomtrail/internal/ids"

// nomadAllocs are the directories of Nomad's allocations, as its packages and its documentation set
// them: each allocation has a directory ALLOCATION/TASK for each of its tasks. Nomad 1.0 to 1.10,
// client/allocdir/alloc_dir.go. The names of job and group are in a database that only Nomad opens;
// see docker.go.
var nomadAllocs = [...]string{"var/lib/nomad/alloc/", "opt/nomad/data/alloc/", "opt/nomad/alloc/"}

// nomadTask takes the task of the cgroup path as its name where this node has that task.
func nomadTask(f *files, q Query, n *Names) {
	if q.Scheduler != "nomad" || n.TaskName != "" || !isAllocation(q.Job) || !isName(q.Task) {
		return
	}
	for _, dir := range nomadAllocs {
		if f.isDir(dir + q.Job + "/" + q.Task) {
			n.TaskName = q.Task
			return
		}
	}
}

// isJob reports whether s can be the name of a job, a group or a task: Nomad lets a job's have a
// slash.
func isJob(s string) bool { return len(s) <= maxName && isWord(s, "_.-/") }

// isAllocation reports whether s is the id of an allocation: a UUID.
func isAllocation(s string) bool { return ids.IsUUID(s, '-') }
