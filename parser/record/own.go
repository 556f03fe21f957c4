// SPDX-License-Identifier: Apache-2.0

package record

import "slices"

// knownVersions are the versions of the contract that this code reads: the newest, and those that
// hosts may still write while a fleet is upgraded.
var knownVersions = []string{Version, "1"}

// eventNames are the names of all events.
var eventNames = []string{EventKill, EventNoVictim, EventPanic, EventReapFailed, EventUnresolved, EventAttempt, EventObserved, EventEviction, EventSigkill, EventWarning}

// uidLength is how many hexadecimal digits a log.record.uid has.
const uidLength = 32

// CanBeRecord reports whether an event name, a log.record.uid and an oom.record.version can be
// those of a record: all three have the form that records have. It does not show who made the
// record: any program can write them.
func CanBeRecord(event, uid, version string) bool {
	return slices.Contains(eventNames, event) && isUID(uid) && slices.Contains(knownVersions, version)
}

// isUID reports whether s has the form of a log.record.uid: 32 hexadecimal digits in lower case.
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
