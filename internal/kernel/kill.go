// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var killForm = form{
	starts: append(behindMessages(killWords), killWords),
	read: func(r *Reading, s string) (ok bool) {
		r.full = true
		r.Kill, ok = ParseKill(s)
		return ok
	},
}

const killWords = "Killed process "

// ParseKill reads every form of the kill line (docs/formats.md section 7.2). ok needs "Killed
// process N" at the start or after a known message; it is false for RHEL 6's "Would have killed
// process" and for text that merely contains the words.
//
// A comm may hold a parenthesis and look like the values: each ")" within a comm's reach is tried
// from the right, and the one is taken that most of a form follows.
func ParseKill(s string) (v report.KillLine, ok bool) {
	m, rest := takeMessage(s)
	rest, ok = strings.CutPrefix(rest, "Killed process ")
	if !ok {
		return v, false
	}
	pid, rest, ok := wholeInt(rest)
	if !ok || pid < 0 {
		return v, false
	}
	v = report.KillLine{Message: m, PID: pid}
	comm, open, ok := takeOldUID(&v, rest)
	if !ok || !open {
		return v, ok
	}
	return takeComm(v, comm)
}

// ValuesOfKill returns the values of the line, in the order in which kernels print them.
func ValuesOfKill(v *report.KillLine) [7]report.Int {
	return [...]report.Int{v.UID, v.TotalVMKB, v.AnonRSSKB, v.FileRSSKB, v.ShmemRSSKB, v.PgtablesKB, v.OOMScoreAdj}
}

// takeOldUID cuts " (" off the front of s, or RHEL 5's and 6's ", UID 500, (" with its value. open
// is false for a line cut before the parenthesis.
func takeOldUID(v *report.KillLine, s string) (comm string, open, ok bool) {
	const paren, label, end = " (", ", UID ", ", ("
	if comm, ok = strings.CutPrefix(s, paren); ok {
		return comm, true, true
	}
	rest, ok := strings.CutPrefix(s, label)
	if !ok {
		return "", false, s == " " || strings.HasPrefix(label, s)
	}
	uid, rest, ok := takeInt(rest)
	if !ok {
		return "", false, rest == "" || rest == "-"
	}
	if rest == "" {
		return "", false, true
	}
	v.UID = Some(uid)
	if comm, ok = strings.CutPrefix(rest, end); ok {
		return comm, true, true
	}
	return "", false, strings.HasPrefix(end, rest)
}

// shape is how well the text after a comm agrees with a form of the kill line.
type shape uint8

const (
	noMatch   shape = iota // it does not
	corrupt                // a form begins, but something else follows
	truncated              // the beginning of a form
	complete               // a form
)

// takeComm reads "comm) total-vm:…".
func takeComm(v report.KillLine, s string) (best report.KillLine, ok bool) {
	bestShape := noMatch
	for i := range commEnds(s) {
		try := v
		try.Comm, try.HasComm = s[:i], true
		if sh := takeValues(&try, trimEnd(s[i+1:])); sh > bestShape {
			try.Complete = sh == complete
			best, bestShape = try, sh
		}
	}
	switch {
	case bestShape == noMatch:
		return v, len(s) <= maxComm || commFits(s) && strings.IndexByte(s, ')') < 0 // the comm is cut
	case bestShape != complete && len(s) <= maxComm:
		// The comm may still be open: what looks like values may be part of it.
		v.Comm, v.HasComm = best.Comm, true
		return v, true
	}
	return best, true
}

// takeValues reads what follows the comm's parenthesis.
func takeValues(v *report.KillLine, s string) shape {
	if strings.Trim(s, " .") == "" {
		return endWithoutValues(v, s)
	}
	c := valueScan{s: s}
	if startsEither(s, ", UID ") { // RHEL 7
		if !c.label(", UID ") || !c.number(&v.UID) || !c.label(",") {
			return c.shape
		}
	}
	total := " total-vm:"
	if startsEither(c.s, " vsz:") { // 2.6.33 to 2.6.35
		total = " vsz:"
	}
	if !c.label(total) {
		return c.shape
	}
	if !c.kb(&v.TotalVMKB) || !c.label(", anon-rss:") || !c.kb(&v.AnonRSSKB) || !c.label(", file-rss:") || !c.kb(&v.FileRSSKB) {
		return c.shape
	}
	if v.Message == report.MessageNone && c.ends(", shmem-rss:") { // to 4.4
		return c.shape
	}
	if !c.label(", shmem-rss:") || !c.kb(&v.ShmemRSSKB) || c.ends(", UID:") { // 4.5 to 5.3, RHEL 7 and 8.1
		return c.shape
	}
	if !c.label(", UID:") || !c.lastNumber(&v.UID) || c.ends(" pgtables:") { // RHEL 8.3
		return c.shape
	}
	if !c.label(" pgtables:") || !c.kb(&v.PgtablesKB) || !c.label(" oom_score_adj:") || !c.lastNumber(&v.OOMScoreAdj) {
		return c.shape
	}
	c.ends("")
	return c.shape
}

// endWithoutValues returns the shape of a line that ends at the comm, with a full stop or without.
func endWithoutValues(v *report.KillLine, s string) shape {
	switch {
	case s == "." && v.Message != report.MessageNone: // 2.6.9, 2.6.18, RHEL 5
		return complete
	case s == "" && v.Message == report.MessageNone && !v.UID.OK: // 2.6.20 to 2.6.32
		return complete
	}
	return truncated
}
