// SPDX-License-Identifier: Apache-2.0

package witness

import "strings"

// pm2Program reads PM2, which restarts a program that is over its limit (lib/Worker.js). Its number
// is PM2's own and no pid. Sizes are in bytes. Some versions print "~890MB", which is left out.
// So is the limit: it is no cgroup's.
//
//	[PM2][WORKER] Process N restarted because it exceeds --max-memory-restart value (current_memory=N max_memory_limit=N [octets])
var pm2Program = program{name: "pm2", triggers: []string{"memory-r"}, inContainers: true, new: Func(readPM2).New}

func readPM2(l *Line) Fact {
	text := strings.TrimRight(l.Text, " \r\n")
	if at, rest, ok := strings.Cut(text, "PM2 log: "); ok && strings.Trim(at, "0123456789-:T.Z ") == "" {
		text = rest
	}
	v := values{rest: text}
	v.optional("[PM2][WORKER] ")
	v.word("Process ")
	v.id()
	v.word(" restarted because it exceeds --max-memory-restart value (current_memory=")
	f := Fact{Kind: Observation, Writer: "pm2", Killer: "pm2", Reason: "limit"}
	usage := values{rest: v.until(" max_memory_limit=")}
	v.until(")")
	if !v.ends() {
		return Fact{}
	}
	if n := usage.size(1); usage.ends() {
		f.RSS = n
	}
	return f
}
