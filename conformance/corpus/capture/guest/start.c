/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "start.h"

#include "cgroup.h"
#include "proc.h"
#include "state.h"
#include "util.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define START_MS 20000

static void futex_wait(volatile int *word, int value, long seconds)
{
	struct timespec t = { seconds, 0 };
	syscall(SYS_futex, word, FUTEX_WAIT, value, seconds ? &t : NULL, NULL, 0);
}

static void set_and_wake(volatile int *word)
{
	*word = 1;
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Becomes what was wished, in the new process. Leaves at once if it would run outside of its cgroup. */
static void become(struct process *p)
{
	char name[COMM + 1] = { 0 }, value[16];
	const struct wish *w = &p->wish;
	signal(SIGPIPE, SIG_IGN);
	if (p->cgroup[0] && (p->err = -cgroup_join(p->cgroup)))
		_exit(1);
	if (w->adj) {
		snprintf(value, sizeof value, "%d", w->adj);
		write_file("/proc/self/oom_score_adj", value);
	}
	memcpy(name, p->comm, p->comm_len);
	prctl(PR_SET_NAME, name);
	if (w->fds)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ w->fds, w->fds });
	if (w->uid && (syscall(SYS_setgid, w->uid) || syscall(SYS_setuid, w->uid)))
		p->err = errno;
}

static void child(struct process *p)
{
	if (p->wish.pid_namespace)
		p->inner_pid = syscall(SYS_getpid);
	become(p);
	set_and_wake(&p->ready);
	while (!p->go)
		futex_wait(&p->go, 0, 0);
	if (p->wish.job)
		p->wish.job(p);
	for (;;)
		pause();
}

static pid_t fork_as_wished(const struct wish *w)
{
	pid_t pid = w->pid;
	struct clone_args args = { .exit_signal = SIGCHLD };
	if (!w->pid && !w->pid_namespace)
		return fork();
	if (w->pid_namespace)
		args.flags = CLONE_NEWPID;
	if (w->pid) {
		args.set_tid = (uintptr_t)&pid;
		args.set_tid_size = 1;
	}
	return syscall(SYS_clone3, &args, sizeof args);
}

struct process *process_start(struct wish wish)
{
	struct process *p = process_add(&wish);
	pid_t pid = fork_as_wished(&wish);
	if (pid == 0)
		child(p);
	if (pid < 0) {
		run_note("fork of %s: %s", p->role, strerror(errno));
		p->exited = true;
		return p;
	}
	p->pid = pid;
	p->used = 1;
	for (uint64_t end = monotonic_ns() + START_MS * 1000000ULL; !p->ready && monotonic_ns() < end && !p->exited; process_reap())
		futex_wait(&p->ready, 0, 1);
	if (!p->ready)
		run_note("%s did not start, errno %d", p->role, p->err);
	if (wish.unsampled)
		proc_assume(p);
	else
		proc_read(p);
	return p;
}

void process_go(struct process *p) { set_and_wake(&p->go); }
