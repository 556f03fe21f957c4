/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel panics instead of killing. */
#include "job.h"
#include "plain.h"
#include "settings.h"
#include "state.h"
#include "truth.h"
#include "util.h"

#define PANIC_MS 180000

static void until_panic(const struct scenario *s)
{
	struct wish hog = s->hog;
	run.panics = true;
	if (s->limited) {
		cgroup_make_limited(s->limited, s->limit_mb * MB);
		hog.cgroup = s->limited;
	}
	if (hog.adj != -1000)
		start_bystanders(NULL);
	struct process *p = process_start(hog);
	cgroup_counters_before();
	truth_write(false);
	process_go(p);
	process_wait_dead(p, PANIC_MS);
	run.panics = false;
	run_note("no panic");
}

static void always(const struct scenario *s)
{
	sysctl_set("vm/panic_on_oom", "2");
	until_panic(s);
}

static void global_only(const struct scenario *s)
{
	sysctl_set("vm/panic_on_oom", "1");
	until_panic(s);
}

#define HOG(adjustment) { .comm = "panic-hog", .uid = 1000, .adj = adjustment, .job = job_anon, .kb = HOG_KB, .pause_us = 3000 }

const struct scenario panic_scenarios[] = {
	{ "l_panic2_global", "panic-1", "vm.panic_on_oom=2, global OOM", "panic, nobody is killed", NONE, always, .hog = HOG(0) },
	{ "l_panic2_memcg", "panic-2 panic-2-v1", "vm.panic_on_oom=2, a cgroup's limit", "panic, nobody is killed", MEMCG, always, .limited = "/panic.slice",
		.limit_mb = 24, .hog = HOG(0) },
	{ "l_panic1_global", "panic-3", "vm.panic_on_oom=1, global OOM", "panic, nobody is killed", NONE, global_only, .hog = HOG(0) },
	{ "l_deadlock_panic", "panic-4", "global OOM, every task at -1000", "panic: deadlocked on memory", NONE, until_panic, .hog = HOG(-1000) },
	{ 0 },
};
