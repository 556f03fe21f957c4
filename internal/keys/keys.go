// SPDX-License-Identifier: Apache-2.0

// Package keys looks for any of several words in one pass over a text.
package keys

import "encoding/binary"

// Len is the length of a key: eight bytes can be compared at once.
const Len = 8

// A key is found by any four of its bytes that stand together. Of the starts of such fours a key has [stride], so
// that one look at every stride-th place of a text meets each key.
const (
	window = 4
	stride = Len - window + 1
)

// place is one window of one key.
type place struct {
	key  uint64
	at   uint8 // where in the key the window stands
	next uint8 // the next place with the same hash, 0 for none
}

// Set is a set of keys.
type Set struct {
	// places holds the windows of all keys, from 1 on; first tells by the hash of a window where to begin.
	places []place
	first  [1 << hashBits]uint8
}

const hashBits = 14

func hash(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9E3779B1 >> (32 - hashBits) }

// New returns the set of keys of eight bytes each, at most 51.
func New(keys ...string) *Set {
	s := &Set{places: make([]place, 1, 1+len(keys)*stride)}
	if cap(s.places) > 1<<8 {
		panic("too many keys")
	}
	for _, key := range keys {
		if len(key) != Len {
			panic("a key of another length than 8: " + key)
		}
		b := []byte(key)
		for at := range stride {
			h := hash(b[at:])
			s.places = append(s.places, place{key: binary.LittleEndian.Uint64(b), at: uint8(at), next: s.first[h]})
			s.first[h] = uint8(len(s.places) - 1)
		}
	}
	return s
}

// Index returns where the first line that holds a key has one, or -1.
func (s *Set) Index(b []byte) int {
	const step = 4 * stride
	first := &s.first
	i := stride - 1
	for ; i+step <= len(b); i += step {
		p := b[i : i+step : i+step]
		n0, n1, n2, n3 := first[hash(p)], first[hash(p[stride:])], first[hash(p[2*stride:])], first[hash(p[3*stride:])]
		if n0|n1|n2|n3 == 0 {
			continue
		}
		at := s.keyAround(b, i, n0)
		if at < 0 {
			at = s.keyAround(b, i+stride, n1)
		}
		if at < 0 {
			at = s.keyAround(b, i+2*stride, n2)
		}
		if at < 0 {
			at = s.keyAround(b, i+3*stride, n3)
		}
		if at >= 0 {
			return at
		}
	}
	for ; i+window <= len(b); i += stride {
		if at := s.keyAround(b, i, first[hash(b[i:])]); at >= 0 {
			return at
		}
	}
	return -1
}

// keyAround returns where the key stands that has one of the windows from n on at position i, or -1.
func (s *Set) keyAround(b []byte, i int, n uint8) int {
	for ; n != 0; n = s.places[n].next {
		p := &s.places[n]
		if start := i - int(p.at); start+Len <= len(b) && binary.LittleEndian.Uint64(b[start:]) == p.key {
			return start
		}
	}
	return -1
}
