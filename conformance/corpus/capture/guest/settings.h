/* SPDX-License-Identifier: Apache-2.0 */

/* Limits and sysctls that the harness sets: remembered for the truth, sysctls put back afterwards. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "json.h"

void settings_begin(void);
/* Remembers a value that was written; cgroup is the path as the kernel prints it, "" for none; err as of write_file. */
void settings_record(const char *cgroup, const char *file, const char *value, int err);
/* Sets /proc/sys/<name>. Returns 0, or -errno. */
int sysctl_set(const char *name, const char *value);
void sysctl_restore(void);
/* Appends the settings as a JSON array. */
void settings_json(struct json *j);

#endif
