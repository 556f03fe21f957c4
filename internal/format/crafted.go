// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// A task may call itself what the prefix of some format looks like, or what mail and web pages make
// of a log. Two lines of a report begin with such a name, others end with one or hold one: these
// say nothing about the format, unless they hold more than a name can.

// longestComm is the most bytes of a task's name.
const longestComm = 15

// invokedWords and cpusetWords are what stands after the name with which a line begins.
const invokedWords, cpusetWords = " invoked oom-killer:", " cpuset="

// nameFirst reports whether all that stands before the words of a line of the kernel's may be a
// task's name.
func nameFirst(b []byte) bool {
	return bytes.Contains(b[:min(len(b), longestComm+len(invokedWords))], []byte(invokedWords)) ||
		bytes.Contains(b[:min(len(b), longestComm+len(cpusetWords))], []byte(cpusetWords))
}

// beginsBehindName reports whether b begins with such words.
func beginsBehindName(b []byte) bool {
	return len(b) > 1 && (b[1] == invokedWords[1] || b[1] == cpusetWords[1]) && (hasPrefix(b, invokedWords) || hasPrefix(b, cpusetWords))
}

// mayBeNamed reports whether a line of the kernel's that ends with b may end with a name: it is a
// row of the task table, or has a path.
func mayBeNamed(b []byte) bool {
	if bytes.IndexByte(b, '/') >= 0 {
		return true
	}
	for i := bytes.IndexByte(b, '['); i >= 0; { // a row begins with [  123]
		n := i + 1 + spaces(b[i+1:])
		_, c := digits(b[n:], 19)
		if n += c; c > 0 && n < len(b) && b[n] == ']' {
			return true
		}
		next := bytes.IndexByte(b[i+1:], '[')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return false
}
