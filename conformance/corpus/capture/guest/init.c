/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "init.h"

#include "cgroup.h"
#include "output.h"
#include "state.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULES "/modules" /* a list, one path a line, in the order to load them */
#define FILES_OUT "/dev/ttyS1"

static void mount_at(const char *type, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, options))
		say("mount %s: %s\n", where, strerror(errno));
}

static void load_modules(void)
{
	char list[4000], *save;
	if (read_file(MODULES, list, sizeof list) <= 0)
		return;
	for (char *path = strtok_r(list, "\n", &save); path; path = strtok_r(NULL, "\n", &save)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			say("module %s: %s\n", path, strerror(errno));
		close(fd);
	}
}

void init_machine(void)
{
	mount_at("proc", "/proc", NULL);
	mount_at("sysfs", "/sys", NULL);
	mount_at("devtmpfs", "/dev", NULL);
	mkdir("/mnt", 0755);
	mount_at("tmpfs", TMPFS, "size=4G");
	mount_at("tmpfs", "/run", "size=64M");
	int n = read_file("/proc/cmdline", run.cmdline, sizeof run.cmdline);
	if (n > 0 && run.cmdline[n - 1] == '\n')
		run.cmdline[n - 1] = 0;
	output_to_serial(FILES_OUT);
	cgroup_mount(atoi(init_option("capture.cgroup=")));
	load_modules();
}

const char *init_option(const char *name)
{
	static char value[2000];
	const char *at = strstr(run.cmdline, name);
	value[0] = 0;
	if (at)
		sscanf(at + strlen(name), "%1999s", value);
	return value;
}

void init_send_symbols(void)
{
	char line[300], found[300] = "";
	write_file("/proc/sys/kernel/kptr_restrict", "0");
	FILE *f = fopen("/proc/kallsyms", "re");
	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		if (strstr(line, " prb\n"))
			strncat(found, line, sizeof found - strlen(found) - 1);
	fclose(f);
	output_file("_boot", "kallsyms.txt", found, strlen(found));
}

void init_power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
