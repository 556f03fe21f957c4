// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"github.com/oomtrail/oomtrail/internal/enum"
)

// Observations says which observations become events.
type Observations uint8

// The choices.
const (
	Unmatched Observations = iota // those that join no kill
	All
	None
)

var observationNames = enum.New[Observations]("observations", "unmatched", "all", "none")

// String returns unmatched, all or none.
func (o Observations) String() string { return observationNames.String(o) }

// ParseObservations returns the choice with that name; "" is Unmatched.
func ParseObservations(s string) (Observations, error) { return observationNames.ParseSetting(s) }

// ObservationNames returns the names of all choices, by value.
func ObservationNames() []string { return observationNames.All() }
