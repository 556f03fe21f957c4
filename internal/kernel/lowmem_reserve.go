// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var lowmemReserveForm = form{
	starts: []string{"lowmem_reserve[]:", "protections[]:"},
	read: is(func(s string) bool {
		var room [8]int64
		_, ok := ParseLowmemReserve(s, room[:0])
		return ok
	}),
	pieces: []continuation{{head: "lowmem_reserve[]:", joins: joinsNumbers}, {head: "protections[]:", joins: joinsNumbers}},
}

// joinsNumbers continues a list of numbers.
func joinsNumbers(_, piece string) bool {
	for rest := trimEnd(piece); rest != ""; {
		_, tail, ok := takeInt(skipSpaces(rest))
		if !ok || rest[0] != ' ' {
			return false
		}
		rest = tail
	}
	return true
}

// ParseLowmemReserve reads "lowmem_reserve[]: 0 1 2" and "protections[]: 0 1 2", appending the
// numbers (pages) to dst. Nothing but numbers may follow the colon.
func ParseLowmemReserve(s string, dst []int64) (values []int64, ok bool) {
	s = trimEnd(s)
	rest, ok := strings.CutPrefix(s, "lowmem_reserve[]:")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "protections[]:"); !ok {
			return dst, false
		}
	}
	values = dst
	for rest != "" {
		v, tail, ok := takeInt(skipSpaces(rest))
		if !ok || (tail != "" && tail[0] != ' ') {
			return dst, false
		}
		values, rest = append(values, v), tail
	}
	return values, true
}
