/* SPDX-License-Identifier: Apache-2.0 */

/* What a Fluent Bit input asks of its host. ins is the host's instance, whose layout changes with every release: no field of it is
 * touched. */
#ifndef INPUT_SHIM_H
#define INPUT_SHIM_H

#include <stddef.h>

/* The host, and other plugins in it, may have functions of the same names. */
#pragma GCC visibility push(hidden)

/* Returns the name of a setting that the host is given, NULL behind the last. */
const char *input_shim_key(size_t i);

/* Reports whether the host was given the settings' names, so that it refuses others by itself. */
int input_shim_keys_known(void);

/* Returns the value of a setting, or NULL. */
const char *input_shim_property(void *ins, const char *key);

/* Returns an instance's name, alias first, and the highest level of log lines that it wants: 1 error, 2 warning, 3 info, 4 debug. */
const char *input_shim_name(void *ins);
int input_shim_log_level(void *ins);

/* Appends events under the instance's own tag. 0 says that they are in a chunk; anything else that they are not. */
int input_shim_append(void *ins, const void *data, size_t bytes);

/* Returns what the host keeps an instance's metrics in, or NULL. */
void *input_shim_metrics(void *ins);

#pragma GCC visibility pop

#endif
