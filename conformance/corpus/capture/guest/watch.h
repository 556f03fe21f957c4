/* SPDX-License-Identifier: Apache-2.0 */

/* Reaps and samples while a scenario runs. */
#ifndef WATCH_H
#define WATCH_H

#include "process.h"

/* Samples and reaps, until the process is dead, has touched so much, or the time is over. */
bool process_wait_dead(struct process *p, long ms);
void process_wait_touched(struct process *p, unsigned long kb, long ms);
void process_watch(long ms);
/* One round: reaps, samples, sleeps a little. */
void process_tick(void);
/* Kills what still runs, and waits until it is gone. */
void process_kill_left(void);

#endif
