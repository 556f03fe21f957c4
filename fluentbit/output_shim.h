/* SPDX-License-Identifier: Apache-2.0 */

/* What the output asks of the host beyond fluent-bit-go. plugin is what FLBPluginInit is given. */
#ifndef OUTPUT_SHIM_H
#define OUTPUT_SHIM_H

#include <stddef.h>

/* Gives a host that can be given it, from 5.1.1 on, the names of all settings, so that it refuses others by itself. The names are
 * copied, once. */
void output_shim_settings(void *definition, char **names, size_t n);

/* Returns the highest level of log lines that an instance wants: 1 error, 2 warning, 3 info, 4 debug. */
int output_shim_log_level(void *plugin);

/* Returns an instance's name, alias first. */
const char *output_shim_name(void *plugin);

/* Returns what the host keeps an instance's metrics in, or NULL. */
void *output_shim_metrics(void *plugin);

#endif
