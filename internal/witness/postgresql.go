// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"
)

// PostgreSQL is the name of the database as a writer.
const PostgreSQL = "postgresql"

// postgresqlProgram reads what the postmaster says of a process that died, after log_line_prefix
// (LogChildExit in src/backend/postmaster/postmaster.c):
//
//	LOG:  server process (PID N) was terminated by signal 9: Killed
//
// With another lc_messages the words differ, and nothing is read.
var postgresqlProgram = program{
	name: PostgreSQL, deaths: []string{"by signa"}, inContainers: true, new: Func(readPostgreSQL).New,
}

func readPostgreSQL(l *Line) Fact {
	text := endOfLine(l.Text)
	prefix, said, ok := strings.Cut(text, "LOG:  ")
	name, s, isProcess := strings.Cut(said, " (PID ")
	pid, end, isPID := cutPID(s)
	if !ok || !isProcess || !isPID || !isProcessName(name) {
		return Fact{}
	}
	if end = strings.TrimSuffix(end, ": Killed"); end != ") was terminated by signal 9" {
		return Fact{}
	}
	f := workerDeath(PostgreSQL, pid)
	zone, stamp := l.At.Host, l.At.Text // where the format has taken both
	if prefix != "" && prefix[0] != '[' {
		stamp, _, _ = strings.Cut(prefix, " [")
		i := strings.LastIndexByte(stamp, ' ')
		stamp, zone = stamp[:max(i, 0)], stamp[i+1:]
	} else if isZone(zone) {
		f.At, f.Text = l.At, l.Text
		f.At.Host = ""
	}
	if zone == "UTC" { // %m or %t; another zone is but a name
		if at, err := time.Parse("2006-01-02 15:04:05.999", stamp); err == nil {
			f.InnerTime = at
		}
	}
	return f
}

// isProcessName reports whether s can be what PostgreSQL calls a process: words, one of which may
// be quoted.
func isProcessName(s string) bool {
	for _, c := range []byte(s) {
		if c != ' ' && c != '"' && c != '-' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// isZone reports whether the host of a line can be the zone of log_line_prefix.
func isZone(s string) bool {
	return len(s) >= 3 && len(s) <= 5 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
