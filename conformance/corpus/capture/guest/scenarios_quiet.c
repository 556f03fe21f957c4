/* SPDX-License-Identifier: Apache-2.0 */

/* Memory is short, and nobody is killed. */
#include "job.h"
#include "plain.h"
#include "proc.h"
#include "settings.h"
#include "state.h"
#include "util.h"

#include <stdio.h>

#define HIGH "16777216"
#define THROTTLED_MS 6000
#define STUCK_ROUNDS 8
#define WARNINGS_MS 11000 /* the kernel warns of one failed request in ten seconds */
#define SPARE_KB (3 * KB) /* less than a block of order 10, enough for single pages */

static void write_fails(const struct scenario *s)
{
	struct wish hog = s->hog;
	hog.cgroup = s->limited;
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	process_go(START(.role = "immune", .comm = "immune-idle", .adj = -1000, .cgroup = s->limited, .job = job_hold, .kb = 2000));
	run_to_death(process_start(hog));
}

/* A page fault is tried again for ever: the harness ends it after some reports. */
static void fault_loops(const struct scenario *s)
{
	struct wish hog = s->hog;
	unsigned long before = 0;
	if (cgroup_make_limited(s->limited, s->limit_mb * MB))
		return;
	hog.cgroup = s->limited;
	struct process *p = process_start(hog);
	cgroup_counters_before();
	process_go(p);
	for (int rounds = 0, stuck = 0; rounds < 1000 && stuck < STUCK_ROUNDS && !p->exited; rounds++) {
		sleep_ms(20);
		stuck = p->touched_kb == before && before > 6000 ? stuck + 1 : 0;
		before = p->touched_kb;
	}
	process_kill(p);
	process_wait_dead(p, 20000);
}

static void throttled(const struct scenario *s)
{
	struct wish hog = s->hog;
	cgroup_make(s->hog.cgroup);
	if (cgroup_set(s->hog.cgroup, "memory.high", HIGH))
		return;
	struct process *p = process_start(hog);
	cgroup_counters_before();
	process_go(p);
	process_watch(THROTTLED_MS);
	if (p->exited)
		run_note("the throttled task is dead");
	process_kill(p);
}

static void vmalloc_fails(const struct scenario *s)
{
	(void)s;
	process_watch(WARNINGS_MS);
	int err = write_file("/sys/block/zram0/disksize", "1099511627776"); /* a table of 4 GB */
	run_note("disksize of 1 TB: errno %d", -err);
	write_file("/sys/block/zram0/reset", "1");
}

static void order_fails(const struct scenario *s)
{
	char value[32];
	process_watch(WARNINGS_MS);
	snprintf(value, sizeof value, "%lu", proc_free_kb() - SPARE_KB);
	struct process *p = process_start(s->hog);
	sysctl_set("vm/min_free_kbytes", value);
	process_go(p);
	process_wait_dead(p, 20000);
	sysctl_restore();
}

const struct scenario quiet_scenarios[] = {
	{ "m_nokill_write", CGROUP_BOTH, "only tasks of -1000 in the cgroup; write(2) to tmpfs fails", "nobody is killed", MEMCG, write_fails,
		.limited = "/immune", .limit_mb = 16,
		.hog = { .role = "writer", .comm = "immune-writer", .adj = -1000, .job = job_tmpfs_write_once, .kb = LIMITED_HOG_KB } },
	{ "m_nokill_fault", CGROUP_BOTH, "only tasks of -1000 in the cgroup; a page fault loops", "nobody is killed, many reports", MEMCG, fault_loops,
		.limited = "/immune2", .limit_mb = 8,
		.hog = { .role = "faulter", .comm = "immune-hog", .adj = -1000, .job = job_anon, .kb = LIMITED_HOG_KB, .pause_us = 1000 } },
	{ "m_memory_high", CGROUP_V2, "memory.high is passed by far", "the task is slowed down, nobody is killed, the log says nothing", NULL, throttled,
		.hog = { .role = "throttled", .comm = "slow-hog", .uid = 1000, .cgroup = "/high.slice", .job = job_anon, .kb = LIMITED_HOG_KB } },
	{ "m_vmalloc_failure", GLOBAL, "vmalloc of more than there is", "a failure with a Mem-Info block, nobody is killed", NULL, vmalloc_fails },
	{ "m_order10_failure", GLOBAL, "a request of order 10 that may fail", "a page allocation failure, nobody is killed", NULL, order_fails,
		.hog = { .role = "asker", .comm = "perf-ring", .job = job_perf_ring } },
	{ 0 },
};
