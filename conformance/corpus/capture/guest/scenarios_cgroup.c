/* SPDX-License-Identifier: Apache-2.0 */

/* A cgroup runs into its limit. */
#include "job.h"
#include "plain.h"
#include "settings.h"
#include "util.h"

#include <stdio.h>

static void with_bystanders(const struct scenario *s)
{
	start_bystanders(NULL);
	run_limited(s);
}

static void several(const struct scenario *s)
{
	char name[COMM];
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "member-%d", i);
		process_go(START(.role = "member", .comm = name, .uid = 1000 + i, .adj = i * 50, .cgroup = s->limited, .job = job_hold, .kb = 2000 + i * 1500));
	}
	struct wish hog = s->hog;
	hog.cgroup = s->limited;
	struct process *first = process_start(hog);
	hog.role = "second_hog";
	hog.comm = "second-hog";
	hog.adj = -300;
	struct process *second = process_start(hog);
	run_to_death(first);
	pace_reports();
	run_to_death(second);
}

/* Nothing runs the victim, so that the reaper comes before it exits. */
static void reaper(const struct scenario *s)
{
	struct process *burners[4];
	char name[COMM];
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	struct process *victim = START(.role = "victim", .comm = "slow-to-die", .uid = 1000, .cgroup = s->limited, .job = job_hold_idle_class, .kb = 52 * KB);
	process_go(victim);
	process_wait_touched(victim, 52 * KB, 30000);
	process_watch(100);
	struct process *allocator = START(.role = "allocator", .comm = "allocator", .uid = 1000, .adj = -500, .cgroup = s->limited, .job = job_anon, .kb = 20 * KB);
	for (size_t i = 0; i < LENGTH(burners); i++) {
		snprintf(name, sizeof name, "burner%zu", i);
		burners[i] = START(.role = "burner", .comm = name, .job = job_burn);
		process_go(burners[i]);
	}
	cgroup_counters_before();
	process_go(allocator);
	process_wait_dead(victim, 25000);
	for (size_t i = 0; i < LENGTH(burners); i++)
		process_kill(burners[i]);
	process_wait_dead(victim, 20000);
	process_watch(500);
}

static void adjusted(const struct scenario *s)
{
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	struct process *p = START(.role = "adj+500", .comm = "prefer-me", .uid = 1000, .adj = 500, .cgroup = s->limited, .job = job_hold, .kb = 6 * KB);
	process_go(p);
	process_wait_touched(p, 6 * KB, 20000);
	run_limited(s);
}

static void crowd(const struct scenario *s)
{
	char name[COMM];
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof name, "w%d", i);
		START(.role = "crowd", .comm = name, .uid = 3000 + i, .cgroup = s->limited, .unsampled = true);
	}
	run_limited(s);
}

static void big_ids(const struct scenario *s)
{
	sysctl_set("kernel/pid_max", "4194304");
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	process_go(START(.role = "bystander", .comm = "big-idle", .uid = 4294967294u, .adj = -998, .cgroup = s->limited, .job = job_hold, .kb = 300, .pid = 4194100));
	run_limited(s);
}

#define LIMITED(scenario, where, description, expected, cgroup, mb, ...) \
	{ scenario, where, description, expected, MEMCG, run_limited, .limited = cgroup, .limit_mb = mb, .hog = { __VA_ARGS__ } }

const struct scenario cgroup_scenarios[] = {
	{ "c_memcg_v2", CGROUP_V2, "memory.max on cgroup v2", "the hog is killed at 32 MB", MEMCG, with_bystanders, .limited = "/limited", .limit_mb = 32,
		.hog = { .comm = "hog", .job = job_anon } },
	{ "d_memcg_v1", "cgroup-v1", "memory.limit_in_bytes on cgroup v1", "the hog is killed at 32 MB", MEMCG, with_bystanders,
		.limited = "/limited", .limit_mb = 32, .hog = { .comm = "hog", .job = job_anon } },
	LIMITED("c_memcg_shmem", CGROUP_AND_HOST, "shared anonymous memory", "the hog is killed, its memory is shmem", "/limited-shm", 32, .comm = "shmhog",
		.uid = 1000, .job = job_shared_anon),
	LIMITED("c_memcg_thp", CGROUP_AND_HOST, "transparent huge pages", "the hog is killed", "/limited-thp", 48, .comm = "thphog", .job = job_thp),
	{ "c_memcg_several", CGROUP_AND_HOST, "several tasks in a cgroup", "the largest dies, then the next that allocates", MEMCG, several,
		.limited = "/multi", .limit_mb = 40,
		.hog = { .comm = "first-hog", .job = job_anon, .kb = LIMITED_HOG_KB, .pause_us = LIMITED_PAUSE_US } },
	{ "c_memcg_reaper", CGROUP_BOTH, "a victim that no CPU runs", "the oom_reaper frees its memory before it exits", MEMCG, reaper,
		.limited = "/starved", .limit_mb = 64 },
	{ "u_memcg_adj", CGROUP_BOTH, "adjustments 500 and -500, uid 1000", "the task of 6 MB dies before the hog", MEMCG, adjusted, .limited = "/adj",
		.limit_mb = 32, .hog = { .role = "adj-500", .comm = "protected-hog", .uid = 1000, .adj = -500, .job = job_anon } },
	{ "u_bigids", CGROUP_BOTH, "a pid of 7 digits, uid 4294967294, 4 TB of address space", "columns of the task table overflow", MEMCG, big_ids,
		.limited = "/bigids", .limit_mb = 24, .hog = { .comm = "bigids", .uid = 4294967294u, .adj = 1000, .job = job_4tb, .pid = 4194200 } },
	{ "v_memcg_bigtable", CGROUP_AND_HOST, "400 tasks in a cgroup", "the hog is killed", MEMCG, crowd, .limited = "/crowd", .limit_mb = 96,
		.hog = { .comm = "crowd-hog", .job = job_anon, .pause_us = 500 } },
	LIMITED("w_pidns", CGROUP_AND_HOST, "the victim is pid 1 of its own namespace", "the log has the global pid", "/pidns", 24, .comm = "ns-init",
		.job = job_anon, .pid_namespace = true),
	LIMITED("y_kmem_pipe", CGROUP_AND_HOST, "pipe buffers are charged", "the hog is killed", "/pipes", 16, .comm = "pipehog", .job = job_pipes,
		.fds = 8192),
	LIMITED("y_kmem_order", CGROUP_AND_HOST, "arrays of order 2 or 3 are charged", "order= is not 0", "/kmalloc", 16, .comm = "kmalloc-hog",
		.job = job_big_pipes, .fds = 8192),
	LIMITED("y_tmpfs_write", CGROUP_BOTH, "tmpfs written by write(2) is charged", "the writer dies with a tiny rss", "/tmpw", 16,
		.comm = "tmpfs-writer", .job = job_tmpfs_write),
	{ 0 },
};
