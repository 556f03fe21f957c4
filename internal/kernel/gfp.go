// SPDX-License-Identifier: Apache-2.0

package kernel

import "strconv"

// DecodeGFP names the flags of a mask that a kernel of the given release printed without names
// (before 4.6), joined by "|", unknown bits last in hex. release is `uname -r` as the CPU line
// prints it; where it is empty the era is found from the mask itself, and when that is ambiguous
// the result is "".
//
// Names are chosen as the kernel's own printing does from 4.6 on: down a table that starts with the
// composites, each entry whose bits are all still there. A mask of 0, the page fault path, has no
// names.
func DecodeGFP(mask uint64, release string) string {
	eras, known := erasOf(release)
	if known && len(eras) == 1 {
		return eras[0].decode(mask).String()
	}
	if !known {
		eras = unnamedEras
	}
	return likeliest(mask, eras)
}

// likeliest decodes the mask by each of the eras and returns the shortest description that all who
// reach it agree on. The killer only serves requests that may reclaim, so a reading counts only
// when it starts with a composite that may, and leaves no bit unknown.
func likeliest(mask uint64, eras []*gfpEra) string {
	var best gfpNames
	agreed := false
	for _, e := range eras {
		names := e.decode(mask)
		switch {
		case names.n == 0 || names.residue != 0 || !names.reclaims:
		case best.n == 0 || names.n < best.n:
			best, agreed = names, true
		case names.n == best.n && names != best:
			agreed = false
		}
	}
	if !agreed {
		return ""
	}
	return best.String()
}

// gfpNames is a mask taken apart.
type gfpNames struct {
	names    [64]string
	n        int
	residue  uint64
	reclaims bool
}

// String joins the names as the kernel prints them.
func (g gfpNames) String() string {
	b := make([]byte, 0, 128)
	for _, name := range g.names[:g.n] {
		if len(b) > 0 {
			b = append(b, '|')
		}
		b = append(b, name...)
	}
	if g.residue != 0 {
		if len(b) > 0 {
			b = append(b, '|')
		}
		b = strconv.AppendUint(append(b, "0x"...), g.residue, 16)
	}
	return string(b)
}

// decode takes a mask apart.
func (e *gfpEra) decode(mask uint64) (g gfpNames) {
	g.reclaims = mask&(e.bits[gfpWait]|e.bits[gfpDirectReclaim]) != 0
	for _, c := range e.composites {
		if mask&c.mask == c.mask {
			g.add(c.name)
			mask &^= c.mask
		}
	}
	for flag, bit := range e.bits {
		if bit != 0 && mask&bit == bit {
			g.add(gfpFlagNames[flag])
			mask &^= bit
		}
	}
	g.residue = mask
	return g
}

// add appends a name.
func (g *gfpNames) add(name string) {
	g.names[g.n] = name
	g.n++
}
