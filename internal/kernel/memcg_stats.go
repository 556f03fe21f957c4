// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/swar"
	"github.com/oomtrail/oomtrail/parser/report"
)

// memcgStatsForm takes the head also where it breaks off before its path or its colon.
var memcgStatsForm = form{
	starts: []string{statsWords},
	read: is(func(s string) bool {
		if strings.HasPrefix(s, statsWords+" for") {
			return true
		}
		_, _, _, ok := ParseStatsHead(s)
		return ok
	}),
	pieces: []continuation{{head: statsWords + " for ", joins: joinsStats}},
}

const statsWords = "Memory cgroup stats"

// joinsStats continues "Memory cgroup stats for ": with the path, the colon, or one of the values
// that follow it to 5.2.
func joinsStats(rest, piece string) bool {
	if rest == "" {
		return startsPath(piece)
	}
	if _, _, ok := NextStat(piece); ok {
		return strings.Contains(rest, ":")
	}
	if trimEnd(piece) == ":" {
		return true
	}
	values, ok := strings.CutPrefix(piece, ":")
	_, _, value := NextStat(values)
	return ok && value
}

// named returns the value of that name.
func named(name string, value int64) report.Stat {
	i := statNames.Index(name)
	if i < 0 {
		return report.Stat{Name: name, Value: value}
	}
	v := report.Stat{Name: statNames.Name(i), Value: value, Known: true}
	if i < int(report.NumStatKeys) {
		v.Key = report.StatKey(i)
	}
	return v
}

// ParseStatsHead reads "Memory cgroup stats for P:" (hasPath false for the form without path, and
// where the kernel could not build the path). To 5.2 the values are on the same line: rest is what
// follows the colon, see [NextStat]. The line is read from its end, since a path may hold colons
// and words that look like values. ok is false for a line that breaks off before the colon or
// inside its first value.
func ParseStatsHead(s string) (path string, hasPath bool, rest string, ok bool) {
	s, ok = strings.CutPrefix(trimEnd(s), "Memory cgroup stats")
	if !ok {
		return "", false, "", false
	}
	values := valuesStart(s)
	if values == 0 || s[values-1] != ':' {
		return "", false, "", false
	}
	if values == 1 {
		return "", false, s[1:], true
	}
	path, ok = strings.CutPrefix(s[:values-1], " for ")
	if !ok {
		return "", false, "", false
	}
	path, hasPath = pathOf(path)
	return path, hasPath, s[values:], true
}

// valuesStart returns the index from which on s is nothing but " key:1KB" values. A last one that
// is cut short counts as one when whole ones precede it.
func valuesStart(s string) int {
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
func NextStat(rest string) (v report.Stat, tail string, ok bool) {
	key := strings.TrimPrefix(rest, " ")
	n := keyLen(key)
	if n == 0 || n == len(key) || key[n] != ':' {
		return report.Stat{}, rest, false
	}
	kb, tail, ok := takeKB(key[n+1:])
	if !ok || (tail != "" && tail[0] != ' ') || kb > maxKB {
		return report.Stat{}, rest, false
	}
	return named(key[:n], max(kb, -maxKB)*1024), tail, true
}

// maxKB is the largest size in KiB whose bytes fit an int64.
const maxKB = (1<<63 - 1) / 1024

// ParseStat reads "anon 4096" (5.3+). Only meaningful after a stats head.
func ParseStat(s string) (v report.Stat, ok bool) {
	name, value, ok := cutLastNumber(trimEnd(s))
	if !ok {
		return v, false
	}
	v = named(name, value)
	return v, v.Known || name != "" && keyLen(name) == len(name)
}

// cutLastNumber cuts a space and a number without a sign off the end of s.
func cutLastNumber(s string) (rest string, n int64, ok bool) {
	blank := len(s)
	if blank >= 8 {
		x := swar.Load(s[blank-8:]) ^ '0'*swar.Each
		if digits := swar.LastDigits(x); digits < 8 {
			before := uint(64 - 8*digits)
			if blank -= digits + 1; digits == 0 || s[blank] != ' ' {
				return s, 0, false
			}
			return s[:blank], int64(swar.JoinDigits(x >> before << before)), true
		}
	}
	if blank = strings.LastIndexByte(s, ' '); blank < 0 {
		return s, 0, false
	}
	n, tail, ok := takeInt(s[blank+1:])
	return s[:blank], n, ok && tail == "" && s[blank+1] != '-'
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
