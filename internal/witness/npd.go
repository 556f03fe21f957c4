// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
)

var detectorProgram = program{
	name: NodeProblemDetector, triggers: []string{"OOMKilli"}, units: []string{"node-problem-detector.service"},
	new: Func(readDetectorLine).New, inContainers: true,
}

var detectorAuthor = daemon{
	names: []string{NodeProblemDetector}, comms: []string{NodeProblemDetector[:maxComm]},
}

// readDetectorLine reads the log of node-problem-detector: "New status generated: &{Source:… …",
// which quotes the kernel's kill line (pkg/systemlogmonitor/log_monitor.go there). Its events are
// read by kubeevents.go.
func readDetectorLine(l *Line) (f Fact) {
	_, msg, ok := cutKlogHead(l.Text)
	if !ok || !detectorAuthor.may(l) {
		return f
	}
	status, ok := between(msg, "New status generated: &{Source:kernel-monitor Events:[{Severity:warn Timestamp:", "}")
	at, status, found := strings.Cut(status, " Reason:")
	i := strings.LastIndex(status, "}] Conditions:[")
	if !ok || !found || i < 0 {
		return f
	}
	reason, quoted, _ := strings.Cut(status[:i], " Message:")
	if reason != "OOMKilling" && reason != "PodOOMKilling" {
		return f
	}
	if f.InnerTime, ok = timeOf(at); !ok || !readQuotedKill(quoted, &f) {
		return Fact{}
	}
	f.Writer = NodeProblemDetector
	return f
}
