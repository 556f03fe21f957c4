// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// invocationForm: the comm before the words may look like any other line's start.
var invocationForm = form{
	named: true,
	read: func(r *Reading, s string) (ok bool) {
		if !mayInvoke(s) {
			return false
		}
		r.full = true
		r.Invocation, ok = ParseInvocation(s)
		return ok
	},
}

// ParseInvocation reads forms I0 to I11 of the invocation line (2.6.9 to 7.3). A cut line
// gives what it still holds and Complete false. ok is false for any other line.
func ParseInvocation(s string) (v report.Invocation, ok bool) {
	rest, ok := cutInvoker(&v, s)
	if !ok {
		return report.Invocation{}, false
	}
	rest = trimEnd(rest)
	const mask = " gfp_mask=0x"
	if !strings.HasPrefix(rest, mask) {
		if !strings.HasPrefix(mask, rest) {
			return report.Invocation{}, false
		}
		return v, true
	}
	if rest, ok = takeGFP(&v.GFP, rest[len(" gfp_mask="):]); !ok {
		return v, true
	}
	if rest == "" && v.HasComm {
		v.GFP = report.GFP{} // the mask may have lost digits
		return v, true
	}
	takeFields(&v, rest)
	return v, true
}

// cutInvoker cuts "X invoked oom-killer:" off the front of s. A comm is too short to hold
// these words, so the first ones count.
func cutInvoker(v *report.Invocation, s string) (rest string, ok bool) {
	const words = " invoked oom-killer:"
	if rest, ok = strings.CutPrefix(s, "oom-killer:"); ok && startsEither(trimEnd(rest), " gfp_mask=0x") { // else it is a name
		return rest, true
	}
	if rest, ok = strings.CutPrefix(s, words[1:]); ok && strings.HasPrefix(rest, " gfp_mask=0x") { // the name was taken for a prefix
		return rest, true
	}
	i := strings.Index(s[:min(len(s), longestComm+len(words))], words)
	if comm, cut := strings.CutSuffix(s, words[:len(words)-1]); cut && i < 0 && commFits(comm) {
		v.Comm, v.HasComm = comm, true
		return "", true
	}
	if i < 0 || !commFits(s[:i]) {
		return s, false
	}
	v.Comm, v.HasComm = s[:i], true
	return s[i+len(words):], true
}

// takeFields reads what follows the mask.
func takeFields(v *report.Invocation, s string) {
	if s == "" {
		v.Complete = true // 2.6.9
		return
	}
	if rest, ok := strings.CutPrefix(s, ", nodemask="); ok {
		i := strings.Index(rest, ", ")
		if i < 0 || !isNodemask(rest[:i]) {
			return
		}
		v.Nodemask, v.HasNodemask, s = rest[:i], true, rest[i:]
	}
	rest, ok := strings.CutPrefix(s, ", order=")
	if !ok {
		if rest, ok = strings.CutPrefix(s, ",  order="); !ok { // two blanks: 4.11 to 4.14
			return
		}
	}
	n, rest, ok := takeInt(rest)
	if !ok || rest == "" && v.HasComm {
		return
	}
	v.Order = Some(n)
	if rest == "" {
		v.Complete = true // 2.6.18
		return
	}
	takeAdjustments(v, rest)
}

// takeAdjustments reads the last fields: oom_adj under either of its names, oom_score_adj, or both.
func takeAdjustments(v *report.Invocation, s string) {
	rest, ok := strings.CutPrefix(s, ", oom_adj=")
	if !ok {
		rest, ok = strings.CutPrefix(s, ", oomkilladj=")
	}
	if ok {
		n, tail, ok := takeInt(rest)
		if !ok {
			return
		}
		v.OOMAdj, s = Some(n), tail
		v.Complete = tail == ""
	}
	if rest, ok = strings.CutPrefix(s, ", oom_score_adj="); ok {
		n, tail, ok := takeInt(rest)
		if !ok {
			return
		}
		v.OOMScoreAdj = Some(n)
		v.Complete = tail == ""
	}
}

// take cuts "0xcc0(GFP_KERNEL)" or "0xd0" off the front of s. ok is false when the names do not
// end.
func takeGFP(g *report.GFP, s string) (rest string, ok bool) {
	i := len("0x")
	var mask uint64
	for ; i < len(s) && i < len("0x")+16 && isHex(s[i]); i++ {
		mask = mask<<4 | uint64(hexValue(s[i]))
	}
	if i == len("0x") {
		return s, false
	}
	g.Mask, g.Text, rest = mask, s[:i], s[i:]
	if rest == "" || rest[0] != '(' {
		return rest, true
	}
	end := strings.IndexByte(rest, ')')
	if end < 0 || !isFlagNames(rest[1:end]) {
		return rest, false
	}
	g.Names, g.HasNames = rest[1:end], true
	return rest[end+1:], true
}

// hexValue is the value of a digit that isHex takes.
func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c - 'a' + 10
}

// isFlagNames reports whether s is names joined by "|".
func isFlagNames(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isWordByte(c) && c != '|' {
			return false
		}
	}
	return true
}

// isWordByte reports whether c is a letter, a digit or an underscore.
func isWordByte(c byte) bool { return isDigit(c) || (c|0x20)-'a' < 26 || c == '_' }

// mayInvoke reports whether s has the invocation's words where a comm leaves them. They are looked
// for before all others, since the comm before them may look like any other line's start.
func mayInvoke(s string) bool {
	const head, tail = "oom", "-killer"
	s = s[:min(len(s), longestComm+len(" invoked ")+len(head+tail))]
	for from := 0; ; { // the dash is what other lines have least
		i := strings.IndexByte(s[from:], tail[0])
		if i < 0 {
			return false
		}
		if i += from; strings.HasPrefix(s[i:], tail) && strings.HasSuffix(s[:i], head) {
			return true
		}
		from = i + 1
	}
}
