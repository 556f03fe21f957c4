// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// appID returns the application's id of a unit named by the desktop's convention
// (app[-LAUNCHER]-ID[-RANDOM].scope, app[-LAUNCHER]-ID[@RANDOM].service) or by snapd
// (snap.SNAP.APP…), else "".
func appID(unit string) string {
	if snap, ok := strings.CutPrefix(unit, "snap."); ok {
		if name, _, ok := strings.Cut(snap, "."); ok {
			return unescape(name)
		}
		return ""
	}
	body, scope := between(unit, "app-", ".scope")
	if !scope {
		if body, _ = between(unit, "app-", ".service"); body == "" {
			return ""
		}
		body, _, _ = strings.Cut(body, "@")
	} else if dash := strings.LastIndexByte(body, '-'); dash > 0 {
		body = body[:dash]
	}
	if dash := strings.LastIndexByte(body, '-'); dash >= 0 {
		body = body[dash+1:]
	}
	return unescape(body)
}
