/* SPDX-License-Identifier: Apache-2.0 */

/* The whole machine runs out of memory. */
#include "job.h"
#include "paths.h"
#include "plain.h"
#include "proc.h"
#include "settings.h"
#include "state.h"
#include "util.h"

#include <stdio.h>
#include <string.h>

static void tmpfs_by_write(const struct scenario *s)
{
	process_go(START(.role = "bystander", .comm = "redis-server", .uid = 999, .job = job_hold, .kb = 12000));
	process_go(START(.role = "bystander", .comm = "memcached", .uid = 998, .job = job_hold, .kb = 9000));
	run_global(s);
}

static void trigger_sysrq(void)
{
	int err = write_file("/proc/sysrq-trigger", "f");
	if (err)
		run_note("sysrq: %s", strerror(-err));
}

static void sysrq(const struct scenario *s)
{
	(void)s;
	start_bystanders(NULL);
	struct process *p = START(.role = "biggest", .comm = "bigidle", .job = job_hold, .kb = 90 * KB);
	process_go(p);
	process_wait_touched(p, 90 * KB, 60000);
	process_watch(50);
	trigger_sysrq();
	process_wait_dead(p, 30000);
}

static void sysrq_nobody(const struct scenario *s)
{
	char name[COMM];
	(void)s;
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "immune%d", i);
		process_go(START(.role = "immune", .comm = name, .adj = -1000, .job = job_hold, .kb = 3000));
	}
	process_watch(200);
	trigger_sysrq();
	process_watch(1500);
}

static void allocating_task(const struct scenario *s)
{
	unsigned long most = proc_available_kb() * 6 / 10;
	sysctl_set("vm/oom_kill_allocating_task", "1");
	struct process *bigger = START(.role = "bigger_idle", .comm = "bigger", .job = job_hold, .kb = most);
	process_go(bigger);
	process_wait_touched(bigger, most, 60000);
	run_global(s);
}

static void no_task_table(const struct scenario *s)
{
	sysctl_set("vm/oom_dump_tasks", "0");
	run_global(s);
}

static void huge_pages(const struct scenario *s)
{
	sysctl_set("vm/nr_hugepages", "16");
	run_global(s);
}

static void adjusted(const struct scenario *s)
{
	struct process *p = START(.role = "adj+500", .comm = "prefer-me", .uid = 1000, .adj = 500, .job = job_hold, .kb = 20 * KB);
	process_go(p);
	process_wait_touched(p, 20 * KB, 20000);
	run_global(s);
}

static void crowd(const struct scenario *s)
{
	char name[COMM];
	for (int i = 0; i < 450; i++) {
		snprintf(name, sizeof name, i % 7 ? "worker-%d" : "w %d:(x)", i);
		START(.role = "crowd", .comm = name, .uid = 2000 + i, .adj = i % 5 * 10, .unsampled = true);
	}
	run_global(s);
}

const struct scenario global_scenarios[] = {
	{ "a_global_anon", GLOBAL, "global OOM, anonymous memory", "the hog is killed", NONE, run_global,
		.hog = { .comm = "stress-ng-vm", .job = job_anon } },
	{ "a_global_thp", GLOBAL, "global OOM, transparent huge pages", "the hog is killed", NONE, run_global,
		.hog = { .comm = "java", .uid = 1000, .job = job_thp } },
	{ "a_global_pod", GLOBAL, "global OOM, victim in a Kubernetes-like cgroup without a limit", "the hog is killed; task_memcg is its pod's",
		NONE, run_global, .hog = { .comm = "python3", .uid = 1000, .adj = 1000, .cgroup = POD_BESTEFFORT_CONTAINER, .job = job_anon } },
	{ "a_global_2nodes", NUMA_BOTH, "global OOM on two NUMA nodes", "the hog is killed", NONE, run_global,
		.hog = { .comm = "stress-ng-vm", .job = job_anon } },
	{ "a_global_nomemcg", "no-memcg", "global OOM, booted with cgroup_disable=memory", "the hog is killed", NONE, run_global,
		.hog = { .comm = "stress-ng-vm", .job = job_anon } },
	{ "b_global_tmpfs_write", GLOBAL, "global OOM, tmpfs filled by write(2)", "several die until the writer does: its pages are nobody's", NONE,
		tmpfs_by_write, .hog = { .role = "tmpfs_writer", .comm = "dd", .job = job_tmpfs_write } },
	{ "b_global_shmem_map", GLOBAL, "global OOM, mapped tmpfs file", "the hog is killed, its memory is shmem", NONE, run_global,
		.hog = { .comm = "postgres: check", .uid = 70, .job = job_tmpfs_map } },
	{ "i_sysrq_f", GLOBAL, "sysrq-f", "the biggest task (90 MB) is killed, order=-1", NONE, sysrq },
	{ "i_sysrq_f_nokill", GLOBAL, "sysrq-f, every task at -1000", "nobody is killed", NONE, sysrq_nobody },
	{ "j_kill_allocating", GLOBAL, "vm.oom_kill_allocating_task=1", "who allocates is killed, and not the bigger one", NONE, allocating_task,
		.hog = { .role = "allocator", .comm = "allocator", .uid = 1000, .job = job_anon } },
	{ "k_dump_tasks0", GLOBAL, "vm.oom_dump_tasks=0", "a report without a task table", NONE, no_task_table,
		.hog = { .comm = "hog-nodump", .job = job_anon } },
	{ "q_global_threads", GLOBAL, "global OOM, a thread of another name allocates", "the process is killed", NONE, run_global,
		.hog = { .comm = "java", .uid = 1000, .job = job_threads } },
	{ "r_global_clonevm", GLOBAL, "global OOM, a process shares the hog's memory", "both die, one is named", NONE, run_global,
		.hog = { .comm = "vm owner", .job = job_clone_vm } },
	{ "s_hugetlb", GLOBAL, "global OOM, 32 MB of huge pages reserved, 16 MB mapped", "the hog is killed", NONE, huge_pages,
		.hog = { .comm = "hugetlb-user", .job = job_hugetlb } },
	{ "u_uid_adj", GLOBAL, "global OOM, adjustments 500 and -500, uid 1000", "the smaller one of 500 dies first", NONE, adjusted,
		.hog = { .role = "adj-500", .comm = "protected-hog", .uid = 1000, .adj = -500, .job = job_anon } },
	{ "v_bigtable", GLOBAL, "global OOM, 450 more tasks", "the hog is killed", NONE, crowd, .hog = { .comm = "crowd-hog", .job = job_anon } },
	{ 0 },
};
