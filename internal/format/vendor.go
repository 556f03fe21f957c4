// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// Kernels of phone makers print more before a line than the kernel does: CPU, pid and name of the
// task that printed it, and some a wall time. None of this is kept.

// vendorCaller returns the length of what a maker's kernel put before the text, 0 where it put
// nothing there. b stands behind the timestamp. A task may have a name that looks like it.
func vendorCaller(b []byte) (n int) {
	indent := 0
	if len(b) > 0 && b[0] == ' ' {
		indent = 1
	}
	if len(b) < indent+len("c0 ") {
		return 0
	}
	inner := b[indent:]
	switch c := inner[0]; { // nearly always none of them
	case c == '[', c >= 'D' && c <= 'W' && inner[1] == '[':
		n = samsungCaller(inner)
	case c == '(', (c == '-' || c == '.') && inner[1] == '(':
		n = mediatekCaller(inner)
	case c == 'c' && isDigit(inner[1]):
		n = unisocCaller(inner)
	}
	if n == 0 || hasPrefix(inner[n:], invokedWords[1:]) || hasPrefix(inner[n:], cpusetWords[1:]) {
		return 0
	}
	return indent + n
}

// huaweiCaller reads "[pid:2912,cpu3,sh]", which may stand behind a time: "[2022:04:05 12:34:56]".
func huaweiCaller(b []byte) int {
	const wall = len("[2022:04:05 12:34:56]")
	n := 0
	if len(b) > wall && b[5] == ':' && b[wall-1] == ']' && fixed(b[1:], 4) >= 0 {
		if _, c := clockTime(b[len("[2022:04:05 "):]); c == len("12:34:56") {
			n = wall
		}
	}
	if !hasPrefix(b[n:], "[pid:") {
		return 0
	}
	n += len("[pid:")
	_, c := digits(b[n:], 10)
	n += c
	if c == 0 || !hasPrefix(b[n:], ",cpu") {
		return 0
	}
	n += len(",cpu")
	_, c = digits(b[n:], 4)
	n += c
	if c == 0 || !hasPrefix(b[n:], ",") {
		return 0
	}
	return nameUpTo(b, n+1, "]")
}

// samsungCaller reads "[3: sh: 2912] ", also behind a letter for the level: "I[0: swapper/0: 1] ".
func samsungCaller(b []byte) int {
	n := 0
	if b[0] != '[' {
		n = 1
	}
	if !hasPrefix(b[n:], "[") {
		return 0
	}
	_, c := digits(b[n+1:], 4)
	if n += 1 + c; c == 0 || !hasPrefix(b[n:], ":") {
		return 0
	}
	n++
	n += spaces(b[n:])
	if n = nameUpTo(b, n, ":"); n == 0 {
		return 0
	}
	n += spaces(b[n:])
	_, c = digits(b[n:], 10)
	if n += c; c == 0 || !hasPrefix(b[n:], "] ") {
		return 0
	}
	return n + len("] ")
}

// mediatekCaller reads "(3)[2912:sh]", also behind a "-" or a ".".
func mediatekCaller(b []byte) int {
	n := 0
	if b[0] != '(' {
		n = 1
	}
	if !hasPrefix(b[n:], "(") {
		return 0
	}
	_, c := digits(b[n+1:], 4)
	if n += 1 + c; c == 0 || !hasPrefix(b[n:], ")[") {
		return 0
	}
	n += len(")[")
	_, c = digits(b[n:], 10)
	if n += c; c == 0 || !hasPrefix(b[n:], ":") {
		return 0
	}
	return nameUpTo(b, n+1, "]")
}

// unisocCaller reads "c3 ", also with pid and name: "c3  2912 (sh) ".
func unisocCaller(b []byte) int {
	_, c := digits(b[1:], 3)
	n := 1 + c
	if c == 0 || !hasPrefix(b[n:], " ") {
		return 0
	}
	n++
	pid := n + spaces(b[n:])
	if _, c = digits(b[pid:], 10); c > 0 && hasPrefix(b[pid+c:], " (") {
		if end := nameUpTo(b, pid+c+len(" ("), ")"); end > 0 && hasPrefix(b[end:], " ") {
			return end + 1
		}
	}
	return n
}

// nameUpTo returns where a task's name ends that begins at n and has end behind it; 0 where it does
// not.
func nameUpTo(b []byte, n int, end string) int {
	i := bytes.Index(b[n:min(len(b), n+longestComm+len(end))], []byte(end))
	if i < 0 {
		return 0
	}
	return n + i + len(end)
}

// vendorStamp returns how much a maker's kernel put between the number of a timestamp and its
// bracket: the "s" of seconds, or a wall time: " / 07-22 10:13:44.440".
func vendorStamp(b []byte) int {
	const wall = len(" / 07-22 10:13:44.440")
	switch {
	case hasPrefix(b, "s]"):
		return 1
	case len(b) > wall && hasPrefix(b, " / ") && b[wall] == ']':
		if _, c := clockTime(b[len(" / 07-22 "):]); c == len("10:13:44.440") {
			return wall
		}
	}
	return 0
}
