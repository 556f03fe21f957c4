/* SPDX-License-Identifier: Apache-2.0 */

/* The log itself is under pressure, or lies. */
#include "job.h"
#include "plain.h"
#include "util.h"

#include <stdio.h>

#define BURST 40
#define NOISY 12
#define LIMIT (6 * MB)
#define RATELIMIT_MS 5600 /* the kernel's window of five seconds is over */

static void overrun(const struct scenario *s)
{
	char name[COMM];
	(void)s;
	for (int i = 0; i < 450; i++) {
		snprintf(name, sizeof name, "worker-%d", i);
		START(.role = "crowd", .comm = name, .uid = 2000 + i, .unsampled = true);
	}
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "overrun-hog%d", i);
		run_to_death(START(.comm = name, .job = job_anon, .kb = HOG_KB));
		sleep_ms(300);
	}
}

/* Returns NULL where the cgroup gets no limit. */
static struct process *hog(const char *cgroup, const char *comm, int uid)
{
	if (cgroup_make_limited(cgroup, LIMIT))
		return NULL;
	return START(.comm = comm, .uid = uid, .cgroup = cgroup, .job = job_anon, .kb = SMALL_HOG_KB, .pause_us = 200);
}

static struct process *numbered_hog(int i)
{
	char cgroup[128], comm[COMM];
	snprintf(cgroup, sizeof cgroup, "/burst/docker-%064x.scope", 0xabc000 + i * 7919);
	snprintf(comm, sizeof comm, "burst-%d", i);
	return hog(cgroup, comm, 1000 + i);
}

static void burst(const struct scenario *s)
{
	struct process *hogs[BURST];
	(void)s;
	for (int i = 0; i < BURST; i++)
		if (!(hogs[i] = numbered_hog(i)))
			return;
	cgroup_counters_before();
	for (int i = 0; i < BURST; i++)
		process_go(hogs[i]);
	for (int i = 0; i < BURST; i++)
		process_wait_dead(hogs[i], 90000);
	process_watch(RATELIMIT_MS);
	struct process *late = hog("/burst/late", "late", 0);
	if (late)
		run_to_death(late);
}

static void noise(const struct scenario *s)
{
	struct process *hogs[NOISY];
	(void)s;
	for (int i = 0; i < NOISY; i++)
		if (!(hogs[i] = numbered_hog(i)))
			return;
	struct process *spammer = START(.role = "spammer", .comm = "noise", .job = job_spam_kmsg, .unsampled = true);
	spammer->stopped = 1;
	process_go(spammer);
	for (int i = 0; i < NOISY; i++) {
		spammer->stopped = 0;
		run_to_death(hogs[i]);
		spammer->stopped = 1;
		pace_reports();
	}
	process_kill(spammer);
	process_watch(100);
}

static void spoof(const struct scenario *s)
{
	run_to_death(START(.role = "spoofer", .comm = "spoofer", .job = job_spoof_kmsg));
	run_limited(s);
	run_to_death(START(.role = "spoofer", .comm = "spoofer", .job = job_spoof_kmsg));
}

const struct scenario log_scenarios[] = {
	{ "o_overrun", "small-log", "three reports of 450 tasks overrun a log of 128 KB before it is read", "the first records are lost", NONE, overrun },
	{ "o_burst", CGROUP_AND_HOST, "40 kills at once, a late one after the ratelimit's window", "most have their last line only", MEMCG, burst },
	{ "o_noise", "noise-v2 noise-v1", "12 kills while a user writes to the log as fast as it can", "foreign records inside of reports", MEMCG, noise },
	{ "z_spoof_kmsg", CGROUP_BOTH, "a user writes a whole report, one real kill follows", "only the real one happened", MEMCG, spoof,
		.limited = "/real", .limit_mb = 16, .hog = { .comm = "realhog", .uid = 1000, .job = job_anon } },
	{ 0 },
};
