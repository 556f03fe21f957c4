// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var reaperForm = form{starts: []string{"oom_reaper: "}, read: parses(ParseReaper)}

// ParseReaper reads the lines of docs/formats.md section 8.1. Of a victim that could not be reaped
// the pid counts, also where the line breaks off in the name, which is "" then.
func ParseReaper(s string) (v report.Reaper, ok bool) {
	rest, ok := strings.CutPrefix(trimEnd(s), "oom_reaper: ")
	if !ok {
		return v, false
	}
	if tail, ok := strings.CutPrefix(rest, "reaped process "); ok {
		return v, takeReaped(&v, tail)
	}
	v.Failed = true
	tail, ok := strings.CutPrefix(rest, "unable to reap pid:")
	if !ok {
		if tail, ok = strings.CutPrefix(rest, "giving up pid:"); !ok {
			return report.Reaper{}, false
		}
	}
	if v.Process, ok = takeProcess(tail, ""); !ok {
		v.PID, ok = takeOpenProcess(tail)
	}
	return v, ok
}

// takeReaped reads "1 (x), now anon-rss:…", perhaps cut within its values.
func takeReaped(v *report.Reaper, s string) (ok bool) {
	const words = "), now"
	for i := strings.LastIndex(s, words); i >= 0; i = strings.LastIndex(s[:i], words) {
		p, ok := takeProcess(s[:i+1], "")
		if !ok {
			continue
		}
		v.Process = p
		c := valueScan{s: s[i+len(words):]}
		_ = c.label(" anon-rss:") && c.kb(&v.AnonRSSKB) && c.label(", file-rss:") && c.kb(&v.FileRSSKB) &&
			c.label(", shmem-rss:") && c.kb(&v.ShmemRSSKB)
		return true
	}
	return false
}
