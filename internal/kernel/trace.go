// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/swar"
)

// traceForm is the head of a trace alone: only their neighbours make its frames plain.
var traceForm = form{starts: []string{"C", "Stack:"}, read: is(isTraceHead)}

// IsTrace reports whether s may belong to a stack trace: a head ("Call Trace:"), a frame of
// any architecture, a section mark, or a register or code dump. Only meaningful after a CPU line.
func IsTrace(s string) bool {
	s = trimEnd(s)
	if isTraceHead(s) || isRegisters(s) {
		return true
	}
	frame := strings.TrimLeft(s, " \t")
	return frame != "" && (isMark(frame) || isFrame(frame) || isStackDump(s))
}

// IsIndentedFrame reports whether s is an indented frame: i386 to 2.6.23 printed frames right after
// the invocation.
func IsIndentedFrame(s string) bool {
	frame := strings.TrimLeft(s, " ")
	return len(frame) < len(s) && isFrame(frame)
}

// isStackDump reports whether s is a line of the raw words of a stack, as x86 printed them to 4.8
// and as MIPS and ARM do.
func isStackDump(s string) bool {
	s, headed := strings.CutPrefix(s, "Stack : ")
	switch {
	case headed:
	case strings.HasPrefix(s, "Exception stack(0x"):
		return true
	case len(s) > 5 && s[4] == ':' && areHexWords(s[:4], 4): // ARM puts the address before them
		s, headed = s[5:], true
	case strings.HasPrefix(s, " ") && strings.TrimLeft(s, " ") == "...": // MIPS ends so
		return true
	}
	return (headed || s[0] == ' ') && (areHexWords(s, 16) || areHexWords(s, 8))
}

// areHexWords reports whether s is nothing but hexadecimal words of so many digits.
func areHexWords(s string, digits int) bool {
	words := 0
	for word := range strings.FieldsSeq(s) {
		for i := range len(word) {
			if !isHex(word[i]) {
				return false
			}
		}
		if len(word) != digits {
			return false
		}
		words++
	}
	return words > 0
}

// isTraceHead reports whether s is the head of the frames.
func isTraceHead(s string) bool {
	return len(s) == len("Call Trace:") && strings.EqualFold(s, "Call Trace:") || s == "Stack:" || strings.HasPrefix(s, "Call Trace: ") || strings.HasPrefix(s, "Backtrace:")
}

// isMark reports whether s is a section mark on its own: "<TASK>", "</IRQ>".
func isMark(s string) bool {
	return len(s) > 2 && s[0] == '<' && strings.IndexByte(s, '>') == len(s)-1
}

// isFrame reports whether s is a frame: an address, a function with offset, or both.
func isFrame(s string) bool {
	s = strings.TrimPrefix(s, "? ")
	if strings.HasPrefix(s, "[<") || strings.HasPrefix(s, "<EOI>") || strings.HasPrefix(s, "<IRQ>") {
		return true
	}
	if i := strings.Index(s, "+0x"); i > 0 {
		return strings.IndexByte(s[:i], ' ') < 0 || strings.HasPrefix(s, "[") || strings.HasPrefix(s, "(")
	}
	return false
}

// IsPlainTrace reports whether s belongs to a stack trace and cannot be anything else: a frame, a
// line of registers or code, or the mark of a task's stack.
func IsPlainTrace(s string) bool {
	if len(s) < 2 {
		return false
	}
	if s[0] != ' ' {
		return isPlainRegisters(s)
	}
	if s[1] == '<' {
		return s == " <TASK>" || s == " </TASK>"
	}
	return isPlainFrame(s)
}

// isPlainRegisters reports whether s is a line of registers or code with no letter in it that
// neither a hexadecimal number nor a register's name has. All words of other lines have such a
// letter.
func isPlainRegisters(s string) bool {
	if !isRegisters(s) || s[len(s)-1] <= ' ' {
		return false
	}
	rest := s[len("Cod"):] // after the small letters of that word
	for len(rest) >= 8 {
		if hasSmallLetter(swar.Load(rest)) && !areRegisters(rest[:8]) {
			return false
		}
		rest = rest[8:]
	}
	return areRegisters(rest)
}

// hasSmallLetter reports whether one of eight bytes may be a letter from g to z, or is no ASCII.
func hasSmallLetter(w uint64) bool {
	const high = 0x80 * swar.Each
	return (w&^high+(0x80-'g')*swar.Each|w)&high != 0
}

// areRegisters reports whether s holds only ASCII, and no small letters but those of hexadecimal
// numbers.
func areRegisters(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 'g' && c != 'x' {
			return false
		}
	}
	return true
}

// isPlainFrame reports whether s is one symbol with its offset and size and
// nothing after it but a module's name, " ? do_user_addr_fault+0x1e8/0x4d0 [xfs]".
func isPlainFrame(s string) bool {
	i := 0
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i == 0 {
		return false
	}
	if len(s) > i+1 && s[i] == '?' && s[i+1] == ' ' {
		i += 2
	}
	symbol := i
	for i < len(s) && symbolBytes[s[i]] {
		i++
	}
	if i == symbol {
		return false
	}
	i, ok := skipHexNumber(s, i, "+0x")
	if !ok {
		return false
	}
	if i, ok = skipHexNumber(s, i, "/0x"); !ok {
		return false
	}
	return i == len(s) || s[i] == ' ' && isModule(s[i+1:])
}

// symbolBytes are the bytes of a function's name.
var symbolBytes = bytesOf("._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

// skipHexNumber returns where a number of hexadecimal digits that begins with the given sign ends.
func skipHexNumber(s string, i int, sign string) (end int, ok bool) {
	if !strings.HasPrefix(s[i:], sign) {
		return i, false
	}
	i += len(sign)
	start := i
	for i < len(s) && isHex(s[i]) {
		i++
	}
	return i, i > start
}

// isModule reports whether s is the name of a module in brackets.
func isModule(s string) bool {
	if len(s) < 3 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		if !isWordByte(s[i]) {
			return false
		}
	}
	return true
}

// registers are the words that a line of a register or code dump starts with, by their first byte.
var registers = func() (by [256][]string) {
	for _, r := range [...]string{"RIP: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: ", "FS: ", "CS: ", "CR2: ", "DR0: ", "DR3: ",
		"EIP: ", "EAX: ", "ESI: ", "DS: ", "Code: ", "ORIG_RAX: ", "EFLAGS: ", "pc : ", "lr : ", "sp : ", "pstate: ", "NIP: ", "LR: ", "MSR: ", "GPR"} {
		by[r[0]] = append(by[r[0]], r)
	}
	return by
}()

// isRegisters reports whether s is a line of a register or code dump.
func isRegisters(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range registers[s[0]] {
		if strings.HasPrefix(s, r) {
			return true
		}
	}
	return false
}
