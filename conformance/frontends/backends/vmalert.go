// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

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
	address := freeAddress(t)
	a := &VMAlert{url: "http://" + address}
	new(server).serve(t, a.url+"/health", binary, "-rule="+rules, "-datasource.url="+v.URL, "-httpListenAddr="+address, "-notifier.blackhole",
		"-evaluationInterval=1s", "-rule.evalDelay=0s")
	return a
}

// Alert is one that fires.
type Alert struct {
	Name        string
	Labels      map[string]string
	Annotations map[string]string
}

// Firing returns the alerts that fire, in order of their names. It fails the test where a rule
// could not be evaluated.
func (a *VMAlert) Firing(t testing.TB) (alerts []Alert) {
	t.Helper()
	var rules struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, LastError string }
			}
		}
	}
	var answer struct {
		Data struct {
			Alerts []struct {
				Alert
				State string
			}
		}
	}
	a.get(t, "/api/v1/rules", &rules)
	for _, g := range rules.Data.Groups {
		for _, r := range g.Rules {
			if r.LastError != "" {
				t.Fatalf("rule %s: %s", r.Name, r.LastError)
			}
		}
	}
	a.get(t, "/api/v1/alerts", &answer)
	for _, al := range answer.Data.Alerts {
		if al.State == "firing" {
			alerts = append(alerts, al.Alert)
		}
	}
	slices.SortFunc(alerts, func(x, y Alert) int { return strings.Compare(x.Name, y.Name) })
	return alerts
}

func (a *VMAlert) get(t testing.TB, path string, into any) {
	t.Helper()
	res, err := http.Get(a.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %v", path, res.Status, err)
	}
}
