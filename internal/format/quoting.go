// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// quotingEvent knows a line that quotes the kernel in an event of Kubernetes: a row of kubectl get events or kubectl
// describe, a line of node-problem-detector's own log, or the message of an event in YAML. The kill has a line of its own in
// the log of its node, so that none of these is the kernel's, and their text stays as it is.
func quotingEvent(b []byte) (w wrapping, text []byte, ok bool) {
	if len(b) == 0 || b[0] == '[' || b[0] == '<' {
		return w, nil, false // a timestamp or a priority: nearly always
	}
	if !isEventRow(b) && !isDetectorLine(b) && !isEventMessage(b) {
		return w, nil, false
	}
	return wrapping{foreign: true}, b, true
}

// isEventRow reports whether b is a row of kubectl's: "Warning OOMKilling", behind an age, or a namespace and an age, or nothing. Words
// like these may stand in the name of a cgroup, but only behind others.
func isEventRow(b []byte) bool {
	var before []byte
	for range 3 {
		column, rest := word(skipSpaces(b))
		if string(column) == "Warning" {
			reason, _ := word(skipSpaces(rest))
			return string(reason) == "OOMKilling" && (before == nil || isAge(before))
		}
		before, b = column, rest
	}
	return false
}

// isAge reports whether a word is an age as kubectl prints it: "3m56s", "2d".
func isAge(b []byte) bool {
	_, n := digits(b, 6)
	return n > 0 && n < len(b) && (b[n] == 's' || b[n] == 'm' || b[n] == 'h' || b[n] == 'd')
}

// isDetectorLine reports whether b is a line of node-problem-detector's own log, which klog writes: "I0610 09:15:24.123456 …".
func isDetectorLine(b []byte) bool {
	const header = len("I0610 ")
	b = skipSpaces(b)
	return len(b) > header && b[0] >= 'E' && b[0] <= 'W' && fixed(b[1:], 4) >= 0 && b[header-1] == ' ' && bytes.Contains(b, []byte("Reason:OOMKilling Message:"))
}

// isEventMessage reports whether b is the member of an event in YAML that holds the text.
func isEventMessage(b []byte) bool {
	b = skipSpaces(b)
	b = bytes.TrimPrefix(b, []byte("- "))
	for _, key := range [...]string{"message: ", "Message: ", "note: "} {
		if hasPrefix(b, key) {
			return !nameFirst(b)
		}
	}
	return false
}

func skipSpaces(b []byte) []byte { return bytes.TrimLeft(b, " \t") }
