/* SPDX-License-Identifier: Apache-2.0 */

/* truth.json: what the harness did and saw, never what the log says. */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>

void truth_allocate(void);
/* Remembers the state before the scenario. */
void truth_begin(void);
/* Writes the file; complete once the scenario is over. */
void truth_write(bool complete);

#endif
