/* SPDX-License-Identifier: Apache-2.0 */

/* The table of a scenario's processes: each with a known name, uid, adjustment and cgroup. */
#ifndef PROCESS_H
#define PROCESS_H

#include "cgroup.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PROCESSES 640
#define COMM 16       /* TASK_COMM_LEN, its NUL included */
#define MAX_THREADS 4 /* threads besides the leader that a job starts */

struct process;
/* What a process does once it is told to go. When it returns, the process sleeps. */
typedef void job(struct process *);

/* What a process shall be. */
struct wish {
	const char *role; /* its part in the scenario, "hog" when absent */
	const char *comm;
	int comm_len; /* where comm holds a NUL or nothing printable; strlen when 0 */
	unsigned uid;
	int adj;            /* oom_score_adj */
	const char *cgroup; /* NULL: stays where the harness is */
	const char *other_cgroup; /* for a process that shares its memory from elsewhere */
	job *job;
	unsigned long kb;  /* how much the job touches */
	long pause_us;     /* between the steps of the job, for samples to be taken */
	unsigned long node;
	pid_t pid;         /* a wished pid, 0 for any */
	bool pid_namespace; /* pid 1 of its own */
	bool unsampled;    /* one of so many that reading /proc for each is too slow */
	unsigned long fds; /* RLIMIT_NOFILE, where not 0 */
	const char *const *argv; /* of a program that it becomes */
	const char *print_to;    /* the file that this program prints to */
};

/* Its memory as /proc/<pid>/status said last, kB. */
struct sample {
	long count, size, rss, anon, file, shmem, swap, page_tables, hugetlb, threads;
	uint64_t at_ns;
};

struct thread {
	pid_t tid;
	char comm[COMM];
	bool allocates;
};

/* In memory shared by the harness and all that it starts. */
struct process {
	volatile int used, ready, go, stopped;
	struct wish wish;
	char role[32], comm[COMM], cgroup[CGROUP_PATH], other_cgroup[256];
	int comm_len;
	pid_t pid, parent, inner_pid; /* inner_pid: within its own pid namespace */
	volatile unsigned long touched_kb;
	volatile int err; /* errno of what its job could not do */
	struct thread threads[MAX_THREADS];
	volatile int thread_count;
	/* As the harness reads it from /proc. */
	char proc_comm[64], proc_cgroup[CGROUP_PATH + 300];
	int proc_comm_len, proc_adj, proc_score;
	unsigned proc_uid;
	struct sample sample;
	/* Its end, as wait(2) tells it. */
	bool exited, killed_by_harness;
	int status;
	uint64_t exit_ns;
};

void process_allocate(void);
/* Forgets the processes of the scenario before. */
void process_begin(void);

/* Takes a row of the table for a process as it is wished. Never NULL. */
struct process *process_add(const struct wish *w);
/* Takes a row of the table for what a job starts itself, with its parent's uid, adjustment and cgroup. */
struct process *process_register(struct process *parent, const char *role, const char *comm);

/* Notes the ends of children. */
void process_reap(void);
void process_kill(struct process *p);

int process_count(void);
struct process *process_at(int i);
/* Ended by a SIGKILL, or an earlyoom's SIGTERM, that the harness did not send. */
bool process_is_victim(const struct process *p);

#endif
