// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"slices"
	"strings"
	"testing"
)

// Alert is one that fires.
type Alert struct {
	Name        string
	Labels      map[string]string
	Annotations map[string]string
}

// firing returns the alerts that fire, in order of their names, by the API of Prometheus under a
// URL. It fails the test where a rule could not be evaluated.
func firing(t testing.TB, url string) (alerts []Alert) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Name, LastError string }
		}
	}
	var active struct {
		Alerts []struct {
			Alert
			State string
		}
	}
	ask(t, url+"/api/v1/rules", nil, &rules)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.LastError != "" {
				t.Fatalf("rule %s: %s", r.Name, r.LastError)
			}
		}
	}
	ask(t, url+"/api/v1/alerts", nil, &active)
	for _, a := range active.Alerts {
		if a.State == "firing" {
			a.Name = a.Labels["alertname"]
			alerts = append(alerts, a.Alert)
		}
	}
	slices.SortFunc(alerts, func(x, y Alert) int { return strings.Compare(x.Name, y.Name) })
	return alerts
}
