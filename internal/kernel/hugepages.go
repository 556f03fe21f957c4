// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var hugepagesForm = form{
	starts: []string{"Node "},
	read: func(r *Reading, s string) (ok bool) {
		r.Hugepages, ok = ParseHugepages(s)
		return ok
	},
}

// ParseHugepages reads "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0
// hugepages_size=2048kB".
func ParseHugepages(s string) (v report.Hugepages, ok bool) {
	s = trimEnd(s)
	for _, field := range [...]struct {
		word  string
		value *int64
	}{{"Node ", &v.Node}, {" hugepages_total=", &v.Total}, {" hugepages_free=", &v.Free}, {" hugepages_surp=", &v.Surplus}} {
		if s, ok = strings.CutPrefix(s, field.word); !ok {
			return report.Hugepages{}, false
		}
		if *field.value, s, ok = takeInt(s); !ok {
			return report.Hugepages{}, false
		}
	}
	if s, ok = strings.CutPrefix(s, " hugepages_size="); !ok {
		return report.Hugepages{}, false
	}
	if v.SizeKB, s, ok = takeKB(s); !ok || s != "" {
		return report.Hugepages{}, false
	}
	return v, true
}
