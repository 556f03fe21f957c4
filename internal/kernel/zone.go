// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// NodeOrZone is the head of a per-node or per-zone line; figures follow in rest: see [NextPair].
type NodeOrZone struct {
	// Node is the node's number, absent without CONFIG_NUMA.
	Node Int
	// Zone is the zone's name, "" for a per-node line (4.8+).
	Zone string
}

// zoneNames are all names of zones. No name stands before a longer one that begins with it.
var zoneNames = [...]string{"DMA32", "DMA", "Normal", "HighMem", "Movable", "Device"}

// ParseNodeOrZone reads the head of "Node 0 active_anon:…" and "Node 0 DMA free:…"
// (sections 4.4 and 4.5; 2.6.9 to 7.3). rest ends before a number that the line breaks off in: here no
// number without a unit ends a line.
func ParseNodeOrZone(s string) (v NodeOrZone, rest string, ok bool) {
	v, rest = cutNodeAndZone(s)
	if v.Zone != "" && isZone(rest) {
		rest = rest[len(" "):]
	} else if !isNode(v, rest) {
		return NodeOrZone{}, "", false
	}
	return v, withoutCutNumber(rest), true
}

// isZone reports whether the figures of a zone begin in rest, which stands behind its name.
func isZone(rest string) bool { return strings.HasPrefix(rest, " free:") }

// isNode reports whether the figures of a node begin in rest, which stands behind its number.
func isNode(v NodeOrZone, rest string) bool {
	return v.Zone == "" && v.Node.OK && strings.HasPrefix(rest, "active_anon:")
}

// cutNodeAndZone cuts "Node 0 " and a zone's name from the start of s, each if it is there. A piece of a line
// that another CPU's line tore off has one blank before the zone.
func cutNodeAndZone(s string) (v NodeOrZone, rest string) {
	rest = strings.TrimPrefix(s, " ")
	if text, found := strings.CutPrefix(s, "Node "); found {
		id, tail, ok := takeUint(text)
		if !ok || tail == "" || tail[0] != ' ' {
			return NodeOrZone{}, s
		}
		v.Node, rest = Some(id), tail[1:]
	}
	for _, zone := range zoneNames {
		if strings.HasPrefix(rest, zone) {
			v.Zone = rest[:len(zone)]
			return v, rest[len(zone):]
		}
	}
	return v, rest
}

// withoutCutNumber takes the last word off s when it ends with a digit.
func withoutCutNumber(s string) string {
	if s == "" || !isDigit(s[len(s)-1]) {
		return s
	}
	return s[:strings.LastIndexByte(s, ' ')+1]
}
