// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// oomdProgram reads Meta's oomd, which kills cgroups. It writes into the kernel's log through
// /dev/kmsg: the record has facility 1 and is not the kernel's (Log.cpp and BaseKillPlugin.cpp of
// 0.1 to 2026). The three numbers are the cgroup's pressure in percent over 10, 60 and 300 (until
// 0.2: 600) seconds. The size is in bytes.
//
//	0.1     oomd kill: N N N CGROUP  BYTES detector:NAME,… killer:NAME
//	0.1+    oomd kill: N N N CGROUP BYTES ruleset:[NAME] detectorgroup:[NAME] killer:NAME v2
//
// The line is written after the kill. The killer's name begins with "(dry)" where nothing was
// killed. On stderr oomd writes the same without "oomd kill:", which is not read: it would be the
// kill a second time.
var oomdProgram = program{name: "oomd", triggers: []string{"md kill:"}, new: Func(readOomd).New}

func readOomd(l *Line) Fact {
	switch l.Author.Program {
	case "", "kernel", "oomd":
	default:
		return Fact{}
	}
	if l.At.Origin == report.OriginKernel || l.Author.Comm != "" && l.Author.Comm != "oomd" {
		return Fact{}
	}
	v := values{rest: strings.TrimRight(l.Text, " \r\n")}
	v.word("oomd kill: ")
	for range 3 {
		if _, err := strconv.ParseFloat(v.until(" "), 64); err != nil {
			return Fact{}
		}
	}
	head, rest, ok := strings.Cut(v.rest, " ruleset:[")
	if !ok {
		if head, rest, ok = strings.Cut(v.rest, " detector:"); !ok {
			return Fact{}
		}
	}
	at := strings.LastIndexByte(head, ' ')
	killer := strings.LastIndex(rest, " killer:")
	if at < 0 || killer < 0 {
		return Fact{}
	}
	usage := values{rest: head[at+1:]}
	f := Fact{
		Kind: Kill, Writer: "oomd", Outcome: OutcomeDone, Signal: sigkill, VictimKind: VictimCgroup,
		Reason: "rule", Usage: usage.size(1),
		Keys: Keys{Cgroup: cgroupPath("/" + strings.Trim(head[:at], " /"))},
	}
	if !usage.ends() || f.Keys.Cgroup == "/" {
		return Fact{}
	}
	if strings.HasPrefix(rest[killer:], " killer:(dry)") {
		f.Kind, f.Outcome, f.Signal = Decision, OutcomeDryRun, ""
	}
	return f
}
