// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// values walks along a line whose form is known. The first part that does not fit sets bad, and
// what is asked after that gives nothing. The zero value is an empty line.
type values struct {
	rest string
	bad  bool
}

// word cuts words that must follow.
func (v *values) word(words string) {
	rest, ok := strings.CutPrefix(v.rest, words)
	v.rest, v.bad = rest, v.bad || !ok
}

// optional cuts words that may follow, and reports whether they did.
func (v *values) optional(words string) bool {
	rest, ok := strings.CutPrefix(v.rest, words)
	v.rest = rest
	return ok && !v.bad
}

// spaces cuts the blanks that pad a value, of which there may be none.
func (v *values) spaces() { v.rest = strings.TrimLeft(v.rest, " ") }

// until cuts what stands before words, and the words. It is "" where they do not follow.
func (v *values) until(words string) string {
	before, rest, ok := strings.Cut(v.rest, words)
	if v.bad = v.bad || !ok; v.bad {
		return ""
	}
	v.rest = rest
	return before
}

// number cuts a decimal number, which may be negative.
func (v *values) number() int64 {
	n := 0
	if strings.HasPrefix(v.rest, "-") {
		n++
	}
	for n < len(v.rest) && v.rest[n]-'0' <= 9 {
		n++
	}
	i, err := strconv.ParseInt(v.rest[:n], 10, 64)
	if v.bad = v.bad || err != nil; v.bad {
		return 0
	}
	v.rest = v.rest[n:]
	return i
}

// id cuts a number that is not negative: a pid, an owner.
func (v *values) id() int64 {
	n := v.number()
	v.bad = v.bad || n < 0 || n > 1<<32-1
	return n
}

// size cuts a number of units of so many bytes.
func (v *values) size(unit int64) report.Int {
	n := v.number()
	if v.bad || n < 0 || n > (1<<63-1)/unit {
		return report.Int{}
	}
	return report.Some(n * unit)
}

// percent cuts a number with decimals and its percent sign, and returns it as a share: 0.5 for 50%.
func (v *values) percent() float64 {
	f, err := strconv.ParseFloat(v.until("%"), 64)
	v.bad = v.bad || err != nil || !(f >= 0)
	return f / 100
}

// ends reports whether all parts fitted, and nothing follows.
func (v *values) ends() bool { return !v.bad && v.rest == "" }

// timespan reads a duration as systemd prints it (format_timespan in src/basic/time-util.c): "20s",
// "1min 30s", "0".
func timespan(s string) (d time.Duration, ok bool) {
	if s == "0" {
		return 0, true
	}
	for part := range strings.SplitSeq(s, " ") {
		v := values{rest: part}
		n := v.number()
		unit := map[string]time.Duration{
			"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "min": time.Minute,
			"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
		}[v.rest]
		if v.bad || n < 0 || unit == 0 || n > int64((1<<62)/unit) {
			return 0, false
		}
		d += time.Duration(n) * unit
	}
	return d, d >= 0
}

// cgroupPath returns a path of the cgroup hierarchy as [Keys] has it, "" where s is none.
func cgroupPath(s string) string {
	s = strings.TrimPrefix(s, "/sys/fs/cgroup")
	if !strings.HasPrefix(s, "/") || strings.ContainsAny(s, "\n\x00") {
		return ""
	}
	return s
}

// isSoonAfter reports whether a line was written within d after another of the same stream. It is
// false where the log does not show it.
func isSoonAfter(later, earlier *report.Stamp, d time.Duration) bool {
	if !later.HasLogTime || !earlier.HasLogTime {
		return false
	}
	between := later.LogTime - earlier.LogTime
	return between >= 0 && between <= d
}
