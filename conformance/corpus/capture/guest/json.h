/* SPDX-License-Identifier: Apache-2.0 */

/* JSON into memory that is there beforehand: under memory pressure nothing is allocated. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

struct json {
	char *data;
	size_t len, cap;
};

/* Appends text as it is; what does not fit is left out. */
void json_raw(struct json *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends a string in quotes; bytes that are not printable ASCII as \u00XX. */
void json_string(struct json *j, const char *s);
/* Appends any bytes as a string of hexadecimal digits. */
void json_hex(struct json *j, const void *data, size_t n);

#endif
