/* SPDX-License-Identifier: Apache-2.0 */

/* A part of the machine's memory runs out. */
#include "job.h"
#include "plain.h"
#include "settings.h"
#include "state.h"
#include "util.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define V1_CPUSET "/sys/fs/cgroup/cpuset/cpuset-n1"
#define CPUSET_PATH "/cpuset-n1"

static void v2_cpuset(const struct scenario *s)
{
	struct wish hog = s->hog;
	hog.cgroup = CPUSET_PATH;
	cgroup_make(CPUSET_PATH);
	cgroup_set(CPUSET_PATH, "cpuset.mems", "1");
	process_go(START(.role = "cpuset_member", .comm = "member", .uid = 1000, .cgroup = CPUSET_PATH, .job = job_hold, .kb = 3000));
	run_to_death(process_start(hog));
}

static void v1_cpuset(const struct scenario *s)
{
	char pid[16];
	mkdir(V1_CPUSET, 0755);
	write_file(V1_CPUSET "/cpuset.cpus", "0");
	settings_record(CPUSET_PATH, "cpuset.mems", "1", write_file(V1_CPUSET "/cpuset.mems", "1"));
	struct process *p = process_start(s->hog);
	snprintf(pid, sizeof pid, "%d", p->pid);
	if (write_file(V1_CPUSET "/cgroup.procs", pid))
		run_note("the hog is not in the cpuset");
	run_to_death(p);
	process_watch(300);
	rmdir(V1_CPUSET);
}

static void cpuset(const struct scenario *s)
{
	start_bystanders(NULL);
	if (cgroup_version == 2)
		v2_cpuset(s);
	else
		v1_cpuset(s);
}

const struct scenario numa_scenarios[] = {
	{ "g_cpuset", NUMA_BOTH, "cpuset.mems=1 of two nodes", "the hog is killed", CPUSET, cpuset,
		.hog = { .comm = "numa-hog", .uid = 1000, .job = job_anon, .kb = HOG_KB } },
	{ "h_mbind", NUMA_BOTH, "mbind(MPOL_BIND) to node 1", "the hog is killed", MEMORY_POLICY, run_global,
		.hog = { .comm = "mbind-hog", .uid = 1000, .job = job_mbind, .kb = 1024 * KB, .node = 1 } },
	{ "h_set_mempolicy", NUMA_V2, "set_mempolicy(MPOL_BIND) to node 1", "the hog is killed", MEMORY_POLICY, run_global,
		.hog = { .comm = "mempol-hog", .uid = 1000, .job = job_mempolicy, .node = 1 } },
	{ 0 },
};
