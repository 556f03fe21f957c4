/* SPDX-License-Identifier: Apache-2.0 */

#include "json.h"

#include <stdarg.h>
#include <stdio.h>

void json_raw(struct json *j, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(j->data + j->len, j->cap - j->len, format, args);
	va_end(args);
	if (n > 0 && j->len + n < j->cap)
		j->len += n;
}

void json_string(struct json *j, const char *s)
{
	json_raw(j, "\"");
	for (; *s; s++) {
		unsigned char c = *s;
		if (c == '"' || c == '\\')
			json_raw(j, "\\%c", c);
		else if (c < ' ' || c > '~')
			json_raw(j, "\\u%04x", c);
		else
			json_raw(j, "%c", c);
	}
	json_raw(j, "\"");
}

void json_hex(struct json *j, const void *data, size_t n)
{
	const unsigned char *b = data;
	json_raw(j, "\"");
	for (size_t i = 0; i < n; i++)
		json_raw(j, "%02x", b[i]);
	json_raw(j, "\"");
}
