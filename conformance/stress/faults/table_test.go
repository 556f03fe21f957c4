// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"strings"
	"testing"
)

// TestTally: what is lost, doubled, invented or mixed up is seen.
func TestTally(t *testing.T) {
	kills := []string{"a", "b", "c"}
	all := []Arrival{{"1", "a"}, {"2", "b"}, {"3", "c"}}
	tests := []struct {
		name    string
		arrived []Arrival
		want    Row
		err     string
	}{
		{"all", all, Row{Kills: 3, Distinct: 3}, ""},
		{"one dropped", all[:2], Row{Kills: 3, Distinct: 2, Lost: 1}, ""},
		{"one doubled", append(all[:3:3], all[0]), Row{Kills: 3, Distinct: 3, Repeated: 1}, ""},
		{"one doubled, one dropped", append(all[:2:2], all[0]), Row{Kills: 3, Distinct: 2, Lost: 1, Repeated: 1}, ""},
		{"invented", append(all[:3:3], Arrival{"4", "d"}), Row{Kills: 3, Distinct: 4}, "never was"},
		{"doubled with another id", append(all[:3:3], Arrival{"4", "a"}), Row{Kills: 3, Distinct: 4}, "two ids"},
		{"two kills with one id", []Arrival{{"1", "a"}, {"1", "b"}}, Row{Kills: 3, Distinct: 1, Lost: 1, Repeated: 1}, "one id"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			row, err := Tally(kills, test.arrived)
			if row != test.want {
				t.Errorf("%+v, want %+v", row, test.want)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
