/* SPDX-License-Identifier: Apache-2.0 */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gate.h"
#include "search.h"

/* Quiet tags are kept in sets by their hash. A tag that finds its set full puts another one out, whose next chunk then is
 * not handed back, and sets it again.
 *
 * Chunks of one tag come one after the other, so that each sees what was set for the one before it. Where a host lets two
 * threads bring chunks of one tag at once, either may be the first, and what one of them sees is right for that order. */
enum { SETS = 512, WAYS = 8 };

struct gate {
    struct search search;
    uint64_t factor;
    char word[4];
    int drops;
    _Atomic uint64_t chunks, bytes;
    _Atomic uint64_t quiet[SETS][WAYS]; /* hashes, 0 for none */
    unsigned put_out;
};

/* 2^61 - 1, a prime. */
static const uint64_t prime = ((uint64_t)1 << 61) - 1;

struct gate *gate_new(const char *keys, int count, const char *word, uint64_t random)
{
    struct gate *g = calloc(1, sizeof(*g));

    if (g) {
        search_init(&g->search, keys, count);
        g->factor = random % prime;
        g->drops = word != NULL;
        if (word) {
            memcpy(g->word, word, sizeof(g->word));
        }
    }
    return g;
}

void gate_free(struct gate *g) { free(g); }

static uint64_t step(uint64_t h, uint64_t factor, uint32_t word)
{
    unsigned __int128 x = (unsigned __int128)h * factor + word;

    h = (uint64_t)(x & prime) + (uint64_t)(x >> 61);
    return h >= prime ? h - prime : h;
}

/* The value of the tag as a polynomial at a place that nobody knows: no one can make up a tag with the hash of another, and by
 * chance two tags share one once in 2^61 divided by their length. */
static uint64_t hash_tag(const struct gate *g, const char *tag, int size)
{
    uint64_t h = (uint64_t)size;
    uint32_t word;

    for (; size >= (int)sizeof(word); tag += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, tag, sizeof(word));
        h = step(h, g->factor, word);
    }
    word = 0;
    if (size > 0) {
        memcpy(&word, tag, size);
    }
    return step(step(h, g->factor, word), g->factor, 0) + 1;
}

/* Returns the set of a hash. The hashes of tags that are counted up stand at equal distances, which by chance leave few sets for
 * all of them: so they are mixed. */
static _Atomic uint64_t *set_of(struct gate *g, uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9;
    return g->quiet[(hash >> 32) % SETS];
}

/* Returns where the set of a hash holds a value, or NULL. */
static _Atomic uint64_t *find(struct gate *g, uint64_t hash, uint64_t value)
{
    _Atomic uint64_t *set = set_of(g, hash);

    for (int i = 0; i < WAYS; i++) {
        if (atomic_load(&set[i]) == value) {
            return &set[i];
        }
    }
    return NULL;
}

int gate_try(struct gate *g, const char *tag, int tag_size, const void *chunk, size_t size)
{
    uint64_t hash = hash_tag(g, tag, tag_size);

    if (!find(g, hash, hash) || search_has(&g->search, chunk, size) || (g->drops && search_word(g->word, chunk, size))) {
        return GATE_ASK;
    }
    atomic_fetch_add(&g->chunks, 1);
    atomic_fetch_add(&g->bytes, size);
    return g->drops ? GATE_DROP : GATE_PASS;
}

void gate_set(struct gate *g, const char *tag, int tag_size, int quiet)
{
    uint64_t hash = hash_tag(g, tag, tag_size);
    _Atomic uint64_t *place = find(g, hash, hash);

    if (!quiet == !place) {
        return;
    }
    if (!quiet) {
        atomic_store(place, 0);
        return;
    }
    place = find(g, hash, 0);
    if (!place) {
        place = &set_of(g, hash)[g->put_out++ % WAYS];
    }
    atomic_store(place, hash);
}

void gate_passed(struct gate *g, uint64_t *chunks, uint64_t *bytes)
{
    *chunks = atomic_exchange(&g->chunks, 0);
    *bytes = atomic_exchange(&g->bytes, 0);
}
