/* SPDX-License-Identifier: Apache-2.0 */

#include "settings.h"

#include "state.h"
#include "util.h"

#include <stdio.h>
#include <string.h>

#define MAX_SYSCTLS 16
#define TEXT 24000

static char text[TEXT];
static struct json list = { text, 0, TEXT };
static int recorded, changed;
static struct {
	char name[64], before[128];
} sysctls[MAX_SYSCTLS];

void settings_begin(void)
{
	list.len = recorded = changed = 0;
	text[0] = 0;
}

void settings_record(const char *cgroup, const char *file, const char *value, int err)
{
	if (list.len + 2 * strlen(cgroup) + strlen(value) + 200 > list.cap)
		return;
	json_raw(&list, "%s{\"cgroup_hex\":", recorded++ ? "," : "");
	json_hex(&list, cgroup, strlen(cgroup));
	json_raw(&list, ",\"file\":");
	json_string(&list, file);
	json_raw(&list, ",\"value\":");
	json_string(&list, value);
	json_raw(&list, ",\"rc\":%d}", err);
}

int sysctl_set(const char *name, const char *value)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/sys/%s", name);
	if (changed < MAX_SYSCTLS) {
		snprintf(sysctls[changed].name, sizeof sysctls[changed].name, "%s", name);
		read_file(path, sysctls[changed].before, sizeof sysctls[changed].before);
		changed++;
	}
	int err = write_file(path, value);
	settings_record("", name, value, err);
	if (err)
		run_note("sysctl %s=%s: %s", name, value, strerror(-err));
	return err;
}

void sysctl_restore(void)
{
	char path[128];
	while (changed > 0) {
		changed--;
		snprintf(path, sizeof path, "/proc/sys/%s", sysctls[changed].name);
		write_file(path, sysctls[changed].before);
	}
}

void settings_json(struct json *j) { json_raw(j, "[%s]", recorded ? text : ""); }
