// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"math"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

var kubectlProgram = program{
	name:     "kubectl",
	triggers: []string{"OOM enco", "OOMKilli", "e: memor"}, // see kubeEventsProgram
	new:      Func(readKubectlRow).New, inContainers: true,
}

// readKubectlRow reads a row of the events that kubectl prints (staging/src/k8s.io/kubectl and
// pkg/printers of Kubernetes):
//
//	kubectl describe:                    Type Reason Age From Message
//	kubectl get events, kubectl events:  [Namespace] Age Type Reason Object Message
//
// Rows of "-o wide" are none of these: their message is not last. kubectl describe names the object
// elsewhere, so that its row of an evicted pod does not say which.
func readKubectlRow(l *Line) (f Fact) {
	if ofKernelLog(l) {
		return f
	}
	var age, from, object, namespace string
	kind, rest := cutColumn(strings.TrimLeft(l.Text, " \t"))
	described := kind == kubectlWarning
	if !described {
		if age = kind; !isKubectlAge(age) {
			namespace = kind
			age, rest = cutColumn(rest)
		}
		kind, rest = cutColumn(rest)
	}
	reason, rest := cutColumn(rest)
	if described {
		age, rest = cutColumn(rest)
		from, rest = cutColumn(rest)
	} else {
		object, rest = cutColumn(rest)
	}
	count, ok := cutKubectlCount(age)
	msg := strings.TrimRight(rest, " \t\r")
	if kind != kubectlWarning || !ok || strings.Contains(msg, "  ") {
		return f
	}
	from, f.Node, _ = strings.Cut(from, ", ") // with the host to kubectl 1.15
	resource, name, _ := strings.Cut(object, "/")
	isNode, isPod := strings.EqualFold(resource, "node"), strings.EqualFold(resource, "pod")
	switch {
	case reason == "SystemOOM" && (isNode || from == Kubelet):
		f.Writer, ok = Kubelet, readSystemOOMEvent(msg, &f)
	case reason == "OOMKilling" && (isNode || from == "kernel-monitor"):
		f.Writer, ok = NodeProblemDetector, readQuotedKill(msg, &f)
	case reason == "Evicted" && isPod && name != "":
		f.Writer, ok = Kubelet, readEvictedMessage(msg+" ", &f)
		f.Keys.Namespace, f.Keys.PodName = namespace, name
	default:
		ok = false
	}
	if !ok {
		return Fact{}
	}
	if isNode {
		f.Node = name
	}
	if count > 1 {
		f.Observed = report.Some(count)
	}
	// The age counts from when kubectl ran, which the row does not say: that was when the line that
	// brings it was written, or before. The host and the boot of that line are not the event's.
	f.Age, f.HasAge = ageOf(age)
	f.Timeless, f.Text, f.At = true, strings.TrimSpace(l.Text), l.At
	f.At.Host, f.At.BootID, f.At.MachineID = "", "", ""
	return f
}

// kubectlWarning is the type of all events that are read.
const kubectlWarning = "Warning"

// cutColumn cuts a column off the start of a row: two spaces or a tab end it.
func cutColumn(s string) (column, rest string) {
	end := len(s)
	for _, gap := range [...]string{"  ", "\t"} {
		if i := strings.Index(s[:end], gap); i >= 0 {
			end = i
		}
	}
	return s[:end], strings.TrimLeft(s[end:], " \t")
}

// cutKubectlCount returns how often an event came: "3m56s (x2 over 9m)", once where there is no
// count. ok is false where s is no age.
func cutKubectlCount(s string) (count int64, ok bool) {
	age, more, repeated := strings.Cut(s, " (x")
	if !repeated {
		return 1, isAge(age)
	}
	more, closed := strings.CutSuffix(more, ")")
	number, since, _ := strings.Cut(more, " over ")
	count, ok = wholeNumber(number)
	return count, ok && closed && isAge(age) && isAge(since)
}

// isKubectlAge reports whether s is the age of an event, with or without how often it came.
func isKubectlAge(s string) bool {
	_, ok := cutKubectlCount(s)
	return ok
}

const unknownAge = "<unknown>"

// isAge reports whether s is an age: "3m56s", "2d5h", or that there is none.
func isAge(s string) bool {
	_, ok := ageOf(s)
	return ok || s == unknownAge
}

// ageOf reads the age at the start of a row's first column: "3m57s", "3m57s (x2 over 9m)". It is
// what kubectl prints, which leaves out what is less than the last unit.
func ageOf(s string) (age time.Duration, ok bool) {
	s, _, _ = strings.Cut(s, " (x")
	for rest := s; ; {
		n, unit, ok := cutNumber(rest)
		if !ok || unit == "" {
			return 0, false
		}
		of, ok := ageUnits[unit[0]]
		if !ok || n > int64((math.MaxInt64-age)/of) {
			return 0, false
		}
		age += time.Duration(n) * of
		if rest = unit[1:]; rest == "" {
			return age, true
		}
	}
}

// ageUnits are those of k8s.io/apimachinery/pkg/util/duration.
var ageUnits = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour,
}
