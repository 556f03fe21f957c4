// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

var cpuForm = form{
	starts: []string{"CPU: ", "Pid: "},
	read: is(func(s string) bool {
		var v report.CPU
		_, ok := takeCPUIDs(&v, s)
		return ok
	}),
	openName: func(s string) (name string, ok bool) {
		var v report.CPU
		return takeCPUIDs(&v, s)
	},
}

// ParseCPU reads the forms of docs/formats.md section 2.1: "CPU: …" and "Pid: …". Of a cut line the
// release is taken where the build follows it; the last word of what follows cannot be known to be
// whole.
func ParseCPU(s string) (v report.CPU, ok bool) {
	rest, ok := takeCPUIDs(&v, s)
	if !ok {
		return report.CPU{}, false
	}
	takeTask(&v, rest)
	return v, true
}

// takeIDs cuts all before the comm off the front of s.
func takeCPUIDs(v *report.CPU, s string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "Pid: "); ok {
		if v.PID.V, rest, v.PID.OK = takeUint(rest); !v.PID.OK {
			return s, false
		}
		return strings.CutPrefix(rest, ", comm: ")
	}
	if rest, ok = strings.CutPrefix(s, "CPU: "); !ok {
		return s, false
	}
	if v.CPU.V, rest, v.CPU.OK = takeUint(rest); !v.CPU.OK {
		return s, false
	}
	if uid, ok := strings.CutPrefix(rest, " UID: "); ok {
		if v.UID.V, rest, v.UID.OK = takeUint(uid); !v.UID.OK {
			return s, false
		}
	}
	if rest, ok = strings.CutPrefix(rest, " PID: "); !ok {
		return s, false
	}
	if v.PID.V, rest, v.PID.OK = takeUint(rest); !v.PID.OK {
		return s, false
	}
	return strings.CutPrefix(rest, " Comm: ")
}

// takeTask reads "java Kdump: loaded Not tainted 6.1.0 #1 …". The comm may hold any of these words:
// the last mark that a release and a version follow ends it.
func takeTask(v *report.CPU, s string) {
	const kdump = " Kdump: loaded"
	for i := min(len(s)-1, longestComm+len(kdump)); i >= 0; i-- {
		if s[i] != ' ' || !beginsTaint(s[i+1:]) {
			continue
		}
		try := *v
		if try.Comm, try.Kdump = strings.CutSuffix(s[:i], kdump); !commFits(try.Comm) {
			continue
		}
		if rest, ok := takeTaint(&try, s[i+1:]); ok && takeRelease(&try, rest) {
			*v = try
			return
		}
	}
}

// beginsTaint reports whether s begins as what follows the comm does.
func beginsTaint(s string) bool {
	return strings.HasPrefix(s, notTainted) || strings.HasPrefix(s, tainted)
}

const (
	notTainted = "Not tainted "
	tainted    = "Tainted: "
)

// takeTaint cuts "Not tainted " or "Tainted: G W " off the front of s. RHEL prints "-" for flags of
// its own.
func takeTaint(v *report.CPU, s string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, notTainted); ok {
		return rest, true
	}
	if rest, ok = strings.CutPrefix(s, tainted); !ok {
		return s, false
	}
	i := 0
	for i < len(rest) && (rest[i] == ' ' || rest[i] == '-' || rest[i]-'A' < 26) {
		i++
	}
	if i == 0 || rest[i-1] != ' ' {
		return s, false
	}
	v.Taint = letters(rest[:i])
	return rest[i:], true
}

// letters returns the letters of s, which holds spaces and dashes besides.
func letters(s string) string {
	first, last, n := 0, -1, 0
	for i := range len(s) {
		if s[i] == ' ' || s[i] == '-' {
			continue
		}
		if n == 0 {
			first = i
		}
		last = i
		n++
	}
	if n == last+1-first {
		return s[first : last+1]
	}
	b := make([]byte, 0, n)
	for i := first; i <= last; i++ {
		if s[i] != ' ' && s[i] != '-' {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// takeRelease reads the kernel's release and build, and what distributions and configurations print
// after it.
func takeRelease(v *report.CPU, s string) (ok bool) {
	release, rest, ok := strings.Cut(skipSpaces(s), " ")
	if !ok || release == "" || !strings.HasPrefix(rest, "#") {
		return false
	}
	v.Release = release
	v.Version, rest, _ = strings.Cut(trimEnd(rest), " ")
	for rest = skipSpaces(rest); rest != ""; rest = skipSpaces(rest) {
		word, tail, _ := strings.Cut(rest, " ")
		switch {
		case isPreemptModel(word):
			v.Preempt = word
		case isBuildID(word):
			v.BuildID = word
		default:
			v.Package, tail = packageOf(rest)
		}
		rest = tail
	}
	return true
}

// isPreemptModel reports whether s is a preemption model as 6.17 and later print it.
func isPreemptModel(s string) bool {
	return strings.HasPrefix(s, "PREEMPT") || s == "NONE" || s == "VOLUNTARY"
}

// isBuildID reports whether s is 40 hexadecimal digits.
func isBuildID(s string) bool {
	if len(s) != 40 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// packageOf cuts a package id of several words off the front of s: all up to a build id or a
// preemption model.
func packageOf(s string) (pkg, rest string) {
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' {
			continue
		}
		word, _, _ := strings.Cut(skipSpaces(s[i:]), " ")
		if isPreemptModel(word) || isBuildID(word) {
			return trimEnd(s[:i]), s[i:]
		}
	}
	return s, ""
}
