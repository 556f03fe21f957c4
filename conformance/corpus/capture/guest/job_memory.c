/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "job.h"
#include "state.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STEP (256 * KB)
#define MAPPING (4 * MB)
#define HUGE_PAGES (16 * MB)

static char *map(struct process *p, size_t size, int flags, int fd)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (mem != MAP_FAILED)
		return mem;
	p->err = errno;
	return NULL;
}

/* Writes to each page: pages that are alike must not be merged. */
static void touch(struct process *p, char *mem, size_t n)
{
	for (size_t at = 0; at < n; at += PAGE) {
		memset(mem + at, at / PAGE % 255 + 1, 64);
		p->touched_kb += PAGE / KB;
	}
}

static void touch_in_steps(struct process *p, char *mem, size_t n)
{
	for (size_t at = 0; mem && at < n; at += STEP) {
		touch(p, mem + at, n - at < STEP ? n - at : STEP);
		if (p->wish.pause_us)
			sleep_us(p->wish.pause_us);
	}
}

static void grow(struct process *p, int advice)
{
	for (size_t total = 0; total < p->wish.kb * KB; total += MAPPING) {
		char *mem = map(p, MAPPING, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (!mem)
			return;
		madvise(mem, MAPPING, advice);
		touch_in_steps(p, mem, MAPPING);
	}
}

void job_anon(struct process *p) { grow(p, MADV_NOHUGEPAGE); }
void job_thp(struct process *p) { grow(p, MADV_HUGEPAGE); }

void job_hold(struct process *p)
{
	size_t size = p->wish.kb * KB;
	char *mem = size ? map(p, size, MAP_PRIVATE | MAP_ANONYMOUS, -1) : NULL;
	if (!mem)
		return;
	madvise(mem, size, MADV_NOHUGEPAGE);
	touch(p, mem, size);
}

void job_shared_anon(struct process *p)
{
	size_t size = p->wish.kb * KB;
	touch_in_steps(p, map(p, size, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1), size);
}

static int tmpfs_file(void)
{
	char path[64];
	snprintf(path, sizeof path, TMPFS "/%d", getpid());
	return open(path, O_RDWR | O_CREAT, 0600);
}

void job_tmpfs_write(struct process *p)
{
	static char data[64 * KB];
	int fd = tmpfs_file();
	memset(data, 7, sizeof data);
	while (p->touched_kb < p->wish.kb) {
		ssize_t n = write(fd, data, sizeof data);
		if (n <= 0) {
			p->err = errno;
			return;
		}
		p->touched_kb += n / KB;
		if (p->wish.pause_us)
			sleep_us(p->wish.pause_us);
	}
}

void job_tmpfs_write_once(struct process *p)
{
	job_tmpfs_write(p);
	_exit(p->err);
}

void job_tmpfs_map(struct process *p)
{
	size_t size = p->wish.kb * KB;
	int fd = tmpfs_file();
	if (ftruncate(fd, size))
		p->err = errno;
	touch_in_steps(p, map(p, size, MAP_SHARED, fd), size);
}

void job_hugetlb(struct process *p)
{
	char *mem = map(p, HUGE_PAGES, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	for (size_t at = 0; mem && at < HUGE_PAGES; at += 2 * MB)
		mem[at] = 1;
	job_anon(p);
}

void job_mbind(struct process *p)
{
	size_t size = p->wish.kb * KB;
	unsigned long nodes = 1UL << p->wish.node;
	char *mem = map(p, size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	madvise(mem, size, MADV_NOHUGEPAGE);
	if (syscall(SYS_mbind, mem, size, MPOL_BIND, &nodes, 64UL, 0))
		p->err = errno;
	touch_in_steps(p, mem, size);
}

void job_mempolicy(struct process *p)
{
	unsigned long nodes = 1UL << p->wish.node;
	if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 64UL))
		p->err = errno;
	job_anon(p);
}

void job_4tb(struct process *p)
{
	if (mmap(NULL, 4UL << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
		p->err = errno;
	job_anon(p);
}
