/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "cgroup.h"

#include "state.h"
#include "settings.h"
#include "util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CGROUPS 96
#define FULL_PATH (CGROUP_PATH + 400)
#define COUNTERS 1800

int cgroup_version;

static char mount_point[128] = "/sys/fs/cgroup";
static char base[128];

struct cgroup {
	char path[CGROUP_PATH];
	bool counted;
	char before[COUNTERS];
};
static struct cgroup *groups;
static int count;

static const char *const counters_v2[] = { "memory.events", "memory.events.local", "memory.max", "memory.high", "memory.current",
	"memory.peak", "memory.swap.max", "memory.swap.current", "memory.oom.group", NULL };
static const char *const counters_v1[] = { "memory.oom_control", "memory.failcnt", "memory.limit_in_bytes", "memory.usage_in_bytes",
	"memory.max_usage_in_bytes", "memory.memsw.limit_in_bytes", "memory.memsw.failcnt", "memory.memsw.usage_in_bytes", NULL };

void cgroup_allocate(void) { groups = preallocate(sizeof *groups * MAX_CGROUPS); }

static void mount_or_say(const char *type, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, options))
		say("mount %s %s: %s\n", type, options ? options : "", strerror(errno));
}

void cgroup_mount(int version)
{
	cgroup_version = version;
	if (version == 2)
		mount_or_say("cgroup2", mount_point, NULL);
	if (version != 1)
		return;
	mount_or_say("tmpfs", mount_point, "mode=755");
	mount_or_say("cgroup", "/sys/fs/cgroup/cpuset", "cpuset");
	mount_or_say("cgroup", "/sys/fs/cgroup/memory", "memory");
	strcpy(mount_point, "/sys/fs/cgroup/memory");
	write_file("/sys/fs/cgroup/memory/memory.use_hierarchy", "1");
}

static void file_of(char *out, const char *path, const char *file)
{
	snprintf(out, FULL_PATH, "%s%s%s/%s", mount_point, base, path, file);
}

static void directory_of(char *out, const char *path) { snprintf(out, FULL_PATH, "%s%s%s", mount_point, base, path); }

bool cgroup_use_host(const char *below)
{
	char path[FULL_PATH];
	if (access("/sys/fs/cgroup/memory/memory.limit_in_bytes", F_OK) == 0 || access("/sys/fs/cgroup/memory/tasks", F_OK) == 0) {
		cgroup_version = 1;
		strcpy(mount_point, "/sys/fs/cgroup/memory");
	} else if (access("/sys/fs/cgroup/cgroup.subtree_control", F_OK) == 0) {
		cgroup_version = 2;
		write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	} else {
		say("no memory controller below /sys/fs/cgroup: mount cgroup2 there\n");
		return false;
	}
	snprintf(base, sizeof base, "%s", below);
	directory_of(path, "");
	if (mkdir(path, 0755) && errno != EEXIST) {
		say("mkdir %s: %s: run as root where cgroups may be made\n", path, strerror(errno));
		return false;
	}
	file_of(path, "", cgroup_version == 2 ? "memory.max" : "memory.limit_in_bytes");
	if (access(path, W_OK)) {
		say("%s: %s: the memory controller is not enabled here\n", path, strerror(errno));
		return false;
	}
	file_of(path, "", "memory.use_hierarchy");
	write_file(path, "1");
	return true;
}

void cgroup_leave_host(void)
{
	char path[FULL_PATH];
	directory_of(path, "");
	if (rmdir(path))
		say("rmdir %s: %s\n", path, strerror(errno));
}

static bool known(const char *path)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(groups[i].path, path))
			return true;
	return false;
}

static int make_one(const char *path)
{
	char full[FULL_PATH], parent[CGROUP_PATH];
	if (cgroup_version == 2) {
		strcpy(parent, path);
		*strrchr(parent, '/') = 0;
		file_of(full, parent, "cgroup.subtree_control");
		write_file(full, "+memory");
		write_file(full, "+cpuset");
	}
	directory_of(full, path);
	if (mkdir(full, 0755) && errno != EEXIST) {
		run_note("mkdir of a cgroup: %s", strerror(errno));
		return -errno;
	}
	if (count < MAX_CGROUPS) {
		groups[count].counted = false;
		strcpy(groups[count].path, path);
		count++;
	}
	return 0;
}

int cgroup_make(const char *path)
{
	char part[CGROUP_PATH];
	snprintf(part, sizeof part, "%s", path);
	for (char *end = strchr(part + 1, '/');; end = strchr(end + 1, '/')) {
		if (end)
			*end = 0;
		int err = known(part) ? 0 : make_one(part);
		if (err || !end)
			return err;
		*end = '/';
	}
}

int cgroup_set(const char *path, const char *file, const char *value)
{
	char full[FULL_PATH];
	file_of(full, path, file);
	int err = write_file(full, value);
	settings_record(cgroup_kernel_path(path), file, value, err);
	if (err)
		run_note("write %s to a cgroup's %s: %s", value, file, strerror(-err));
	return err;
}

int cgroup_make_limited(const char *path, unsigned long limit)
{
	char value[32];
	int err = cgroup_make(path);
	if (err)
		return err;
	snprintf(value, sizeof value, "%lu", limit);
	return cgroup_set(path, cgroup_version == 2 ? "memory.max" : "memory.limit_in_bytes", value);
}

int cgroup_join(const char *path)
{
	char full[FULL_PATH];
	file_of(full, path, "cgroup.procs");
	return write_file(full, "0");
}

const char *cgroup_kernel_path(const char *path)
{
	static char full[FULL_PATH];
	snprintf(full, sizeof full, "%s%s", path[0] ? base : "", path);
	return full;
}

/* Counters are kept as "file\tvalue\x1e" until they are written as JSON. */
static void read_counters(const char *path, char *out)
{
	char full[FULL_PATH], value[600];
	size_t len = 0;
	out[0] = 0;
	for (const char *const *file = cgroup_version == 2 ? counters_v2 : counters_v1; *file; file++) {
		file_of(full, path, *file);
		int n = read_file(full, value, sizeof value);
		if (n < 0)
			continue;
		if (n > 0 && value[n - 1] == '\n')
			value[n - 1] = 0;
		if (len + strlen(*file) + strlen(value) + 3 > COUNTERS)
			break;
		len += sprintf(out + len, "%s\t%s\x1e", *file, value);
	}
}

void cgroup_counters_before(void)
{
	for (int i = 0; i < count; i++) {
		if (!groups[i].counted)
			read_counters(groups[i].path, groups[i].before);
		groups[i].counted = true;
	}
}

static void counters_json(struct json *j, const char *counters)
{
	char text[COUNTERS], *save, *value;
	const char *comma = "";
	strcpy(text, counters);
	json_raw(j, "{");
	for (char *file = strtok_r(text, "\x1e", &save); file; file = strtok_r(NULL, "\x1e", &save)) {
		value = strchr(file, '\t');
		*value++ = 0;
		json_raw(j, "%s", comma);
		json_string(j, file);
		json_raw(j, ":");
		json_string(j, value);
		comma = ",";
	}
	json_raw(j, "}");
}

void cgroup_json(struct json *j)
{
	char after[COUNTERS];
	json_raw(j, "[");
	for (int i = 0; i < count; i++) {
		const char *path = cgroup_kernel_path(groups[i].path);
		json_raw(j, "%s{\"path_hex\":", i ? "," : "");
		json_hex(j, path, strlen(path));
		json_raw(j, ",\"before\":");
		counters_json(j, groups[i].counted ? groups[i].before : "");
		json_raw(j, ",\"after\":");
		read_counters(groups[i].path, after);
		counters_json(j, after);
		json_raw(j, "}");
	}
	json_raw(j, "]");
}

void cgroup_remove(void)
{
	char path[FULL_PATH];
	while (count > 0) {
		directory_of(path, groups[--count].path);
		for (int tries = 0; tries < 50 && rmdir(path) && errno != ENOENT; tries++)
			sleep_ms(20);
	}
}
