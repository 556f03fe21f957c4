// SPDX-License-Identifier: Apache-2.0

package record

import "slices"

// knownVersions are the versions of the contract that this code reads: the newest, and those that a host may still write while a
// fleet is upgraded.
var knownVersions = []string{Version, "1"}

// eventNames are the names of all events.
var eventNames = []string{EventKill, EventNoVictim, EventPanic, EventReapFailed, EventUnresolved}

// uidLength is how many hexadecimal digits a log.record.uid has.
const uidLength = 32

// CanBeRecord reports whether an event name, a log.record.uid and an oom.record.version can be those of a record: the event is
// in the list, the id has the form of one, the version is known. It does not show who made the record: anybody can write all three.
func CanBeRecord(event, uid, version string) bool {
	return slices.Contains(eventNames, event) && isUID(uid) && slices.Contains(knownVersions, version)
}

// isUID reports whether s has the form of a log.record.uid: lower-case hexadecimal digits, as many as an id has.
func isUID(s string) bool {
	if len(s) != uidLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
