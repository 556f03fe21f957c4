// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

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
	// The age counts from when kubectl ran, which the row does not say. The host and the boot of a
	// line that brings it are not those of the event.
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
		return 1, isOneAge(age)
	}
	more, closed := strings.CutSuffix(more, ")")
	number, since, _ := strings.Cut(more, " over ")
	count, ok = wholeNumber(number)
	return count, ok && closed && isOneAge(age) && isOneAge(since)
}

// isKubectlAge reports whether s is the age of an event, with or without how often it came.
func isKubectlAge(s string) bool {
	_, ok := cutKubectlCount(s)
	return ok
}

// isOneAge reports whether s is an age: "3m56s", "2d5h", or that there is none.
func isOneAge(s string) bool {
	if s == "<unknown>" {
		return true
	}
	for rest := s; ; {
		_, unit, ok := cutNumber(rest)
		if !ok || unit == "" || !strings.Contains("smhdy", unit[:1]) {
			return false
		}
		if rest = unit[1:]; rest == "" {
			return true
		}
	}
}
