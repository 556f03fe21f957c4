/* SPDX-License-Identifier: Apache-2.0 */

#include "search.h"

#if defined(__x86_64__)

#include <immintrin.h>

enum { VECTOR = 32 };

int search_can_avx2(void) { return __builtin_cpu_supports("avx2"); }

/*
 * For each of 32 places of the text at once: which groups of keys could one of stand there, going by the lower four bits of PREFIX bytes?
 * Each byte's answer is looked up in a table of 16 in a register, and only a group that all of them name can be there. A
 * byte that is no ASCII names none. Hardly any text but a key gets through; what does is searched in the plain way, so that
 * a text full of what is almost a key costs a constant more for each 32 bytes.
 */
__attribute__((target("avx2"))) int search_avx2(const struct search *s, const void *data, size_t size)
{
    const uint8_t *text = data;
    __m256i table[PREFIX];
    size_t i = 0;

    for (int k = 0; k < PREFIX; k++) {
        table[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)s->prefix[k]));
    }
    for (; i + VECTOR + KEY_SIZE - 1 <= size; i += VECTOR) { /* room for a key that begins at the last of the 32 */
        __m256i groups = _mm256_shuffle_epi8(table[0], _mm256_loadu_si256((const __m256i *)(text + i)));
#pragma GCC unroll 6
        for (int k = 1; k < PREFIX; k++) {
            groups = _mm256_and_si256(groups, _mm256_shuffle_epi8(table[k], _mm256_loadu_si256((const __m256i *)(text + i + k))));
        }
        if (__builtin_expect(!_mm256_testz_si256(groups, groups), 0) && search_portable(s, text + i, VECTOR + KEY_SIZE - 1)) {
            return 1;
        }
    }
    return search_portable(s, text + i, size - i);
}

#else

int search_can_avx2(void) { return 0; }
int search_avx2(const struct search *s, const void *text, size_t size) { return search_portable(s, text, size); }

#endif

int search_has(const struct search *s, const void *text, size_t size)
{
    return search_can_avx2() ? search_avx2(s, text, size) : search_portable(s, text, size);
}
