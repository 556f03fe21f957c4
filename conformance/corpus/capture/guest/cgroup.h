/* SPDX-License-Identifier: Apache-2.0 */

/* Cgroups of a scenario, on v1 or v2. Paths begin with '/' and are below the harness's base (the root in the guest). */
#ifndef CGROUP_H
#define CGROUP_H

#include "json.h"

#include <stdbool.h>

#define CGROUP_PATH 1900 /* bytes of the longest path, its NUL included */

extern int cgroup_version; /* 1, 2, or 0: no memory controller */

void cgroup_allocate(void);
/* Mounts version 1, 2 or none in a fresh guest. */
void cgroup_mount(int version);
/* Uses what the host has mounted, below a base of the harness's own. Returns false and says why if there is none. */
bool cgroup_use_host(const char *base);
void cgroup_leave_host(void);

/* Makes a cgroup and those above it. Returns 0, or -errno. */
int cgroup_make(const char *path);
/* Makes a cgroup with a memory limit in bytes. */
int cgroup_make_limited(const char *path, unsigned long limit);
int cgroup_set(const char *path, const char *file, const char *value);
/* Moves the calling process. Returns 0, or -errno. */
int cgroup_join(const char *path);
/* Returns the path as the kernel prints it. */
const char *cgroup_kernel_path(const char *path);

/* Reads the counters of cgroups made since the last call: the state before the kill. */
void cgroup_counters_before(void);
/* Appends all of the scenario's cgroups with their counters, those after read now, as a JSON array. */
void cgroup_json(struct json *j);
/* Removes the scenario's cgroups and forgets them. */
void cgroup_remove(void);

#endif
