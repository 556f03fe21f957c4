/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "search.h"

static uint32_t hash(const uint8_t *window)
{
    uint32_t w;

    memcpy(&w, window, sizeof(w));
    return w * 0x9E3779B1u >> (32 - HASH_BITS);
}

static uint64_t load_key(const uint8_t *p)
{
    uint64_t key;

    memcpy(&key, p, sizeof(key));
    return key;
}

static void add_places(struct search *s, const char *keys, int count)
{
    int n = 0, hashes = 0;

    for (int k = 0; k < count; k++) {
        const uint8_t *key = (const uint8_t *)keys + k * KEY_SIZE;
        for (int at = 0; at < STRIDE; at++) {
            uint8_t *bucket = &s->first[hash(key + at)];
            if (!*bucket) {
                *bucket = 1 + hashes++ % UINT8_MAX;
            }
            s->places[++n] = (struct place){.key = load_key(key), .at = at, .next = s->buckets[*bucket]};
            s->buckets[*bucket] = n;
        }
    }
}

void search_init(struct search *s, const char *keys, int count)
{
    memset(s, 0, sizeof(*s));
    add_places(s, keys, count);
}

/* Reports whether a key stands around position i, which is STRIDE - 1 at least. */
static int key_around(const struct search *s, const uint8_t *text, size_t size, size_t i)
{
    for (int n = s->buckets[s->first[hash(text + i)]]; n; n = s->places[n].next) {
        size_t start = i - s->places[n].at;
        if (start + KEY_SIZE <= size && load_key(text + start) == s->places[n].key) {
            return 1;
        }
    }
    return 0;
}

int search_has(const struct search *s, const void *data, size_t size)
{
    const uint8_t *text = data, *first = s->first;
    size_t i = STRIDE - 1;

    for (; i + 4 * STRIDE <= size; i += 4 * STRIDE) { /* the last window of the four ends one byte before that */
        const uint8_t *p = text + i;
        if (__builtin_expect(first[hash(p)] | first[hash(p + STRIDE)] | first[hash(p + 2 * STRIDE)] | first[hash(p + 3 * STRIDE)], 0)) {
            for (int k = 0; k < 4; k++) {
                if (key_around(s, text, size, i + k * STRIDE)) {
                    return 1;
                }
            }
        }
    }
    for (; i + WINDOW <= size; i += STRIDE) {
        if (key_around(s, text, size, i)) {
            return 1;
        }
    }
    return 0;
}

int search_word(const char *word, const void *data, size_t size)
{
    enum { BLOCK = 64 };
    const char *text = data, a = word[0], b = word[1], c = word[2], d = word[3];
    size_t i = 0;

    for (; i + BLOCK + 3 <= size; i += BLOCK) { /* without a way out, so that the compiler takes many at once */
        char any = 0;
        for (int k = 0; k < BLOCK; k++) {
            const char *p = text + i + k;
            any |= (p[0] == a) & (p[1] == b) & (p[2] == c) & (p[3] == d);
        }
        if (any) {
            return 1;
        }
    }
    for (; i + 4 <= size; i++) {
        if (memcmp(text + i, word, 4) == 0) {
            return 1;
        }
    }
    return 0;
}
