/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "run.h"

#include "cgroup.h"
#include "kmsg.h"
#include "output.h"
#include "process.h"
#include "scenario.h"
#include "settings.h"
#include "state.h"
#include "swap.h"
#include "truth.h"
#include "util.h"
#include "watch.h"

#include <dirent.h>
#include <unistd.h>

#define SETTLE_MS 350 /* for lines that come after the kill: the reaper's, the exiting victim's */

void run_allocate(void)
{
	process_allocate();
	kmsg_allocate();
	cgroup_allocate();
	truth_allocate();
}

static void begin(const struct scenario *s)
{
	run.scenario = s;
	run.panics = false;
	run.notes[0] = 0;
	process_begin();
	settings_begin();
	kmsg_begin(!run.on_host);
	truth_begin();
	say("scenario %s\n", s->name);
}

static void empty_tmpfs(void)
{
	struct dirent *e;
	DIR *d = opendir(TMPFS);
	if (!d)
		return;
	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static void finish(const struct scenario *s)
{
	size_t n;
	process_watch(SETTLE_MS);
	process_kill_left();
	sleep_ms(SETTLE_MS / 2);
	const struct kmsg *log = kmsg_drain();
	truth_write(true);
	output_file(s->name, "kmsg.raw", log->data, log->len);
	if (!run.on_host) {
		const char *syslog = kmsg_syslog(&n);
		output_file(s->name, "syslog.raw", syslog, n);
		swap_off();
		empty_tmpfs();
	}
	cgroup_remove();
	sysctl_restore();
	sleep_ms(100);
}

void run_scenario(const struct scenario *s)
{
	begin(s);
	s->run(s);
	finish(s);
}
