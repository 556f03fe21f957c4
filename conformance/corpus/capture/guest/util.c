/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

uint64_t monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
uint64_t boottime_ns(void) { return clock_ns(CLOCK_BOOTTIME); }

void sleep_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

void sleep_ms(long ms) { sleep_us(ms * 1000); }

int read_file(const char *path, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	buf[0] = 0;
	if (fd < 0)
		return -1;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += got;
	close(fd);
	buf[n] = 0;
	return n;
}

int write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

void write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(fd, data, n);
		if (wrote < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (wrote < 0) {
			sleep_ms(1);
			continue;
		}
		data += wrote;
		n -= wrote;
	}
}

long number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	return at ? atol(at + strlen(key)) : -1;
}

void *preallocate(size_t size)
{
	size = (size + PAGE - 1) / PAGE * PAGE;
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		say("no memory for the harness: %s\n", strerror(errno));
		_exit(1);
	}
	madvise(mem, size, MADV_DONTFORK);
	memset(mem, 0, size);
	return mem;
}

void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vdprintf(STDOUT_FILENO, format, args);
	va_end(args);
}
