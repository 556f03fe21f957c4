/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The table of scenarios. Adding one is a row in the file it belongs to: plain ones, that make one process grow
 * until it is killed, need no function of their own.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "process.h"

/* Machines that a scenario runs on; the driver's table says what they are. */
#define GLOBAL "global"
#define CGROUP_V2 "cgroup-v2"
#define CGROUP_BOTH "cgroup-v2 cgroup-v1"
#define CGROUP_AND_HOST "cgroup-v2 cgroup-v1 host" /* harmless outside of its cgroup */
#define NUMA_V2 "numa-v2"
#define NUMA_BOTH "numa-v2 numa-v1"

#define NONE "CONSTRAINT_NONE"
#define MEMCG "CONSTRAINT_MEMCG"
#define CPUSET "CONSTRAINT_CPUSET"
#define MEMORY_POLICY "CONSTRAINT_MEMORY_POLICY"

struct scenario {
	const char *name;       /* of its directory; the letter before _ sorts alike by alike */
	const char *machines;   /* space-separated */
	const char *about;      /* what is made to happen */
	const char *expect;     /* what should come of it, for a reader of the truth */
	const char *constraint; /* in every kill's line, NULL for none or several */
	void (*run)(const struct scenario *);
	/* For the plain ones: */
	const char *limited; /* the cgroup that gets the limit; hog.cgroup is this one or below */
	unsigned long limit_mb;
	struct wish hog;
};

/* Tables, each ended by a row without a name. */
extern const struct scenario global_scenarios[], cgroup_scenarios[], path_scenarios[], group_scenarios[], name_scenarios[], log_scenarios[],
	sharer_scenarios[], swap_scenarios[], numa_scenarios[], quiet_scenarios[], panic_scenarios[], suspend_scenarios[], daemon_scenarios[];

#endif
