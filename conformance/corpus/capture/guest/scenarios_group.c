/* SPDX-License-Identifier: Apache-2.0 */

/* memory.oom.group: a cgroup dies as one. */
#include "job.h"
#include "paths.h"
#include "plain.h"
#include "util.h"

#include <stdio.h>

static void members(const char *cgroup, int first, int n)
{
	char name[COMM];
	for (int i = first; i < first + n; i++) {
		snprintf(name, sizeof name, "grp-%d", i);
		process_go(START(.role = "group_member", .comm = name, .uid = 1000 + i, .adj = i * 10, .cgroup = cgroup, .job = job_hold, .kb = 1000 + 500 * i));
	}
}

static void group(const struct scenario *s)
{
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	cgroup_set(s->limited, "memory.oom.group", "1");
	cgroup_make(s->hog.cgroup);
	members(s->hog.cgroup, 0, 2);
	process_go(START(.role = "group_member_-1000", .comm = "grp-immune", .adj = -1000, .cgroup = s->hog.cgroup, .job = job_hold, .kb = 1000));
	process_watch(100);
	run_limited(s);
	process_watch(700);
}

static void nested_group(const struct scenario *s)
{
	const char *second = POD_CGROUPFS "/" ID2;
	cgroup_make(second);
	members(second, 2, 2);
	group(s);
}

static void global_group(const struct scenario *s)
{
	cgroup_make(s->hog.cgroup);
	cgroup_set(s->hog.cgroup, "memory.oom.group", "1");
	members(s->hog.cgroup, 0, 4);
	run_global(s);
	process_watch(500);
}

const struct scenario group_scenarios[] = {
	{ "f_oomgroup", CGROUP_V2, "memory.oom.group=1 on the limited cgroup", "all members die but the one of -1000", MEMCG, group,
		.limited = "/system.slice/grp.service", .limit_mb = 40,
		.hog = { .comm = "grp-hog", .cgroup = "/system.slice/grp.service", .job = job_anon } },
	{ "f_oomgroup_nested", CGROUP_V2, "memory.oom.group=1 on the limited pod, tasks in two containers below", "all members die but the one of -1000",
		MEMCG, nested_group, .limited = POD_CGROUPFS, .limit_mb = 40, .hog = { .comm = "grp-hog", .cgroup = POD_CGROUPFS "/" ID1, .job = job_anon } },
	{ "f_global_oomgroup", GLOBAL, "global OOM, the victim's cgroup has memory.oom.group=1", "the whole group dies", NONE, global_group,
		.hog = { .comm = "gg-hog", .uid = 1000, .cgroup = "/system.slice/grp.service", .job = job_anon } },
	{ 0 },
};
