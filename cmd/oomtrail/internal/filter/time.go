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
// now, today, yesterday, or a span of time before now, such as 2h or 7d. In the hour that comes
// twice where clocks are put back, until is the later moment, any other flag the earlier. The error
// names flag, value and remedy.
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
			if strings.Contains(layout, "Z07") {
				return t, nil
			}
			return ofTwo(t, location, flag == "until"), nil
		}
	}
	if d, ok := parseSpan(strings.TrimPrefix(text, "-")); ok {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("--%s: %q is no time: use one such as 2026-05-01, 2026-05-01T12:00:00Z, yesterday, 2h or 7d", flag, value)
}

// ofTwo returns the earlier or the later of the two moments that a local time names in the hour
// that clocks are put back over; where it names one, that one.
func ofTwo(t time.Time, location *time.Location, later bool) time.Time {
	_, before := t.Add(-12 * time.Hour).Zone()
	_, after := t.Add(12 * time.Hour).Zone()
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	first, second := local.Add(-time.Duration(before)*time.Second).In(location), local.Add(-time.Duration(after)*time.Second).In(location)
	_, one := first.Zone()
	_, two := second.Zone()
	switch {
	case one != before || two != after:
		return t
	case later:
		return second
	}
	return first
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
