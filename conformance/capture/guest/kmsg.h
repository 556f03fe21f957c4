/* The kernel's log, as it is read. */
#ifndef KMSG_H
#define KMSG_H

#include <stddef.h>

struct kmsg {
	const char *data; /* records as read from /dev/kmsg */
	size_t len;
	int overruns; /* how often the buffer was overwritten before it was read */
};

void kmsg_allocate(void);
/* Starts to read behind the newest record; and syslog(2) too, where the log is the harness's own. */
void kmsg_begin(int syslog_too);
/* Takes what there is since; never waits. */
const struct kmsg *kmsg_drain(void);
/* Takes the whole buffer, from its oldest record. */
const struct kmsg *kmsg_whole(void);
/* Returns what syslog(2) has since kmsg_begin, and its length. */
const char *kmsg_syslog(size_t *n);
/* Writes one record, as a user. */
void kmsg_write(const char *text);

#endif
