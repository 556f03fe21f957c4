/* SPDX-License-Identifier: Apache-2.0 */

/* What /proc says of a process. */
#ifndef PROC_H
#define PROC_H

#include "process.h"

/* Reads name, uid, adjustment, cgroup and memory of a process that is ready. */
void proc_read(struct process *p);
/* Takes what was wished for what is, where reading is too slow. */
void proc_assume(struct process *p);
/* Reads its memory and the adjustment in force. */
void proc_sample(struct process *p);

long proc_vmstat(const char *key);
unsigned long proc_available_kb(void);
unsigned long proc_free_kb(void);

#endif
