// SPDX-License-Identifier: Apache-2.0

package format

import "bytes"

// cutPadding takes the one space off the end of each line, once a line has shown it that the kernel
// ends with another byte. A name or a path at the end of a line may end with a space of its own.
func cutPadding(s *stream, text []byte) []byte {
	n := len(text) - 1
	if n < 1 || text[n] != ' ' {
		return text
	}
	if s.padded = s.padded || showsPadding(text[:n]); !s.padded {
		return text
	}
	s.pasted = true
	return text[:n]
}

// showsPadding reports whether the kernel prints no space after a text: a head, a selection or a
// kill line, of which the words after the name are fixed, or a path that stands in its line twice.
func showsPadding(text []byte) bool {
	if path, ok := bytes.CutPrefix(text, []byte("Task in ")); ok {
		const between = " killed as a result of limit of "
		i := bytes.Index(path, []byte(between))
		return i > 0 && bytes.Equal(path[:i], path[i+len(between):])
	}
	if last := text[len(text)-1]; !isDigit(last) && last != 'B' && last != 'd' {
		return false
	}
	if bytes.Contains(text[:min(len(text), longestComm+len(invokedWords))], []byte(invokedWords)) {
		return bytes.Contains(text, []byte(" gfp_mask=0x"))
	}
	for _, head := range [...]string{"Out of memory", "Memory cgroup out of memory", "Killed process "} {
		if hasPrefix(text, head) {
			return bytes.HasSuffix(text, []byte(" or sacrifice child")) || bytes.Contains(text, []byte("kB, anon-rss:"))
		}
	}
	return false
}

// untab makes spaces of the tabs between the columns of a row of the task table, and of the table's
// head. The name at the end of a row keeps its tabs.
func untab(_ *stream, text []byte) []byte {
	if len(text) == 0 || text[0] != '[' || bytes.IndexByte(text, '\t') < 0 {
		return text
	}
	n := columns(text)
	if tab := bytes.IndexByte(text, '\t'); n == 0 || tab >= n {
		return text
	}
	clean := bytes.Clone(text)
	for i := range n {
		if clean[i] == '\t' {
			clean[i] = ' '
		}
	}
	return clean
}

// columns returns where the name of a row begins, or how long the head of the table is; 0 for any
// other text, and for a row with no tab before its sixth number: then the tabs may be the name's.
func columns(text []byte) (n int) {
	end := bytes.IndexByte(text, ']')
	if end < 0 {
		return 0
	}
	first := bytes.Trim(text[1:end], " \t")
	if string(first) == "pid" {
		return len(text)
	}
	if _, c := digits(first, 10); c == 0 || c != len(first) {
		return 0
	}
	const least = 6 // the numbers of the oldest rows after the pid: uid, tgid, total_vm, rss, cpu, oom_adj
	n = end + 1
	tabbed := false
	for number := 0; ; number++ {
		start := n
		for n < len(text) && (text[n] == ' ' || text[n] == '\t') {
			tabbed = tabbed || text[n] == '\t' && number < least
			n++
		}
		at := n
		if n < len(text) && text[n] == '-' {
			n++
		}
		_, c := digits(text[n:], 19)
		n += c
		if c == 0 || n == len(text) || text[n] != ' ' && text[n] != '\t' {
			if !tabbed || start == at {
				return 0
			}
			return at
		}
	}
}

// freeSwap is how the kernel writes it: of the line with one space, a page or a chat dropped the
// other.
var freeSwap = []byte("Free swap  = ")

// restoreBlanks gives a line of the kernel the space back that was dropped where two stood.
func restoreBlanks(_ *stream, text []byte) []byte {
	const dropped = "Free swap = "
	if len(text) < len(dropped) || text[0] != 'F' || !hasPrefix(text, dropped) {
		return text
	}
	return append(freeSwap[:len(freeSwap):len(freeSwap)], text[len(dropped):]...)
}
