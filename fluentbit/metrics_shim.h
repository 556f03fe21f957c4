/* SPDX-License-Identifier: Apache-2.0 */

/* The host's own metrics. They are not safe for concurrent use: the host reads them in its engine's thread, and there alone may they be
 * written to. Where the host has none, all of this does nothing. */
#ifndef METRICS_SHIM_H
#define METRICS_SHIM_H

#pragma GCC visibility push(hidden)

/* Returns a new metric oomtrail_SUBSYSTEM_NAME with labels, NULL where the host has none. It ends with the host's instance. */
void *metrics_shim_counter(void *cmt, char *subsystem, char *name, char *help, int labels, char **keys);
void *metrics_shim_gauge(void *cmt, char *subsystem, char *name, char *help, int labels, char **keys);

void metrics_shim_add(void *counter, double n, int labels, char **values);
void metrics_shim_set(void *gauge, double n, int labels, char **values);

#pragma GCC visibility pop

#endif
