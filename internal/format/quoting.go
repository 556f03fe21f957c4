// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// quotedBy knows a line that quotes the kernel in an event of Kubernetes: a row of kubectl get
// events or kubectl describe, a line of node-problem-detector's own log, or the message of an event
// in YAML. The kill has a line of its own in the log of its node, so that none of these is the
// kernel's, and their text stays as it is. is knows the line without its indent.
func quotedBy(is func(b []byte) bool) func(b []byte) (w wrapping, text []byte, ok bool) {
	return func(b []byte) (w wrapping, text []byte, ok bool) {
		if !is(skipIndent(b)) {
			return w, nil, false
		}
		return wrapping{foreign: true}, b, true
	}
}

// isEventRow reports whether b is a row of kubectl's: "Warning OOMKilling", behind an age, or a
// namespace and an age, or nothing. Words like these may stand in the name of a cgroup, but only
// behind others.
func isEventRow(b []byte) bool {
	const kind = "Warning "
	if !hasPrefix(b, kind) {
		if !isAge(b) { // a namespace, then
			_, b = word(b)
			b = skipIndent(b)
		}
		if !isAge(b) {
			return false
		}
		_, b = word(b)
		b = skipIndent(b)
	}
	return hasPrefix(b, kind) && hasPrefix(skipIndent(b[len(kind):]), "OOMKilling ")
}

// isAge reports whether b begins with an age as kubectl prints it: "3m56s", "2d".
func isAge(b []byte) bool {
	_, n := digits(b, 6)
	return n > 0 && n < len(b) && (b[n] == 's' || b[n] == 'm' || b[n] == 'h' || b[n] == 'd')
}

// isDetectorLine reports whether b is a line of node-problem-detector's own log, which klog writes:
// "I0610 09:15:24.123456 …".
func isDetectorLine(b []byte) bool {
	const header = len("I0610 ")
	return len(b) > header && b[0] >= 'E' && b[0] <= 'W' && fixed(b[1:], 4) >= 0 && b[header-1] == ' ' && bytes.Contains(b, []byte("Reason:OOMKilling Message:"))
}

// isEventMessage reports whether b is the member of an event in YAML that holds the text.
func isEventMessage(b []byte) bool {
	if hasPrefix(b, "- ") {
		b = b[len("- "):]
	}
	return (hasPrefix(b, "message: ") || hasPrefix(b, "Message: ") || hasPrefix(b, "note: ")) && !nameFirst(b)
}

// skipIndent takes the spaces and tabs off the start of b.
func skipIndent(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}
