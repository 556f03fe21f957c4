// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// ParseLowmemReserve reads "lowmem_reserve[]: 0 1 2" and "protections[]: 0 1 2", appending the numbers
// (pages) to dst. Nothing but numbers may follow the colon.
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
		v, tail, ok := takeInt(skipBlanks(rest))
		if !ok || (tail != "" && tail[0] != ' ') {
			return dst, false
		}
		values, rest = append(values, v), tail
	}
	return values, true
}
