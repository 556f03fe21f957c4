/* SPDX-License-Identifier: Apache-2.0 */

#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct run run;

void run_note(const char *format, ...)
{
	size_t len = strlen(run.notes);
	va_list args;
	va_start(args, format);
	vsnprintf(run.notes + len, sizeof run.notes - len, format, args);
	va_end(args);
	len = strlen(run.notes);
	if (len + 1 < sizeof run.notes)
		strcat(run.notes, "\n");
}
