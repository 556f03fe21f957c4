// SPDX-License-Identifier: Apache-2.0

package scan

import "encoding/binary"

// KeyLen is the length of a key in bytes: eight bytes are compared at once.
const KeyLen = 8

// A key is found by any window of four of its bytes. A key has [stride] windows, so that a look at
// every stride-th place of a text meets one of them.
const (
	window = 4
	stride = KeyLen - window + 1
)

// place is one window of one key.
type place struct {
	key  uint64
	at   uint8 // where in the key the window begins
	next uint8 // the next place with the same hash, 0 for none
}

// Keys is a set of keys that one pass over a text looks for.
type Keys struct {
	// places holds the windows of all keys, from 1 on; first gives by the hash of a window where to
	// begin.
	places []place
	first  [1 << hashBits]uint8
}

const hashBits = 14

func hash(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9E3779B1 >> (32 - hashBits) }

// NewKeys returns the set of the given keys, each of [KeyLen] bytes, at most 51.
func NewKeys(keys ...string) *Keys {
	s := &Keys{places: make([]place, 1, 1+len(keys)*stride)}
	if cap(s.places) > 1<<8 {
		panic("too many keys")
	}
	for _, key := range keys {
		if len(key) != KeyLen {
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

// Index returns the place of a key in the first line that holds one, or -1.
func (s *Keys) Index(b []byte) int {
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

// keyAround returns where the key begins that has one of the windows from n on at position i, or
// -1.
func (s *Keys) keyAround(b []byte, i int, n uint8) int {
	for ; n != 0; n = s.places[n].next {
		p := &s.places[n]
		if start := i - int(p.at); start+KeyLen <= len(b) && binary.LittleEndian.Uint64(b[start:]) == p.key {
			return start
		}
	}
	return -1
}
