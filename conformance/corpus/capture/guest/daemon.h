/* SPDX-License-Identifier: Apache-2.0 */

/* Programs of the distribution that the driver put into the guest. */
#ifndef DAEMON_H
#define DAEMON_H

#include "process.h"

#define DAEMONS "/daemon/"

/*
 * Starts a program (argv[0] is its name below DAEMONS); what it prints goes to the journal if journald runs,
 * to the console if not. Returns NULL, and notes it, where the distribution has no such program.
 */
struct process *daemon_start(const char *const argv[]);
/* Starts journald and waits until it takes what others print. */
struct process *daemon_start_journald(void);
/* Writes what the journal has since the scenario began: journal.json and journal.export. */
void daemon_write_journal(void);
/* Answers systemd-oomd as pid 1 of a systemd machine does: watch this cgroup, kill below it at a pressure of 10 %. */
struct process *daemon_start_manager(const char *cgroup);

#endif
