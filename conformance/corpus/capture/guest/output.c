/* SPDX-License-Identifier: Apache-2.0 */

#include "output.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static int serial = -1;
static const char *directory;

void output_to_serial(const char *device)
{
	struct termios t;
	serial = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (serial < 0 || tcgetattr(serial, &t)) {
		say("%s: %s\n", device, strerror(errno));
		return;
	}
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	tcsetattr(serial, TCSANOW, &t);
}

void output_to_directory(const char *dir) { directory = dir; }

static void to_directory(const char *scenario, const char *file, const char *data, size_t n)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", directory, scenario);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/%s/%s", directory, scenario, file);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		say("%s: %s\n", path, strerror(errno));
		return;
	}
	write_all(fd, data, n);
	close(fd);
}

void output_file(const char *scenario, const char *file, const char *data, size_t n)
{
	char head[300];
	if (directory) {
		to_directory(scenario, file, data, n);
		return;
	}
	int len = snprintf(head, sizeof head, "\n@@FILE %s/%s %zu\n", scenario, file, n);
	write_all(serial, head, len);
	write_all(serial, data, n);
	tcdrain(serial);
}
