/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "kmsg.h"

#include "state.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#define BUFFER (6 * MB)
#define SYSLOG_BUFFER (1 * MB)
#define RECORD 8192 /* CONSOLE_EXT_LOG_MAX: the longest record */
#define SYSLOG_READ_ALL 3
#define SYSLOG_CLEAR 5

static int fd = -1;
static char *buffer, *syslog_buffer;
static struct kmsg log;

void kmsg_allocate(void)
{
	buffer = preallocate(BUFFER);
	syslog_buffer = preallocate(SYSLOG_BUFFER);
}

static void reopen(int whence)
{
	if (fd >= 0)
		close(fd);
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		say("/dev/kmsg: %s\n", strerror(errno));
	else
		lseek(fd, 0, whence);
	log = (struct kmsg){ .data = buffer };
}

void kmsg_begin(bool own_log)
{
	if (own_log) {
		kmsg_write("<6>capture: next scenario");
		klogctl(SYSLOG_CLEAR, NULL, 0);
	}
	reopen(SEEK_END);
}

const struct kmsg *kmsg_drain(void)
{
	while (log.len + RECORD < BUFFER) {
		ssize_t n = read(fd, buffer + log.len, RECORD);
		if (n < 0 && errno == EPIPE)
			log.overruns++;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n <= 0)
			return &log;
		else
			log.len += n;
	}
	run_note("the harness's buffer for /dev/kmsg is full");
	return &log;
}

const struct kmsg *kmsg_whole(void)
{
	reopen(SEEK_SET);
	return kmsg_drain();
}

const char *kmsg_syslog(size_t *n)
{
	int len = klogctl(SYSLOG_READ_ALL, syslog_buffer, SYSLOG_BUFFER);
	*n = len > 0 ? len : 0;
	return syslog_buffer;
}

void kmsg_write(const char *text) { write_file("/dev/kmsg", text); }
