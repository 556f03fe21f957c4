/* SPDX-License-Identifier: Apache-2.0 */

/* The functions of cmetrics that the host offers its plugins: the same from 2.1 to 5.1, but no promise, so that they are weak. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "metrics_shim.h"

extern void *cmt_counter_create(void *cmt, char *ns, char *subsystem, char *name, char *help, int labels, char **keys) __attribute__((weak));
extern int cmt_counter_add(void *counter, uint64_t time, double n, int labels, char **values) __attribute__((weak));
extern void *cmt_gauge_create(void *cmt, char *ns, char *subsystem, char *name, char *help, int labels, char **keys) __attribute__((weak));
extern int cmt_gauge_set(void *gauge, uint64_t time, double n, int labels, char **values) __attribute__((weak));

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void *metrics_shim_counter(void *cmt, char *subsystem, char *name, char *help, int labels, char **keys)
{
    return cmt && cmt_counter_create && cmt_counter_add ? cmt_counter_create(cmt, "oomtrail", subsystem, name, help, labels, keys) : NULL;
}

void *metrics_shim_gauge(void *cmt, char *subsystem, char *name, char *help, int labels, char **keys)
{
    return cmt && cmt_gauge_create && cmt_gauge_set ? cmt_gauge_create(cmt, "oomtrail", subsystem, name, help, labels, keys) : NULL;
}

void metrics_shim_add(void *counter, double n, int labels, char **values)
{
    if (counter) {
        cmt_counter_add(counter, now(), n, labels, values);
    }
}

void metrics_shim_set(void *gauge, double n, int labels, char **values)
{
    if (gauge) {
        cmt_gauge_set(gauge, now(), n, labels, values);
    }
}
