/* SPDX-License-Identifier: Apache-2.0 */

/* The scenario that runs. */
#ifndef RUN_H
#define RUN_H

#include "scenario.h"

#include <stdbool.h>

struct run {
	const struct scenario *scenario;
	bool on_host; /* on somebody's machine, not in a guest of our own */
	bool panics;  /* the kernel shall panic: the truth is written while it is still possible */
	char cmdline[2000];
	char notes[4000]; /* what went other than planned, a line each */
};
extern struct run run;

void run_allocate(void);
/* Runs one scenario from a quiet state to a quiet state, and writes its files. */
void run_scenario(const struct scenario *s);
void run_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
