/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A gate before a filter in another language: it does with a chunk what the filter would, without entering that language, which
 * costs more than the search, since it wakes threads of its own. All but the functions that say otherwise may be called
 * from several threads at once.
 */
#ifndef GATE_H
#define GATE_H

#include <stddef.h>
#include <stdint.h>

/* The host, and other plugins in it, may have functions of the same names. */
#pragma GCC visibility push(hidden)

struct gate;

/* What becomes of a chunk. */
enum { GATE_ASK, GATE_PASS, GATE_DROP };

/* Makes a gate that asks the filter about what has one of the keys; random must not be known to who makes up tags. The rest
 * passes, or with a word of four bytes: it is dropped, unless it has the word. NULL: no memory. */
struct gate *gate_new(const char *keys, int count, const char *word, uint64_t random);
void gate_free(struct gate *g);

/* Says what becomes of a chunk. Without a question to the filter it passes or is dropped, and is counted, when it has no key and its
 * tag is quiet. */
int gate_try(struct gate *g, const char *tag, int tag_size, const void *chunk, size_t size);

/* Says whether a tag is quiet: the filter knows it, and would do nothing to a chunk under it that has no key. One caller at a time. */
void gate_set(struct gate *g, const char *tag, int tag_size, int quiet);

/* Returns how many chunks and bytes passed or were dropped since the last call. */
void gate_passed(struct gate *g, uint64_t *chunks, uint64_t *bytes);

#pragma GCC visibility pop

#endif
