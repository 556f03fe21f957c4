/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel's log, as it is read. */
#ifndef KMSG_H
#define KMSG_H

#include <stdbool.h>
#include <stddef.h>

struct kmsg {
	const char *data; /* records as read from /dev/kmsg */
	size_t len;
	int overruns; /* how often the buffer was overwritten before it was read */
};

void kmsg_allocate(void);
/*
 * Starts to read behind the newest record. Where the log is the harness's own, also with syslog(2), and behind a
 * line of the harness: a last record that the kernel printed without a newline comes out with the next one only.
 */
void kmsg_begin(bool own_log);
/* Takes what there is since; never waits. */
const struct kmsg *kmsg_drain(void);
/* Takes the whole buffer, from its oldest record. */
const struct kmsg *kmsg_whole(void);
/* Returns what syslog(2) has since kmsg_begin, and its length. */
const char *kmsg_syslog(size_t *n);
/* Writes one record, as a user. */
void kmsg_write(const char *text);

#endif
