/* SPDX-License-Identifier: Apache-2.0 */

/* The victim is not alone: threads, processes on the same memory, children. */
#include "job.h"
#include "plain.h"

static void sharer_elsewhere(const struct scenario *s)
{
	cgroup_make(s->hog.other_cgroup);
	run_limited(s);
}

#define SHARER(scenario, where, description, expected, cgroup, mb, ...) \
	{ scenario, where, description, expected, MEMCG, run_limited, .limited = cgroup, .limit_mb = mb, .hog = { __VA_ARGS__ } }

const struct scenario sharer_scenarios[] = {
	SHARER("q_threads", CGROUP_AND_HOST, "thread 'worker:7 (io)' of process 'java' allocates", "the process is killed", "/threads", 24, .comm = "java",
		.uid = 1000, .job = job_threads),
	SHARER("q_zombie_leader", CGROUP_AND_HOST, "the leader has exited, its threads go on", "the log names a thread", "/zleader", 24, .comm = "zleader",
		.uid = 1000, .job = job_threads_no_leader),
	SHARER("r_clonevm", CGROUP_AND_HOST, "a process on the same memory", "both die, one is named", "/clonevm", 24, .comm = "vm owner",
		.job = job_clone_vm),
	{ "r_clonevm_othercg", CGROUP_AND_HOST, "a process on the same memory in another cgroup", "both die", MEMCG, sharer_elsewhere,
		.limited = "/clonevm2", .limit_mb = 24, .hog = { .comm = "vm owner", .other_cgroup = "/otherone", .job = job_clone_vm } },
	SHARER("r_clonevm_adj", CGROUP_AND_HOST, "oom_score_adj changes while memory is shared", "old kernels print a line about it", "/clonevm3", 24,
		.comm = "pid=1 (init)", .job = job_clone_vm_adj),
	SHARER("r_children", CGROUP_AND_HOST, "a victim with three children", "only the parent dies", "/children", 32, .comm = "parent",
		.job = job_fork_three),
	SHARER("r_vfork", CGROUP_AND_HOST, "a vfork child allocates while its parent waits", "both die, one is named", "/vfork", 24, .comm = "vforker",
		.job = job_vfork),
	{ 0 },
};
