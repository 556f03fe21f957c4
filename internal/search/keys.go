// SPDX-License-Identifier: Apache-2.0

// Package search finds any of many keys in a text in one pass. It imports nothing, so that the
// packages whose tables the keys come from can search too.
package search

import (
	"encoding/binary"
	"math/bits"
)

// KeyLen is the length of a key in bytes: eight bytes are compared at once.
const KeyLen = 8

// A key is found by any window of four of its bytes. A key has [stride] windows, so that a look at
// every stride-th place of a text meets one of them.
const (
	window = 4
	stride = KeyLen - window + 1
	// half is how far from one window of a key another one begins, before or after it.
	half = stride / 2
)

// place is one window of one key.
type place struct {
	key uint64
	at  uint8 // where in the key the window begins
}

// Keys is a set of keys that one pass over a text looks for.
type Keys struct {
	// first gives by the hash of a window the bucket of the places that have it, 0 for none.
	// Several hashes share a bucket, so that one byte does: the table stays small.
	first [1 << hashBits]uint8
	// places are those of all keys by their buckets: those of one end where the next begins.
	places []place
	starts [1<<8 + 1]uint16
}

// hashBits sets the size of the table: a processor's first cache has room for it.
const hashBits = 15

func hash(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9E3779B1 >> (32 - hashBits) }

// NewKeys returns the set of the given keys, each of [KeyLen] bytes.
func NewKeys(keys ...string) *Keys {
	s := new(Keys)
	var buckets [1 << 8][]place
	hashes := 0
	for _, key := range keys {
		if len(key) != KeyLen {
			panic("a key of another length than 8: " + key)
		}
		for at := range stride {
			bucket := &s.first[hash([]byte(key[at:]))]
			if *bucket == 0 {
				*bucket = uint8(1 + hashes%(len(buckets)-1))
				hashes++
			}
			buckets[*bucket] = append(buckets[*bucket], place{key: binary.LittleEndian.Uint64([]byte(key)), at: uint8(at)})
		}
	}
	for i, places := range buckets {
		s.places = append(s.places, places...)
		s.starts[i+1] = uint16(len(s.places))
	}
	return s
}

// Index returns the place of a key in the first line that holds one, or -1. It allocates nothing.
func (s *Keys) Index(b []byte) int {
	const step = 4 * stride
	first := &s.first
	i := stride - 1
	for ; i+step+half <= len(b); i += step {
		p := b[i : i+step : i+step]
		n0, n1, n2, n3 := first[hash(p)], first[hash(p[stride:])], first[hash(p[2*stride:])], first[hash(p[3*stride:])]
		if n0|n1|n2|n3 == 0 {
			continue
		}
		found := uint32(n0) | uint32(n1)<<8 | uint32(n2)<<16 | uint32(n3)<<24
		for found != 0 {
			k := bits.TrailingZeros32(found) / 8
			bucket := uint8(found >> (8 * k))
			found &^= 0xff << (8 * k)
			if near := b[i+k*stride-half:]; first[hash(near)]|first[hash(near[2*half:])] == 0 {
				continue // most of what looks like a window stands in no key
			}
			if at := s.keyAround(b, i+k*stride, bucket); at >= 0 {
				return at
			}
		}
	}
	for ; i+window <= len(b); i += stride {
		if at := s.keyAround(b, i, first[hash(b[i:])]); at >= 0 {
			return at
		}
	}
	return -1
}

// keyAround returns where the key begins that has one of the windows of a bucket at position i, or
// -1.
func (s *Keys) keyAround(b []byte, i int, bucket uint8) int {
	places := s.places[s.starts[bucket]:s.starts[uint(bucket)+1]]
	for k := range places {
		p := &places[k]
		if start := i - int(p.at); start+KeyLen <= len(b) && binary.LittleEndian.Uint64(b[start:]) == p.key {
			return start
		}
	}
	return -1
}
