/* SPDX-License-Identifier: Apache-2.0 */

/* What processes do. Each touches wish.kb of memory in its own way, with wish.pause_us between steps. */
#ifndef JOB_H
#define JOB_H

#include "process.h"

/* job_memory.c: pages of every kind. */
void job_hold(struct process *p);       /* anonymous, all at once */
void job_anon(struct process *p);       /* anonymous, step by step */
void job_thp(struct process *p);        /* transparent huge pages */
void job_shared_anon(struct process *p);
void job_tmpfs_write(struct process *p);      /* write(2); gives up at an error */
void job_tmpfs_write_once(struct process *p); /* write(2); leaves with errno */
void job_tmpfs_map(struct process *p);
void job_hugetlb(struct process *p); /* 16 MB of reserved huge pages, then anonymous */
void job_mbind(struct process *p);   /* on wish.node only */
void job_mempolicy(struct process *p);
void job_4tb(struct process *p); /* 4 TB of address space, then anonymous */

/* job_sharers.c: who else has the memory. */
void job_threads(struct process *p);          /* a thread with its own name allocates */
void job_threads_no_leader(struct process *p); /* and the leader has exited */
void job_clone_vm(struct process *p);         /* another process on the same memory, in other_cgroup if wished */
void job_clone_vm_adj(struct process *p);     /* whose adjustment changes meanwhile */
void job_vfork(struct process *p);            /* the child allocates while the parent waits */
void job_fork_three(struct process *p);

/* job_kernel.c: memory and time of the kernel. */
void job_pipes(struct process *p);     /* pipe buffers, order 0 */
void job_big_pipes(struct process *p); /* arrays of pipe buffers, order 2 and 3 */
void job_burn(struct process *p);
void job_hold_idle_class(struct process *p); /* runs only when nobody else does */
void job_spam_kmsg(struct process *p);       /* while not stopped */
void job_spoof_kmsg(struct process *p);      /* a whole report that never happened */
void job_perf_ring(struct process *p);       /* one request of order 10 that may fail */

#endif
