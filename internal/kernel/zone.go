// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// zoneForm is the form of all lines about a node, a zone, or a processor of a zone: what follows
// the zone's name makes out which.
var zoneForm = form{
	starts: append(zoneNames[:], "Node ", " ", "CPU "),
	read:   (*Reading).readZone,
	pieces: []continuation{{head: "Node ", joins: joinsNode}},
}

// readZone sets the kind of such a line.
func (r *Reading) readZone(s string) bool {
	switch head, rest := cutNodeAndZone(s); {
	case isNode(head, rest):
		r.Kind = NodeLine
	case head.Zone == "":
		r.Kind = Pageset
		return isCPUPageset(s)
	case isZone(rest):
		r.Kind = ZoneLine
	case isBuddy(rest):
		r.Kind = Buddy
	case isPerCPU(rest):
		r.Kind = Pageset
	default:
		return false
	}
	return true
}

// zoneNames are all names of zones. A longer name precedes one that it begins with.
var zoneNames = [...]string{"DMA32", "DMA", "Normal", "HighMem", "Movable", "Device"}

// joinsNode continues "Node 0 " with a zone's text, and a buddy list with its items.
func joinsNode(rest, piece string) bool {
	_, rest, ok := takeUint(rest)
	if !ok {
		return false
	}
	if rest == " " {
		head, text := cutNodeAndZone(piece)
		return !head.Node.OK && head.Zone != "" && (strings.HasPrefix(text, " free:") || strings.HasPrefix(text, ":") || strings.HasPrefix(text, " per-cpu:"))
	}
	head, text := cutNodeAndZone(rest)
	if head.Zone == "" || !strings.HasPrefix(text, ": ") || strings.Contains(text, "= ") {
		return false
	}
	if strings.HasPrefix(piece, "(") || strings.HasPrefix(piece, "= ") {
		return text != ": "
	}
	_, _, ok = cutBuddyItem(piece)
	return ok
}

// NodeOrZone is the head of a per-node or per-zone line; values follow in rest: see [NextPair].
type NodeOrZone struct {
	// Node is the node's number, absent without CONFIG_NUMA.
	Node report.Int
	// Zone is the zone's name, "" for a per-node line (4.8+).
	Zone string
}

// ParseNodeOrZone reads the head of "Node 0 active_anon:…" and "Node 0 DMA free:…" (docs/formats.md
// sections 4.4 and 4.5; 2.6.9 to 7.3). rest ends before a number that the line breaks off in: here
// no number without a unit ends a line.
func ParseNodeOrZone(s string) (v NodeOrZone, rest string, ok bool) {
	v, rest = cutNodeAndZone(s)
	if v.Zone != "" && isZone(rest) {
		rest = rest[len(" "):]
	} else if !isNode(v, rest) {
		return NodeOrZone{}, "", false
	}
	return v, withoutCutNumber(rest), true
}

// isZone reports whether the values of a zone begin in rest, which follows its name.
func isZone(rest string) bool { return strings.HasPrefix(rest, " free:") }

// isNode reports whether the values of a node begin in rest, which follows its number.
func isNode(v NodeOrZone, rest string) bool {
	return v.Zone == "" && v.Node.OK && strings.HasPrefix(rest, "active_anon:")
}

// cutNodeAndZone cuts "Node 0 " and a zone's name from the start of s, each if it is there. A piece
// of a line that another CPU's line tore off has one space before the zone.
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
