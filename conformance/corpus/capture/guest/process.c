/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "process.h"

#include "state.h"
#include "util.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	volatile int count;
	struct process at[MAX_PROCESSES];
} *table;

void process_allocate(void)
{
	table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(table, 0, sizeof *table);
}

void process_begin(void)
{
	memset(table->at, 0, sizeof table->at[0] * process_count());
	table->count = 0;
}

int process_count(void) { return table->count < MAX_PROCESSES ? table->count : MAX_PROCESSES; }
struct process *process_at(int i) { return &table->at[i]; }

static struct process *next_row(void)
{
	int i = __sync_fetch_and_add(&table->count, 1);
	if (i < MAX_PROCESSES)
		return &table->at[i];
	run_note("more than %d processes", MAX_PROCESSES);
	return &table->at[MAX_PROCESSES - 1];
}

struct process *process_add(const struct wish *w)
{
	struct process *p = next_row();
	p->wish = *w;
	p->parent = getpid();
	snprintf(p->role, sizeof p->role, "%s", w->role ? w->role : "hog");
	p->comm_len = w->comm_len ? w->comm_len : (int)strlen(w->comm);
	if (p->comm_len > COMM - 1)
		p->comm_len = COMM - 1;
	memcpy(p->comm, w->comm, p->comm_len);
	if (w->cgroup)
		snprintf(p->cgroup, sizeof p->cgroup, "%s", w->cgroup);
	if (w->other_cgroup)
		snprintf(p->other_cgroup, sizeof p->other_cgroup, "%s", w->other_cgroup);
	return p;
}

struct process *process_register(struct process *parent, const char *role, const char *comm)
{
	struct wish wish = parent->wish;
	wish.role = role;
	wish.comm = comm;
	wish.comm_len = 0;
	wish.cgroup = parent->cgroup;
	return process_add(&wish);
}

void process_reap(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		for (int i = 0; i < process_count(); i++) {
			struct process *p = process_at(i);
			if (!p->used || p->exited || p->pid != pid)
				continue;
			p->status = status;
			p->exit_ns = monotonic_ns();
			p->exited = true;
			break;
		}
}

void process_kill(struct process *p)
{
	if (p->exited)
		return;
	p->killed_by_harness = true;
	kill(p->pid, SIGKILL);
}

bool process_is_victim(const struct process *p)
{
	if (!p->exited || !WIFSIGNALED(p->status) || p->killed_by_harness)
		return false;
	return WTERMSIG(p->status) == SIGKILL || WTERMSIG(p->status) == SIGTERM;
}
