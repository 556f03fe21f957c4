/* SPDX-License-Identifier: Apache-2.0 */

/* Runs scenarios, one after the other. */
#ifndef RUN_H
#define RUN_H

struct scenario;

void run_allocate(void);
/* Runs one scenario from a quiet state to a quiet state, and writes its files. */
void run_scenario(const struct scenario *s);

#endif
