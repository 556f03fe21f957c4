// SPDX-License-Identifier: Apache-2.0

package logevent

import (
	"strings"

	"github.com/tinylib/msgp/msgp"
)

// Find returns the value of a key in a map, as encoded: of a key that stands twice the first. It is
// nil where there is none, or no map.
func Find(m []byte, key string) (value []byte) {
	Each(m, func(name, v []byte) bool {
		if string(name) == key {
			value = v
		}
		return value == nil
	})
	return value
}

// Each calls fn with each key and value of a map until fn returns false: the key as text, nil where
// it is none, the value as encoded. A map that is cut is read as far as it goes.
func Each(m []byte, fn func(name, value []byte) bool) {
	n, b, err := msgp.ReadMapHeaderBytes(m)
	for ; err == nil && n > 0; n-- {
		name, rest, e := Text(b)
		if e != nil {
			name = nil
			if rest, err = msgp.Skip(b); err != nil {
				return
			}
		}
		if b, err = msgp.Skip(rest); err != nil || !fn(name, rest[:len(rest)-len(b)]) {
			return
		}
	}
}

// path returns the value of a key as it stands, or as a path into maps; nil when it is absent.
func path(m []byte, key string) []byte {
	if value := Find(m, key); value != nil {
		return value
	}
	if head, rest, dotted := strings.Cut(key, "."); dotted {
		if inner := Find(m, head); inner != nil {
			return path(inner, rest)
		}
	}
	return nil
}

// Text reads a str or a bin without copying it.
func Text(b []byte) (text, rest []byte, err error) {
	if msgp.NextType(b) == msgp.BinType {
		return msgp.ReadBytesZC(b)
	}
	return msgp.ReadStringZC(b)
}
