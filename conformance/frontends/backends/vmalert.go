// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// VMAlert is a running vmalert, which evaluates alert rules on a VictoriaLogs each second.
type VMAlert struct {
	url    string
	output bytes.Buffer
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
	cmd := exec.Command(binary, "-rule="+rules, "-datasource.url="+v.URL, "-httpListenAddr="+address, "-notifier.blackhole",
		"-evaluationInterval=1s", "-rule.evalDelay=0s")
	cmd.Stdout, cmd.Stderr = &a.output, &a.output
	if err := cmd.Start(); err != nil {
		t.Fatalf("vmalert does not start: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its output says why
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended
	})
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("vmalert refuses %s:\n%s", rules, a.output.Bytes())
		default:
		}
		if res, err := http.Get(a.url + "/health"); err == nil {
			res.Body.Close()
			return a
		}
	}
	t.Fatal("vmalert is not ready after 20 s")
	return nil
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
