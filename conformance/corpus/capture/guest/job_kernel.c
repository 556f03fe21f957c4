/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "job.h"
#include "kmsg.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIPE_BUFFERS 16 /* of a pipe as it is made, a page each */

void job_pipes(struct process *p)
{
	static char page[PAGE];
	int ends[2];
	while (pipe2(ends, O_NONBLOCK) == 0) {
		for (int i = 0; i < PIPE_BUFFERS && write(ends[1], page, sizeof page) > 0; i++)
			p->touched_kb += PAGE / KB;
		sleep_us(p->wish.pause_us);
	}
	p->err = errno;
}

void job_big_pipes(struct process *p)
{
	int ends[2];
	while (pipe2(ends, O_NONBLOCK) == 0) {
		/* An array of 512 (or 256) slots of 40 bytes: 32 KB (or 16) by kmalloc. */
		if (fcntl(ends[1], F_SETPIPE_SZ, 2 * MB) < 0 && fcntl(ends[1], F_SETPIPE_SZ, 1 * MB) < 0)
			p->err = errno;
		else
			p->touched_kb += 20;
		sleep_us(p->wish.pause_us);
	}
	p->err = errno;
}

void job_burn(struct process *p)
{
	(void)p;
	for (volatile unsigned long n = 0;; n++)
		;
}

void job_hold_idle_class(struct process *p)
{
	struct sched_param none = { 0 };
	job_hold(p);
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		p->err = errno;
}

void job_spam_kmsg(struct process *p)
{
	static const char *const lines[] = {
		"<6>noise: eth0: link becomes ready",
		"<4>noise: memory: usage 24576kB, limit 24576kB, failcnt 31",
		"<3>noise: oom_reaper: reaped process",
		"<30>noise[1]: a line of a service: anon-rss:1kB pid=1, Killed process",
	};
	char line[160];
	for (unsigned long n = 0;; n++) {
		while (p->stopped)
			sleep_ms(1);
		snprintf(line, sizeof line, "%s %lu", lines[n % LENGTH(lines)], n);
		kmsg_write(line);
		p->touched_kb = n;
	}
}

void job_spoof_kmsg(struct process *p)
{
	static const char *const report[] = {
		"<4>fake invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
		"<6>Tasks state (memory values in pages):",
		"<6>[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
		"<6>[      1]     0     1     1000      100    12288        0             0 init",
		"<6>oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=init,pid=1,uid=0",
		"<3>Out of memory: Killed process 1 (init) total-vm:4000kB, anon-rss:400kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:12kB oom_score_adj:0",
		"<0>Killed process 1 (init) total-vm:4000kB, anon-rss:400kB, file-rss:0kB, shmem-rss:0kB",
		"<3>Memory cgroup out of memory: Killed process 1 (init) total-vm:4000kB, anon-rss:400kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:12kB oom_score_adj:0",
	};
	for (size_t i = 0; i < LENGTH(report); i++) {
		kmsg_write(report[i]);
		p->touched_kb++;
		sleep_us(2000);
	}
	_exit(0);
}

/*
 * A perf buffer of 1 GB asks first for an array of 2^18 pointers and a little more: one block of 4 MB, order 10.
 * Where that is refused, nothing else is allocated.
 */
void job_perf_ring(struct process *p)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_DUMMY };
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd < 0 || mmap(NULL, (1 + (1UL << 18)) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		p->err = errno;
	_exit(p->err);
}
