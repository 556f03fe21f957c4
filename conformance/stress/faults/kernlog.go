// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/render"
)

// KernLog writes the log of one machine whose kernel kills, as rsyslog writes it.
type KernLog struct {
	// Host is the name of the machine, short: the names of victims begin with it.
	Host string
	// Now is the machine's wall clock, which each line moves on by a millisecond.
	Now time.Time
	// Uptime is the kernel's clock.
	Uptime time.Duration
	// Cgroup is where the victims of reports are; empty: a pod's.
	Cgroup string
	// Kills are the names of the victims so far, each of which is another.
	Kills []string
}

// NewKernLog returns the log of a machine that was started long ago.
func NewKernLog(host string) *KernLog {
	return &KernLog{Host: host, Now: time.Now().Add(-time.Hour), Uptime: 20 * 24 * time.Hour}
}

// Line returns one line of the kernel.
func (k *KernLog) Line(text string) []byte {
	k.Now, k.Uptime = k.Now.Add(time.Millisecond), k.Uptime+time.Millisecond
	return fmt.Appendf(nil, "%s %s kernel: [%5d.%06d] %s\n", k.Now.Format("2006-01-02T15:04:05.000000-07:00"), k.Host,
		k.Uptime/time.Second, k.Uptime%time.Second/time.Microsecond, text)
}

// Kill returns the lines of a report that kills one process: a cgroup's, the host's, or one of
// which the rate limiter left nothing but the kill line.
func (k *KernLog) Kill(title string) [][]byte {
	names := render.Ordinary
	names.Victim = fmt.Sprintf("%s-%d", k.Host, len(k.Kills))
	if k.Cgroup != "" {
		names.CgroupLimit, names.CgroupTask = k.Cgroup, k.Cgroup
	}
	k.Kills = append(k.Kills, names.Victim)
	return k.report(title, names)
}

// Report returns the lines of a report in which nobody dies.
func (k *KernLog) Report(title string) [][]byte { return k.report(title, render.Ordinary) }

func (k *KernLog) report(title string, names render.Names) (lines [][]byte) {
	scenario, known := scenarios[title]
	if !known {
		panic("no scenario of render is called " + title)
	}
	for _, record := range render.Report(kernel, scenario, render.NewValues(int64(len(k.Kills)), names)) {
		for text := range strings.SplitSeq(record.Text, "\n") {
			lines = append(lines, k.Line(text))
		}
	}
	return lines
}

// The kinds of report that [KernLog.Kill] writes.
const (
	ofCgroup = "memcg v2"
	ofHost   = "host, all options"
	bare     = "memcg, bare"
)

var (
	kernel    = render.KernelNamed("6.12")
	kinds     = []string{ofCgroup, ofHost, bare}
	scenarios = map[string]render.Scenario{}
)

func init() {
	for _, s := range render.Scenarios {
		scenarios[s.Title] = s
	}
}

// Any returns a report of one of the kinds, in turn.
func (k *KernLog) Any() [][]byte { return k.Kill(kinds[len(k.Kills)%len(kinds)]) }

// Idle returns n lines of a kernel that has other things to say.
func (k *KernLog) Idle(n int) (lines [][]byte) {
	for i := range n {
		lines = append(lines, k.Line(fmt.Sprintf("usb 1-%d: new high-speed USB device number %d using xhci_hcd", i%9, i)))
	}
	return lines
}

// join makes one text of lines.
func join(lines [][]byte) []byte { return bytes.Join(lines, nil) }
