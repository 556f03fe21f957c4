/* SPDX-License-Identifier: Apache-2.0 */

/* Where files of a scenario go: out of the guest over a serial line, or into a directory of the host. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>

/*
 * Frames on a serial line, one a file:
 *   "\n@@FILE <scenario>/<file> <length>\n" and that many bytes
 */
void output_to_serial(const char *device);
/* <dir>/<scenario>/<file> */
void output_to_directory(const char *dir);

void output_file(const char *scenario, const char *file, const char *data, size_t n);

#endif
