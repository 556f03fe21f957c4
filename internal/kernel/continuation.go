// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// JoinsFragment reports whether piece can be the continuation of head, a line that breaks off. The
// kernel prints a long line by several calls, and where another CPU prints between two of them the
// rest becomes a record of its own. So head ends where one of these calls ends, and piece starts as
// the next one does: with the mark of a field, or, where head ends in a mark or in words that need
// one, with a cgroup's path or a cpuset's name. Nothing of the text between is lost: the line is
// head and piece as they are.
func JoinsFragment(head, piece string) bool {
	if head == "" || piece == "" {
		return false
	}
	for i := range pieces {
		p := &pieces[i]
		if rest, ok := p.cut(head); ok {
			return p.joins(rest, piece)
		}
	}
	return false
}

// continuation is a place where a line can break off.
type continuation struct {
	// head is the words that start the line. Where it is "", begins cuts off what starts it.
	head   string
	begins func(line string) (rest string, ok bool)
	// joins reports whether piece can continue the line, of which rest follows its start.
	joins func(rest, piece string) bool
}

// cut returns what follows the start of a line that can break off here.
func (c *continuation) cut(line string) (rest string, ok bool) {
	if c.begins != nil {
		return c.begins(line)
	}
	return strings.CutPrefix(line, c.head)
}

// pieces are the continuations of all kinds: first those of lines with a fixed start.
var pieces []continuation

func init() {
	for _, named := range [...]bool{false, true} {
		for _, f := range forms() {
			for _, p := range f.pieces {
				if (p.begins != nil) == named {
					pieces = append(pieces, p)
				}
			}
		}
	}
}

// EndsInName reports whether s, a line of kind k that breaks off, ends inside a task's name, as far
// as that can go.
func EndsInName(k Kind, s string) bool {
	f := kinds[k].form
	if f == nil || f.openName == nil {
		return false
	}
	name, ok := f.openName(s)
	return ok && commFits(name)
}

// joinsPath reports whether piece is a path that is all that is missing.
func joinsPath(rest, piece string) bool {
	return rest == "" && startsPath(piece)
}

// startsCpusetName reports whether s starts as the name of a cpuset that the given mark, or
// nothing, follows. A name with a space in it cannot be known from another line, nor is one that is
// like a line of its own.
func startsCpusetName(s, mark string) bool {
	name, _, marked := strings.Cut(s, mark)
	if name == "" || name[0] == ',' || len(name) > 255 || !isCpusetName(name) {
		return false
	}
	return marked || strings.IndexByte(name, ' ') < 0 && Classify(s) == Other
}

// joinsCpuset continues "X cpuset=" (3.16 to 4.20).
func joinsCpuset(rest, piece string) bool {
	if rest == "" {
		return startsCpusetName(piece, " mems_allowed=")
	}
	return strings.HasPrefix(piece, " mems_allowed=") && isCpusetName(rest)
}
