// SPDX-License-Identifier: Apache-2.0

package warning

import "strconv"

// Settings are what a user may choose. Shares are 0 to 1.
type Settings struct {
	// Cgroups are patterns of the paths of cgroups that are watched: see [ParsePattern]. None means
	// all that have a limit. The host is watched in any case.
	Cgroups []string
	// NearLimit is the share of its limit from which on a cgroup is near it, without page cache
	// that can be dropped, and of CommitLimit from which on little is left to promise.
	NearLimit float64
	// Available is the share of RAM, and of swap where there is any, below which the host has
	// little left. With 0 it never has.
	Available float64
	// Pressure is the share of ten seconds in which all tasks waited for memory.
	Pressure float64
	// PerMinute is the most warnings about cgroups in a minute. Those beyond it are counted, and
	// that is said. Those about the machine count as well, and are given in any case.
	PerMinute int
}

// DefaultSettings are those of who chose nothing.
//
// Other programs act, and do not only warn, at: 10 % of RAM and of swap available (earlyoom), 90 %
// of RAM and swap used (systemd-oomd, SwapUsedLimit=), a pressure of 60 % for 30 seconds
// (systemd-oomd, DefaultMemoryPressureLimit=), 100 MiB of RAM available (kubelet, eviction-hard). A
// warning has to come before them, but where the ordinary ends.
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

// mostPerMinute is the largest cap. A machine that warns more often has nobody who reads it, and
// [Policy] remembers ten minutes of warnings.
const mostPerMinute = 600

// Check returns what is wrong with the settings.
func (s Settings) Check() []Wrong {
	wrong := CheckPatterns("cgroups", s.Cgroups)
	share := func(key string, value, least, most float64, remedy string) {
		if !(value >= least && value <= most) { // NaN is wrong as well
			wrong = append(wrong, Wrong{key, strconv.FormatFloat(value, 'g', -1, 64), remedy})
		}
	}
	share("near_limit", s.NearLimit, 0.5, 1, "use 0.5 to 1")
	share("available", s.Available, 0, 0.5, "use 0 to 0.5")
	share("pressure", s.Pressure, 0.05, 1, "use 0.05 to 1")
	if s.PerMinute < 1 || s.PerMinute > mostPerMinute {
		wrong = append(wrong, Wrong{"per_minute", strconv.Itoa(s.PerMinute), "use 1 to " + strconv.Itoa(mostPerMinute)})
	}
	return wrong
}
