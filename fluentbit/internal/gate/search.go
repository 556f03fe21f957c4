// SPDX-License-Identifier: Apache-2.0

package gate

/*
#include <stdlib.h>
#include "search.h"
*/
import "C"

import "unsafe"

// search is the C search by itself, for tests, which cannot speak with C.
type search struct{ c *C.struct_search }

func newSearch(keys []string) search {
	joined := join(keys)
	s := search{(*C.struct_search)(C.malloc(C.sizeof_struct_search))}
	C.search_init(s.c, (*C.char)(unsafe.Pointer(unsafe.SliceData(joined))), C.int(len(keys)))
	return s
}

func (s search) free() { C.free(unsafe.Pointer(s.c)) }

// has reports whether a text holds a key.
func (s search) has(b []byte) bool { return C.search_has(s.c, start(b), C.size_t(len(b))) != 0 }

// hasWord reports whether a text holds a word of four bytes.
func hasWord(word string, b []byte) bool {
	return C.search_word((*C.char)(unsafe.Pointer(unsafe.StringData(word))), start(b), C.size_t(len(b))) != 0
}

func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }
