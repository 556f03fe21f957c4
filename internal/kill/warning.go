// SPDX-License-Identifier: Apache-2.0

package kill

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/oomtrail/oomtrail/parser/record"
)

// IsWarning reports whether it is no event of the log, but a warning that memory is about to run
// out.
func (k *Kill) IsWarning() bool { return k.text("event.name") == record.EventWarning }

// Warned says how long before a kill a warning came, as in "warned 12 s before"; "" for none.
func (k *Kill) Warned() string {
	v, _ := k.Record.Get("oom.warning.lead")
	lead, err := strconv.ParseFloat(v.String(), 64) // "" is none
	if err != nil || lead < 0 || math.IsInf(lead, 0) || math.IsNaN(lead) {
		return ""
	}
	return "warned " + span(lead) + " before"
}

// span writes seconds for a person: 0.4 s, 12 s, 3 min.
func span(seconds float64) string {
	switch {
	case seconds < 9.95:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + " s"
	case seconds < 119.5:
		return strconv.FormatFloat(math.Round(seconds), 'f', 0, 64) + " s"
	}
	return strconv.FormatFloat(math.Round(seconds/60), 'f', 0, 64) + " min"
}

// Next is the process that the kernel would kill first, as a warning has it: its name, with its
// process id. It is "" where the warning does not know it.
func (k *Kill) Next() string {
	var candidates []struct {
		PID  int64  `json:"pid"`
		Name string `json:"name"`
	}
	if json.Unmarshal([]byte(k.text("oom.candidates.top")), &candidates) != nil || len(candidates) == 0 {
		return ""
	}
	first := candidates[0]
	if first.Name == "" {
		return strconv.FormatInt(first.PID, 10)
	}
	return first.Name + " (" + strconv.FormatInt(first.PID, 10) + ")"
}
