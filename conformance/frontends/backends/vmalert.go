// SPDX-License-Identifier: Apache-2.0

package backends

import "testing"

// VMAlert is a running vmalert, which evaluates alert rules on a VictoriaLogs each second.
type VMAlert struct {
	url string
}

// StartVMAlert runs a vmalert with the rules of a file until the test ends. The binary is that of
// the environment variable VMALERT, else build/vmalert, which is built when it is not there. The
// test is skipped where it cannot be built, and fails where vmalert refuses the rules.
func StartVMAlert(t testing.TB, v *VictoriaLogs, rules string) *VMAlert {
	t.Helper()
	binary, err := victoriaBinary("VMALERT", "VictoriaMetrics", "vmalert")
	if err != nil {
		t.Skipf("NOT RUN: vmalert cannot be built here, so no rule was tried with it: %v", err)
	}
	address := FreeAddress(t)
	a := &VMAlert{url: "http://" + address}
	new(server).serve(t, a.url+"/health", binary, "-rule="+rules, "-datasource.url="+v.URL, "-httpListenAddr="+address, "-notifier.blackhole",
		"-evaluationInterval=1s", "-rule.evalDelay=0s")
	return a
}

// Firing returns the alerts that fire, in order of their names. It fails the test where a rule
// could not be evaluated.
func (a *VMAlert) Firing(t testing.TB) []Alert { return firing(t, a.url) }
