// SPDX-License-Identifier: Apache-2.0

package format

// parallelShell takes off the "node01: " that pdsh and clush put before each line of a host. What
// follows must be a line with a kernel timestamp, or with a syslog header.
func parallelShell(b []byte) (w wrapping, text []byte, ok bool) {
	n := 0
	for n < len(b) && isHostByte(b[n]) {
		n++
	}
	if n == 0 || n > longestHost || len(b) < n+2 || b[n] != ':' || b[n+1] != ' ' || isTagWord(b[:n]) {
		return w, nil, false
	}
	host, text := b[:n], b[n+2:]
	_, p := priority(text)
	if _, c := kernelStamp(text[p:]); c < fullStamp && !hasSyslogHeader(text[p:]) || nameFirst(b) {
		return w, nil, false
	}
	return wrapping{host: host}, text, true
}

// isHostByte reports whether a host name may have the byte.
func isHostByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == '_'
}

// isTagWord reports whether a word before a colon names a program or a file rather than a host.
func isTagWord(word []byte) bool {
	switch string(word) {
	case "kernel", "kern", "klogd", "dmesg", "syslog", "messages", "printk":
		return true
	}
	const suffix = ".log"
	return len(word) > len(suffix) && string(word[len(word)-len(suffix):]) == suffix
}

// hasSyslogHeader reports whether b begins with a wall timestamp, a host and a tag.
func hasSyslogHeader(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	_, n := wallStamp(b)
	if n == 0 || n >= len(b) || b[n] != ' ' {
		return false
	}
	host, rest := word(b[n+1:])
	tag, _ := word(rest)
	_, _, n = tagName(tag)
	return len(host) > 0 && n > 0
}

// isHost reports whether b may be the name of a host.
func isHost(b []byte) bool {
	for _, c := range b {
		if !isHostByte(c) {
			return false
		}
	}
	return len(b) > 0 && len(b) <= longestHost
}
