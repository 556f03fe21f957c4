/* SPDX-License-Identifier: Apache-2.0 */

/* Looks for any of several words of eight bytes in a text. It does not know what the words are for. */
#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    KEY_SIZE = 8,
    MAX_KEYS = 160,

    /* A key is found by any four of its bytes that stand together. Of the starts of such fours a key has STRIDE, so that one
     * look at every STRIDE-th place of a text meets each key. */
    WINDOW = 4,
    STRIDE = KEY_SIZE - WINDOW + 1,
    HASH_BITS = 15,
};

/* One window of one key. */
struct place {
    uint64_t key;
    uint8_t at;    /* where in the key the window stands */
    uint16_t next; /* the next place of the same bucket, 0 for none */
};

struct search {
    /* The windows of all keys, from 1 on. first gives by the hash of a window its bucket, 0 for none: several hashes share
     * one, so that a byte does and the table stays small. buckets says where each begins. */
    struct place places[MAX_KEYS * STRIDE + 1];
    uint16_t buckets[1 << 8];
    uint8_t first[1 << HASH_BITS];
};

/* The host, and other plugins in it, may have functions of the same names. */
#pragma GCC visibility push(hidden)

/* Makes ready to search for the keys, which stand one behind the other. Their bytes are ASCII. */
void search_init(struct search *s, const char *keys, int count);

/* Reports whether a text holds a key. */
int search_has(const struct search *s, const void *text, size_t size);

/* Reports whether a text holds a word of four bytes. */
int search_word(const char *word, const void *text, size_t size);

#pragma GCC visibility pop

#endif
