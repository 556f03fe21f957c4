/* SPDX-License-Identifier: Apache-2.0 */

/* There is swap. */
#include "job.h"
#include "plain.h"
#include "swap.h"
#include "util.h"

#define SWAP_MB 64

static void global(const struct scenario *s)
{
	swap_on(SWAP_MB);
	run_global(s);
}

static void limited(const struct scenario *s)
{
	swap_on(SWAP_MB);
	run_limited(s);
}

static void limited_swap(const struct scenario *s)
{
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	if (cgroup_version == 2)
		cgroup_set(s->limited, "memory.swap.max", "8388608");
	else
		cgroup_set(s->limited, "memory.memsw.limit_in_bytes", "33554432");
	limited(s);
}

static void no_swap(const struct scenario *s)
{
	cgroup_make_limited(s->limited, s->limit_mb * MB);
	cgroup_set(s->limited, "memory.swap.max", "0");
	limited(s);
}

const struct scenario swap_scenarios[] = {
	{ "p_global_swap", GLOBAL, "global OOM, swap of 64 MB full", "the hog is killed", NONE, global,
		.hog = { .comm = "swapper-app", .uid = 1000, .job = job_anon } },
	{ "p_memcg_swap", CGROUP_BOTH, "a cgroup's limit, swap of 64 MB full", "the hog is killed", MEMCG, limited, .limited = "/swappy", .limit_mb = 24,
		.hog = { .comm = "swap-hog", .uid = 1000, .job = job_anon } },
	{ "t_swap_limit", CGROUP_BOTH, "24 MB of memory and 8 MB of swap allowed", "the hog is killed", MEMCG, limited_swap, .limited = "/swaplim",
		.limit_mb = 24, .hog = { .comm = "swaplim-hog", .uid = 1000, .job = job_anon } },
	{ "t_swap_max0", CGROUP_V2, "memory.swap.max=0 where there is swap", "the hog is killed", MEMCG, no_swap, .limited = "/swapzero", .limit_mb = 24,
		.hog = { .comm = "swap0-hog", .uid = 1000, .job = job_anon } },
	{ 0 },
};
