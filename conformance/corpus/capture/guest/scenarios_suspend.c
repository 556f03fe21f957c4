/* SPDX-License-Identifier: Apache-2.0 */

/* The machine sleeps between two kills: the log's clock stands still meanwhile. */
#include "job.h"
#include "plain.h"
#include "settings.h"
#include "state.h"
#include "util.h"

#include <string.h>

/* Returns when the driver has woken the guest. */
static void suspend(const char *state)
{
	int err = write_file("/sys/power/state", state);
	settings_record("", "/sys/power/state", state, err);
	if (err)
		run_note("suspend to %s: %s", state, strerror(-err));
}

static void kill_suspend_kill(const struct scenario *s, const char *state)
{
	struct scenario second = *s;
	run_limited(s);
	suspend(state);
	second.hog.role = "hog_after_resume";
	second.hog.comm = "after-resume";
	run_limited(&second);
}

static void to_idle(const struct scenario *s) { kill_suspend_kill(s, "freeze"); }
static void to_memory(const struct scenario *s) { kill_suspend_kill(s, "mem"); }

#define HOG { .comm = "before-suspend", .uid = 1000, .job = job_anon }

const struct scenario suspend_scenarios[] = {
	{ "x_suspend_idle", "suspend", "a kill, 20 s of suspend to idle, a kill", "stamps go on, where idle does not stop the clock", MEMCG, to_idle, .limited = "/sleepy",
		.limit_mb = 24, .hog = HOG },
	{ "x_suspend_memory", "suspend", "a kill, 20 s of suspend to memory, a kill", "stamps leave the suspended time out", MEMCG, to_memory,
		.limited = "/sleepy", .limit_mb = 24, .hog = HOG },
	{ 0 },
};
