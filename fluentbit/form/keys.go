// SPDX-License-Identifier: Apache-2.0

package form

// Keys returns the keys at top level under which an attribute stands in the forms flat and ecs. In
// the form oom it stands in the map `oom` under its [ShortName].
func Keys(attribute string) []string {
	return append([]string{attribute}, ecsNames[attribute]...)
}
