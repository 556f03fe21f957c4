/* SPDX-License-Identifier: Apache-2.0 */

/* Time, files and memory: what every part of the guest needs. */
#ifndef UTIL_H
#define UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KB 1024UL
#define MB (1024UL * 1024UL)
#define PAGE 4096UL
#define LENGTH(array) (sizeof(array) / sizeof *(array))

uint64_t monotonic_ns(void);
uint64_t boottime_ns(void); /* like monotonic_ns, and goes on during suspend */
void sleep_ms(long ms);
void sleep_us(long us);

/* Reads a file whole, at most size-1 bytes; ends it with NUL. Returns its length, or -1. */
int read_file(const char *path, char *buf, size_t size);
/* Writes a value in one write(2). Returns 0, or -errno. */
int write_file(const char *path, const char *value);
void write_all(int fd, const char *data, size_t n);
/* Returns the number behind a key of /proc's tables ("\nVmRSS:"), or -1. */
long number_after(const char *text, const char *key);

/* Memory of the harness itself: there before any pressure, and not in its children. */
void *preallocate(size_t size);

/* A line on standard output: the console of the guest. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
