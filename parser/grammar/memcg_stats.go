package grammar

import "strings"

// Stat is one figure of a cgroup's memory.stat, in the kernel's own name.
type Stat struct {
	// Name is the key as printed.
	Name string
	// Value is in bytes for a size (a KB figure is multiplied out), else a count.
	Value int64
}

// ParseStatsHead reads "Memory cgroup stats for P:" (hasPath false for the form without path, and where the kernel
// could not build the path). To 5.2 the figures stand on the same line: rest is what follows the colon, see [NextStat].
// The line is read from its end, since a path may hold colons and words that look like figures. ok is false
// for a line that breaks off before the colon or inside its first figure.
func ParseStatsHead(s string) (path string, hasPath bool, rest string, ok bool) {
	s, ok = strings.CutPrefix(trimEnd(s), "Memory cgroup stats")
	if !ok {
		return "", false, "", false
	}
	figures := figuresStart(s)
	if figures == 0 || s[figures-1] != ':' {
		return "", false, "", false
	}
	if figures == 1 {
		return "", false, s[1:], true
	}
	path, ok = strings.CutPrefix(s[:figures-1], " for ")
	if !ok {
		return "", false, "", false
	}
	path, hasPath = pathOf(path)
	return path, hasPath, s[figures:], true
}

// figuresStart returns the index from which on s is nothing but " key:1KB" figures. A last one that is cut
// short counts as one when whole ones stand before it.
func figuresStart(s string) int {
	end := len(s)
	start, whole := end, 0
	for {
		blank := strings.LastIndexByte(s[:start], ' ')
		if blank < 0 {
			break
		}
		if _, tail, ok := NextStat(s[blank:start]); ok && tail == "" {
			whole++
		} else if start != end {
			break
		} else if s[start-1] == ':' {
			break
		}
		start = blank
	}
	if whole == 0 {
		return end
	}
	return start
}

// NextStat cuts the first " key:123KB" from the rest of a one-line stats line (3.9 to 5.2).
// Values can be negative.
func NextStat(rest string) (v Stat, tail string, ok bool) {
	key := strings.TrimPrefix(rest, " ")
	n := keyLen(key)
	if n == 0 || n == len(key) || key[n] != ':' {
		return Stat{}, rest, false
	}
	kb, tail, ok := takeKB(key[n+1:])
	if !ok || (tail != "" && tail[0] != ' ') || kb > maxKB || kb < -maxKB {
		return Stat{}, rest, false
	}
	return Stat{Name: key[:n], Value: kb * 1024}, tail, true
}

// maxKB is the largest size in KiB whose bytes fit an int64.
const maxKB = (1<<63 - 1) / 1024

// ParseStat reads "anon 4096" (5.3+). Only meaningful after a stats head.
func ParseStat(s string) (v Stat, ok bool) {
	s = trimEnd(s)
	n := keyLen(s)
	if n == 0 || n == len(s) || s[n] != ' ' {
		return v, false
	}
	value, tail, ok := takeUint(s[n+1:])
	if !ok || tail != "" {
		return v, false
	}
	return Stat{Name: s[:n], Value: value}, true
}

// keyLen returns how many bytes at the start of s can be a key of memory.stat.
func keyLen(s string) int {
	n := 0
	for n < len(s) && keyBytes[s[n]] {
		n++
	}
	return n
}

// keyBytes are the bytes of such a key.
var keyBytes = bytesOf("_0123456789abcdefghijklmnopqrstuvwxyz")
