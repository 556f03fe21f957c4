/* SPDX-License-Identifier: Apache-2.0 */

/* Plain scenarios, and what the others use beside them. */
#ifndef PLAIN_H
#define PLAIN_H

#include "scenario.h"
#include "start.h"
#include "util.h"
#include "watch.h"

/* Plain runs: the hog alone on the machine; the hog and a sidecar in a limited cgroup; the same with swap. */
void run_global(const struct scenario *s);
void run_limited(const struct scenario *s);

/* Starts the hog of a limited cgroup, as the scenario wishes it, and waits for its end. */
struct process *limited_hog(const struct scenario *s);
/* Tasks of every kind of name, uid and adjustment, so that a task table has something in it. */
void start_bystanders(const char *cgroup);
/* Makes a process go, and waits until it is dead. */
void run_to_death(struct process *p);
/* Waits long enough to stay below the kernel's limit of ten reports in five seconds. */
void pace_reports(void);

#define HOG_KB (4096 * KB)          /* more than any guest has */
#define LIMITED_HOG_KB (512 * KB)   /* more than any cgroup may have */
#define SMALL_HOG_KB (64 * KB)
#define LIMITED_PAUSE_US 1500

#endif
