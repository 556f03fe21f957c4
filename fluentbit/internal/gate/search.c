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

/* A group of keys: the lower four bits that its keys have at each place, one bit for each. */
struct group { uint16_t bits[PREFIX]; };

static struct group both(const struct group *a, const struct group *b)
{
    struct group g;

    for (int i = 0; i < PREFIX; i++) {
        g.bits[i] = a->bits[i] | b->bits[i];
    }
    return g;
}

/* How many texts, told by their lower four bits, a group takes for its own. */
static int64_t takes(const struct group *g)
{
    int64_t n = 1;

    for (int i = 0; i < PREFIX; i++) {
        n *= __builtin_popcount(g->bits[i]);
    }
    return n;
}

/* Puts keys that are alike together, two groups at a time, until there are eight: those two that take least more texts than apart. */
static void add_prefixes(struct search *s, const char *keys, int count)
{
    struct group groups[MAX_KEYS] = {0};

    for (int k = 0; k < count; k++) {
        for (int i = 0; i < PREFIX; i++) {
            groups[k].bits[i] = 1 << (keys[k * KEY_SIZE + i] & 15);
        }
    }
    while (count > 8) {
        int64_t least = INT64_MAX;
        int a = 0, b = 1;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                struct group g = both(&groups[i], &groups[j]);
                int64_t more = takes(&g) - takes(&groups[i]) - takes(&groups[j]);
                if (more < least) {
                    least = more, a = i, b = j;
                }
            }
        }
        groups[a] = both(&groups[a], &groups[b]);
        groups[b] = groups[--count];
    }
    for (int g = 0; g < count; g++) {
        for (int i = 0; i < PREFIX; i++) {
            for (int n = 0; n < 16; n++) {
                s->prefix[i][n] |= (groups[g].bits[i] >> n & 1) << g;
            }
        }
    }
}

void search_init(struct search *s, const char *keys, int count)
{
    memset(s, 0, sizeof(*s));
    add_places(s, keys, count);
    add_prefixes(s, keys, count);
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

int search_portable(const struct search *s, const void *data, size_t size)
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
