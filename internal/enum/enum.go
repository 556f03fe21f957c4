// SPDX-License-Identifier: Apache-2.0

// Package enum holds the names of an enumeration's values in one table, for String and Parse both.
package enum

import (
	"fmt"
	"slices"
	"strings"
)

// Names are the names of the values 0, 1, 2 … of an enumeration.
type Names[T ~uint8] struct {
	what  string
	names []string
}

// New returns the names of an enumeration; what says in one word what it enumerates.
func New[T ~uint8](what string, names ...string) Names[T] { return Names[T]{what, names} }

// String returns the name of v; of a value without a name, what the enumeration is and the number.
func (n Names[T]) String(v T) string {
	if int(v) < len(n.names) {
		return n.names[v]
	}
	return fmt.Sprintf("%s %d", n.what, uint8(v))
}

// Has reports whether v is a value of the enumeration.
func (n Names[T]) Has(v T) bool { return int(v) < len(n.names) }

// Find returns the value with that name: the inverse of String.
func (n Names[T]) Find(s string) (v T, ok bool) {
	i := slices.Index(n.names, s)
	return T(max(i, 0)), i >= 0
}

// Parse is [Names.Find] with an error that lists the names.
func (n Names[T]) Parse(s string) (T, error) {
	if v, ok := n.Find(s); ok {
		return v, nil
	}
	return 0, fmt.Errorf("unknown %s %q: use %s", n.what, s, Or(n.names))
}

// Or lists two names or more as a sentence does: "a, b or c".
func Or(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// ParseSetting is [Names.Parse] for a setting: the empty string is the zero value, its default.
func (n Names[T]) ParseSetting(s string) (T, error) {
	if s == "" {
		return 0, nil
	}
	return n.Parse(s)
}

// All returns the names by value.
func (n Names[T]) All() []string { return slices.Clone(n.names) }
