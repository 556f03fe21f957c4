/* SPDX-License-Identifier: Apache-2.0 */

#include "plain.h"

#include "cgroup.h"
#include "job.h"
#include "util.h"

#define DEATH_MS 240000
#define BYSTANDERS_MS 120
#define PACE_MS 620

void start_bystanders(const char *cgroup)
{
	static const struct wish wishes[] = {
		{ .comm = "sshd", .adj = -1000, .kb = 900 },
		{ .comm = "systemd-journal", .adj = -250, .kb = 1800 },
		{ .comm = "nginx: worker", .uid = 33, .kb = 2500 },
		{ .comm = "postgres", .uid = 70, .adj = -500, .kb = 3000 },
		{ .comm = "kworker/u8:2", .uid = 1000, .kb = 700 },
		{ .comm = "(sd-pam)", .uid = 1000, .adj = 100, .kb = 400 },
		{ .comm = "dbus-daemon", .uid = 100, .adj = -900, .kb = 600 },
	};
	for (size_t i = 0; i < LENGTH(wishes); i++) {
		struct wish w = wishes[i];
		w.role = "bystander";
		w.cgroup = cgroup;
		w.job = job_hold;
		process_go(process_start(w));
	}
	sleep_ms(BYSTANDERS_MS);
}

void run_to_death(struct process *p)
{
	cgroup_counters_before();
	process_go(p);
	process_wait_dead(p, DEATH_MS);
}

void pace_reports(void) { process_watch(PACE_MS); }

void run_global(const struct scenario *s)
{
	struct wish hog = s->hog;
	if (hog.cgroup)
		cgroup_make(hog.cgroup);
	start_bystanders(NULL);
	if (!hog.kb)
		hog.kb = HOG_KB;
	run_to_death(process_start(hog));
}

struct process *limited_hog(const struct scenario *s)
{
	struct wish hog = s->hog;
	if (!hog.cgroup)
		hog.cgroup = s->limited;
	if (!hog.kb)
		hog.kb = LIMITED_HOG_KB;
	if (!hog.pause_us)
		hog.pause_us = LIMITED_PAUSE_US;
	if (cgroup_make_limited(s->limited, s->limit_mb * MB) || cgroup_make(hog.cgroup))
		return NULL; /* without its limit it would grow for ever */
	process_go(START(.role = "sidecar", .comm = "pause", .uid = 65535, .adj = -998, .cgroup = hog.cgroup, .job = job_hold, .kb = 300));
	struct process *p = process_start(hog);
	run_to_death(p);
	return p;
}

void run_limited(const struct scenario *s) { limited_hog(s); }
