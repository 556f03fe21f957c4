/* SPDX-License-Identifier: Apache-2.0 */

/* Starts processes. */
#ifndef START_H
#define START_H

#include "process.h"

/* Starts a process that waits for process_go. Never NULL. */
struct process *process_start(struct wish wish);
#define START(...) process_start((struct wish){ __VA_ARGS__ })
/* Lets it begin with its job. */
void process_go(struct process *p);

#endif
