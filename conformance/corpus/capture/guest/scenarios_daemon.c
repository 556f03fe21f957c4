/* SPDX-License-Identifier: Apache-2.0 */

/* Programs of the distribution read the log, or kill before the kernel does. */
#include "daemon.h"
#include "job.h"
#include "plain.h"
#include "swap.h"

#define SLICE "/oomd.slice"
#define SWAP_MB 128
#define OOMD_MS 60000

static void journald_reads(const struct scenario *s)
{
	struct wish global = { .comm = "global-hog", .uid = 1000, .job = job_anon };
	struct scenario second = { .hog = global };
	if (!daemon_start_journald())
		return;
	run_limited(s);
	pace_reports();
	run_global(&second);
	daemon_write_journal();
}

static void earlyoom_kills(const struct scenario *s)
{
	static const char *const argv[] = { "earlyoom", "-m", "40,20", "-r", "1", NULL };
	daemon_start_journald();
	if (daemon_start(argv)) {
		process_watch(500);
		run_global(s);
	}
	daemon_write_journal();
}

/* oomd wants to see reclaim, and without swap there is nothing to reclaim: memory.high swaps the hog out all the time. */
static void oomd_kills(const struct scenario *s)
{
	static const char *const argv[] = { "systemd-oomd", NULL };
	daemon_start_journald();
	cgroup_make(s->hog.cgroup);
	cgroup_set(SLICE, "memory.high", "16777216");
	swap_on(SWAP_MB);
	daemon_start_manager(SLICE);
	if (daemon_start(argv)) {
		process_watch(1000);
		struct process *p = process_start(s->hog);
		cgroup_counters_before();
		process_go(p);
		process_wait_dead(p, OOMD_MS);
	}
	daemon_write_journal();
}

const struct scenario daemon_scenarios[] = {
	{ "x_journald", "daemons", "journald reads the log: a cgroup's limit, then the whole machine", "the hogs are killed", NULL, journald_reads,
		.limited = "/system.slice/app.service", .limit_mb = 24, .hog = { .comm = "app", .uid = 996, .job = job_anon } },
	{ "x_earlyoom", "daemons", "earlyoom is there", "earlyoom ends the hog, the kernel says nothing", NULL, earlyoom_kills,
		.hog = { .comm = "early-hog", .uid = 1000, .job = job_anon, .pause_us = 3000 } },
	{ "x_oomd", "daemons", "systemd-oomd watches a cgroup under pressure", "oomd kills the cgroup below, the kernel says nothing", NULL, oomd_kills,
		.hog = { .comm = "oomd-hog", .uid = 1000, .cgroup = SLICE "/victim.service", .job = job_anon, .kb = LIMITED_HOG_KB } },
	{ 0 },
};
