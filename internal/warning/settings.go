// SPDX-License-Identifier: Apache-2.0

package warning

// Settings are what a user may choose. Shares are 0 to 1.
type Settings struct {
	// Cgroups are patterns of the paths of cgroups that are watched, from the root of their
	// hierarchy: * is any text without a slash, ** any text. None means all that have a limit. The
	// host is watched in any case.
	Cgroups []string
	// NearLimit is the share of its limit from which on a cgroup is near it, without page cache
	// that can be dropped.
	NearLimit float64
	// Available is the share of RAM, and of swap where there is any, below which the host has little
	// left.
	Available float64
	// Pressure is the share of ten seconds in which all tasks waited for memory.
	Pressure float64
	// PerMinute is the most warnings in a minute. Those beyond it are counted, and that is said.
	PerMinute int
}

// DefaultSettings are those of who chose nothing.
func DefaultSettings() Settings {
	return Settings{NearLimit: 0.9, Available: 0.1, Pressure: 0.4, PerMinute: 10}
}

// Wrong is a setting that cannot be used.
type Wrong struct {
	// Key names it: cgroups, near_limit, available, pressure or per_minute. A frontend spells it in
	// its own way.
	Key string
	// Value is what was set, and Remedy what to set, as in "use 0.5 to 1".
	Value, Remedy string
}

// Check returns what is wrong with the settings.
func (s Settings) Check() []Wrong { return nil }
