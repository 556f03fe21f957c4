// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

const alerts = "../../../deploy/prometheus/fluent-bit.rules.yaml"

// alertConfig has an input and an output of one name.
var alertConfig = strings.Replace(inputConfig, "{name: stdout, match: '*', format: json_lines}", "{name: oom_kill, match: kernel, target: stdout, format: flat}", 1)

// withVMStat adds the kernel's own counter, at VMSTAT.
var withVMStat = strings.Replace(alertConfig, "  outputs:\n", "    - {name: node_exporter_metrics, tag: node, metrics: vmstat, scrape_interval: 1}\n  outputs:\n", 1) +
	"    - {name: prometheus_exporter, match: node, host: 127.0.0.1, port: VMSTAT}\n"

// TestInputAlerts lets a Prometheus fetch Fluent Bit's metrics and evaluate the rules while this
// machine's kernel kills: each metric that they take is there, with its labels, and the alert of a
// kill fires.
func TestInputAlerts(t *testing.T) {
	program := needFluentBit(t)
	backends.PrometheusBinary(t, "prometheus")
	h := newHogs(t)
	dir, vmstat := t.TempDir(), backends.FreePort(t)
	text := alertConfig
	help, _ := exec.Command(program, "--help").Output()
	counted := bytes.Contains(help, []byte("node_exporter_metrics")) // a Fluent Bit of one's own may lack it
	if counted {
		text = strings.ReplaceAll(withVMStat, "VMSTAT", vmstat)
	} else {
		t.Log("NOT RUN: the alert on kills without a record: this Fluent Bit has no node_exporter_metrics")
	}
	fb, url := runBehindRing(t, program, dir, text, h)
	p := backends.StartPrometheus(t, []string{alerts}, map[string]string{
		"fluent-bit": url + "/api/v2/metrics/prometheus", "node": "http://127.0.0.1:" + vmstat + "/metrics",
	})
	first := []string{`oomtrail_lost_records_total`, `node_vmstat_oom_kill`}
	if !counted {
		first = first[:1]
	}
	if missing := p.Await(t, first...); len(missing) > 0 {
		t.Fatalf("no series of %q:\n%s", missing, fb.output())
	}
	time.Sleep(2 * time.Second) // so that the kernel's counter is seen to rise
	h.kill(t)

	var selectors []string
	for _, rule := range backends.ReadRules(t, alerts) {
		for _, selector := range rule.Selectors() {
			// A hog is in no namespace, and at no limit of the host.
			selector = strings.NewReplacer(`namespace!=""`, `namespace=""`, `scope="host"`, `scope="cgroup"`).Replace(selector)
			if counted || !strings.HasPrefix(selector, "node_") {
				selectors = append(selectors, selector)
			}
		}
	}
	slices.Sort(selectors)
	if missing := p.Await(t, slices.Compact(selectors)...); len(missing) > 0 {
		t.Errorf("no series of %q", missing)
	}
	fired := func(summary string) bool {
		for _, alert := range p.Firing(t) {
			if alert.Name == "OutOfMemoryKill" && alert.Annotations["summary"] == summary {
				return true
			}
		}
		return false
	}
	host := strings.TrimPrefix(url, "http://")
	waitFor(t, "the alert", fb, func() bool { return fired("OOM kill on " + host + " (process_hog).") })
	if kills := p.Query(t, `oomtrail_kills:rise5m{cause="process_hog"}`); len(kills) != 1 {
		t.Errorf("input and output make %d series of a kill: %v", len(kills), kills)
	}
	// The kernel's counter rose, on a host that is known, and there is a record.
	for _, rule := range backends.ReadRules(t, alerts) {
		if rule.Alert != "OutOfMemoryKillsLost" || !counted {
			continue
		}
		rose, _, _ := strings.Cut(rule.Expr, "unless on (node)")
		if missing := p.Await(t, rose); len(missing) > 0 {
			t.Errorf("%s has no sample", rose)
		}
		if lost := p.Query(t, rule.Expr); len(lost) > 0 {
			t.Errorf("%s: %v, though the kill has a record", rule.Alert, lost)
		}
	}
	fb.stop(t)
}
