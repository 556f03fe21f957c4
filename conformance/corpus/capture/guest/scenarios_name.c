/* SPDX-License-Identifier: Apache-2.0 */

/* Names that a user may choose, and that a line of the log then holds. */
#include "job.h"
#include "plain.h"
#include "util.h"

#include <stdio.h>
#include <string.h>

#define SMALL_LIMIT (6 * MB)
#define SMALL_PAUSE_US 400
#define DEEP_LIMIT (8 * MB)

struct name {
	const char *bytes;
	int len;
};
#define NAME(s) { s, sizeof(s) - 1 }

static const struct name comms[] = {
	NAME("a b c"), NAME("(paren)"), NAME("x) total-vm:1kB"), NAME("x,pid=1,uid=0"), NAME("q\"uote'd"), NAME("back\\slash"), NAME("new\nline"),
	NAME("\x1b[31mred\x1b[0m"), NAME("\xc3\xbcn\xc3\xaf" "c\xc3\xb6" "d\xc3\xa9"), NAME("]bracket["), NAME("Killed process "),
	NAME("init) anon-rss:"), NAME("Out of memory: "), NAME("oom-kill:constr"), NAME(" "), NAME("123"), NAME("[  1234]"), NAME("\xff\xfe bad"),
	NAME("tab\there"), NAME("trail  "), NAME("  lead"), NAME("nl\n"), NAME("\n"), NAME("%s%n%d"), NAME("\001" "6soh"), NAME("\001" "cont"),
	NAME("a\x7f" "b"), NAME("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), NAME("trunc-utf8-14\xe2\x82"), NAME("<0>x"), NAME("x: y"),
	NAME("task=f,pid=1"), NAME("a=b,c=d"), NAME("1 (init)"), NAME("x\n[9.1] Out of"), NAME("\\x0a\\x5c"), NAME("')\";{}|&"),
};

static const char *const directories[] = {
	"a b", "x,task=fake,pid=1", "x,task=fake,pid=1,uid=0", ",oom_memcg=", "a=b", "\xc3\xbcn\xc3\xaf-\xf0\x9f\x98\x80", "esc\x1b[31m", "q\"uote'",
	"back\\slash", "(paren) killed process 1 (init)", "[bracket]", "trail ", "%s%n", "tab\tname", "global_oom", "...", "<0>x", "ff\xff",
	",global_oom,task_memcg=", "kubepods-podx", "CONSTRAINT_NONE,nodemask=(null),cpuset=", "c:d|e;f", "del\x7f",
};

static void kill_in(const char *cgroup, const char *role, struct name comm)
{
	struct process *p = START(.role = role, .comm = comm.bytes, .comm_len = comm.len, .uid = 1000, .cgroup = cgroup, .job = job_anon,
		.kb = SMALL_HOG_KB, .pause_us = SMALL_PAUSE_US);
	run_to_death(p);
	pace_reports();
}

static void hostile_comms(const struct scenario *s)
{
	char path[64];
	(void)s;
	for (size_t i = 0; i < LENGTH(comms); i++) {
		const struct name *other = &comms[(i + 1) % LENGTH(comms)];
		snprintf(path, sizeof path, "/evil/n%02zu", i);
		if (cgroup_make_limited(path, SMALL_LIMIT))
			continue;
		process_go(START(.role = "evil_bystander", .comm = other->bytes, .comm_len = other->len, .uid = 1000, .adj = -500, .cgroup = path,
			.job = job_hold, .kb = 400));
		kill_in(path, "evil_hog", comms[i]);
	}
}

static void numbered_hog(const char *cgroup, unsigned long limit, const char *format, size_t n)
{
	char comm[COMM];
	snprintf(comm, sizeof comm, format, n);
	if (!cgroup_make_limited(cgroup, limit))
		kill_in(cgroup, "hog", (struct name){ comm, strlen(comm) });
}

static void hostile_directories(const struct scenario *s)
{
	char path[128];
	(void)s;
	for (size_t i = 0; i < LENGTH(directories); i++) {
		snprintf(path, sizeof path, "/evilcg/%s", directories[i]);
		numbered_hog(path, SMALL_LIMIT, "cghog%02zu", i);
	}
}

static void deep(size_t levels, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char path[CGROUP_PATH], *end = path;
	for (size_t level = 0; level < levels; level++) {
		*end++ = '/';
		for (size_t i = 0; i < len; i++)
			*end++ = letters[(i + level) % (sizeof letters - 1)];
	}
	*end = 0;
	numbered_hog(path, DEEP_LIMIT, "deep-%zu", levels * (len + 1));
}

static void long_paths(const struct scenario *s)
{
	(void)s;
	deep(1, 254);
	deep(2, 200);
	deep(4, 200);
	deep(6, 200);
	deep(8, 200);
}

const struct scenario name_scenarios[] = {
	{ "n_hostile_comm", CGROUP_AND_HOST, "process names that look like parts of a report", "one kill each, in a cgroup each", MEMCG, hostile_comms },
	{ "n_hostile_cgname", CGROUP_AND_HOST, "cgroup names that look like parts of a report", "one kill each", MEMCG, hostile_directories },
	{ "n_long_cgpath", CGROUP_AND_HOST, "cgroup paths of 255, 402, 804, 1206 and 1608 bytes", "one kill each", MEMCG, long_paths },
	{ 0 },
};
