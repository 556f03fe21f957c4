/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "job.h"
#include "util.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK (64 * KB)
#define SETTLE_MS 150 /* for the harness to see the sharer before it is too late */

/* Sleeps without libc, whose state may be another process's. */
static void sleep_for_ever(void)
{
	struct timespec second = { 1, 0 };
	for (;;)
		syscall(SYS_nanosleep, &second, NULL);
}

static void announce(struct process *p, pid_t parent)
{
	p->pid = syscall(SYS_getpid);
	p->parent = parent;
	prctl(PR_SET_NAME, p->comm);
	p->ready = 1;
	p->used = 1;
}

struct start {
	struct process *p;
	struct thread *thread;
};

static void *thread_main(void *arg)
{
	struct start *s = arg;
	prctl(PR_SET_NAME, s->thread->comm);
	s->thread->tid = syscall(SYS_gettid);
	s->p->thread_count++;
	if (s->thread->allocates) {
		sleep_ms(SETTLE_MS);
		job_anon(s->p);
	}
	sleep_for_ever();
	return NULL;
}

void job_threads(struct process *p)
{
	static const char *const names[] = { "GC Thread#0", "C2 Compiler", "worker:7 (io)" };
	static struct start starts[LENGTH(names)];
	pthread_attr_t attr;
	pthread_t id;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	for (size_t i = 0; i < LENGTH(names); i++) {
		starts[i] = (struct start){ p, &p->threads[i] };
		strcpy(p->threads[i].comm, names[i]);
		p->threads[i].allocates = i == LENGTH(names) - 1;
		pthread_create(&id, &attr, thread_main, &starts[i]);
		sleep_ms(20);
	}
}

void job_threads_no_leader(struct process *p)
{
	job_threads(p);
	sleep_ms(40);
	syscall(SYS_exit, 0);
}

static int sharer_main(void *arg)
{
	struct process *p = arg;
	if (p->other_cgroup[0]) {
		cgroup_join(p->other_cgroup);
		strcpy(p->cgroup, p->other_cgroup);
	}
	announce(p, p->parent);
	sleep_for_ever();
	return 0;
}

static struct process *start_sharer(struct process *p)
{
	struct process *sharer = process_register(p, "clone_vm_sharer", "vm sharer");
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sharer->parent = p->pid;
	clone(sharer_main, stack + STACK - 256, CLONE_VM | SIGCHLD, sharer);
	sleep_ms(SETTLE_MS);
	return sharer;
}

void job_clone_vm(struct process *p)
{
	start_sharer(p);
	job_anon(p);
}

void job_clone_vm_adj(struct process *p)
{
	struct process *sharer = start_sharer(p);
	p->err = -write_file("/proc/self/oom_score_adj", "300");
	p->wish.adj = sharer->wish.adj = 300;
	sleep_ms(50);
	job_anon(p);
}

void job_vfork(struct process *p)
{
	struct process *child = process_register(p, "vfork_child", "vforked");
	if (vfork() != 0)
		return;
	announce(child, p->pid);
	job_anon(p);
	sleep_for_ever();
}

void job_fork_three(struct process *p)
{
	for (int i = 0; i < 3; i++) {
		char name[COMM];
		snprintf(name, sizeof name, "child%d", i);
		struct process *child = process_register(p, name, name);
		if (fork() != 0)
			continue;
		announce(child, p->pid);
		child->wish.kb = 1024;
		job_hold(child);
		sleep_for_ever();
	}
	sleep_ms(SETTLE_MS);
	job_anon(p);
}
