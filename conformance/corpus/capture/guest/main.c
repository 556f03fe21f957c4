/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The harness that makes processes be killed, and writes down what happened.
 *
 *   as pid 1 of a guest     scenarios and cgroup version come from the kernel's command line
 *   guest list              prints name, machines and description of every scenario
 *   guest host BASE DIR SCENARIO,...  kills below the cgroup BASE of this machine, files into DIR
 */
#define _GNU_SOURCE
#include "cgroup.h"
#include "init.h"
#include "kmsg.h"
#include "output.h"
#include "run.h"
#include "scenario.h"
#include "state.h"
#include "util.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct scenario *const tables[] = { global_scenarios, cgroup_scenarios, path_scenarios, group_scenarios, name_scenarios,
	log_scenarios, sharer_scenarios, swap_scenarios, numa_scenarios, quiet_scenarios, panic_scenarios, suspend_scenarios, daemon_scenarios,
	NULL };

/* Calls a function for each scenario, in the table's order. */
static void each(void (*call)(const struct scenario *, void *), void *arg)
{
	for (const struct scenario *const *table = tables; *table; table++)
		for (const struct scenario *s = *table; s->name; s++)
			call(s, arg);
}

static void print(const struct scenario *s, void *arg)
{
	(void)arg;
	printf("%s\t%s\t%s\n", s->name, s->machines, s->about);
}

/* The list is separated by commas. */
static void run_if_listed(const struct scenario *s, void *list)
{
	size_t n = strlen(s->name);
	for (const char *at = strstr(list, s->name); at; at = strstr(at + 1, s->name))
		if ((at == (char *)list || at[-1] == ',') && (at[n] == ',' || at[n] == 0)) {
			run_scenario(s);
			return;
		}
}

static int guest(void)
{
	char scenarios[2000];
	init_machine();
	run_allocate();
	init_send_symbols();
	mlockall(MCL_CURRENT);
	sleep_ms(200);
	snprintf(scenarios, sizeof scenarios, "%s", init_option("capture.scenarios="));
	each(run_if_listed, scenarios);
	const struct kmsg *log = kmsg_whole();
	output_file("_boot", "kmsg.raw", log->data, log->len);
	output_file("_boot", "done", "", 0);
	init_power_off();
}

static int host(const char *base, const char *dir, char *scenarios)
{
	run.on_host = true;
	output_to_directory(dir);
	if (!cgroup_use_host(base))
		return 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	read_file("/proc/cmdline", run.cmdline, sizeof run.cmdline);
	run_allocate();
	write_file("/proc/self/oom_score_adj", "-900");
	each(run_if_listed, scenarios);
	cgroup_leave_host();
	return 0;
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		return guest();
	if (argc == 2 && !strcmp(argv[1], "list")) {
		each(print, NULL);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "host"))
		return host(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: guest list | guest host BASE DIR SCENARIO,...\n");
	return 2;
}
