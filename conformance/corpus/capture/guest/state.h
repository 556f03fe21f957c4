/* SPDX-License-Identifier: Apache-2.0 */

/* The scenario that runs, as every part may ask. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>

#define TMPFS "/mnt/tmp" /* mounted by init */

struct scenario;

struct run {
	const struct scenario *scenario;
	bool on_host; /* on somebody's machine, not in a guest of our own */
	bool panics;  /* the kernel shall panic: the truth is written while it is still possible */
	char cmdline[2000];
	char notes[4000]; /* what went other than planned, a line each */
};
extern struct run run;

/* Adds a line to the notes. */
void run_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
