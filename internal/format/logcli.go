// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// logcliOutput takes off the `2024-06-10T09:15:24Z {hostname="node-1", transport="kernel"} ` that
// Loki's logcli prints before each line: a timestamp, and the labels that not all lines have.
func logcliOutput(b []byte) (w wrapping, text []byte, ok bool) {
	stamp, rest := word(b)
	if at, n := isoTime(stamp); n == 0 || n != len(stamp) || !at.zoned || len(rest) == 0 || rest[0] != '{' {
		return w, nil, false
	}
	w.stamp = stamp
	for rest = rest[1:]; len(rest) > 0 && rest[0] != '}'; {
		name, value, more, ok := logcliLabel(rest)
		if !ok {
			return w, nil, false
		}
		switch said, _ := storeKey(scopeEntry, name); said {
		case fieldHostname:
			if isHost(value) && !isAddress(value) {
				w.host = value
			}
		case fieldContainer, fieldOutput:
			w.contained = true
		case fieldJournalTransport, fieldIdentifier:
			w.foreign = w.foreign || string(value) != "kernel"
		}
		rest = bytes.TrimPrefix(more, []byte(", "))
	}
	text, ok = bytes.CutPrefix(rest, []byte("} "))
	return w, text, ok
}

// logcliLabel reads `name="value"`, in which a quote or a backslash has one before it.
func logcliLabel(b []byte) (name, value, rest []byte, ok bool) {
	n := bytes.IndexByte(b, '=')
	if n <= 0 || !isHost(b[:n]) || n+1 >= len(b) || b[n+1] != '"' {
		return nil, nil, nil, false
	}
	for i := n + 2; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[:n], b[n+2 : i], b[i+1:], true
		}
	}
	return nil, nil, nil, false
}
