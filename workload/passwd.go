// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"bufio"
	"io"
	"strings"
	"time"
)

// users are the users that etc/passwd had when it was last read: passwd(5). Users that a directory
// service or systemd knows are not in it.
type users struct {
	by   map[string]string
	next time.Time // when it may be read again
}

// name returns the name of a user id. The file is read where the last reading does not have it and
// is old enough.
func (u *users) name(f *files, id string, now time.Time) string {
	if !isNumber(id) {
		return ""
	}
	if name, ok := u.by[id]; ok || now.Before(u.next) {
		return name
	}
	u.by, u.next = map[string]string{}, now.Add(retry)
	f.read("etc/passwd", func(r io.Reader) { readPasswd(r, u.by) })
	return u.by[id]
}

// readPasswd reads NAME:PASSWORD:UID:…, at most [maxKept] of them. The first name of an id is its
// name, as getpwuid(3) has it.
func readPasswd(r io.Reader, by map[string]string) {
	s := bufio.NewScanner(r)
	for s.Scan() && len(by) < maxKept {
		name, rest, _ := strings.Cut(s.Text(), ":")
		_, rest, _ = strings.Cut(rest, ":")
		id, _, ok := strings.Cut(rest, ":")
		if !ok || !isNumber(id) || !isUser(name) {
			continue
		}
		if _, known := by[id]; !known {
			by[id] = name
		}
	}
}

// isUser reports whether s can be a user's name: what useradd(8) and systemd allow, in their widest
// forms.
func isUser(s string) bool {
	return len(s) <= maxName && isWord(strings.TrimSuffix(strings.TrimPrefix(s, "_"), "$"), "_.-@+")
}
