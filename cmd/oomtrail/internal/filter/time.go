// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of a point in time. One without a zone is in the location.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
}

// units are what a span of time is counted in, beside those of [time.ParseDuration].
var units = map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseTime reads the value of a flag that takes a time: a point in time, a day (its first moment),
// now, today, yesterday, or a span of time before now, such as 2h or 7d. The error names flag,
// value and remedy.
func ParseTime(flag, value string, now time.Time, location *time.Location) (time.Time, error) {
	text := strings.TrimSpace(value)
	now = now.In(location)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, location)
	switch strings.ToLower(text) {
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, location); err == nil {
			return t, nil
		}
	}
	if d, ok := parseSpan(strings.TrimPrefix(text, "-")); ok {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("--%s: %q is no time: use one such as 2026-05-01, 2026-05-01T12:00:00Z, yesterday, 2h or 7d", flag, value)
}

// parseSpan reads 90m, 2h, 7d, 1w and what is made up of them: 1d12h.
func parseSpan(text string) (total time.Duration, ok bool) {
	const longest = 100 * 365 * 24 * time.Hour
	rest := text
	for i := 0; i < len(rest); i++ {
		unit, isUnit := units[rest[i]]
		if !isUnit {
			continue
		}
		n, err := strconv.ParseFloat(rest[:i], 64)
		if err != nil || !(n >= 0 && n <= float64(longest/unit)) { // or it is no number
			return 0, false
		}
		total += time.Duration(n * float64(unit))
		rest, i, ok = rest[i+1:], -1, true
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 {
			return 0, false
		}
		total, ok = total+d, true
	}
	return total, ok && total <= longest
}
