// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
)

// shippedToLoki is the shipped example for Loki with other settings of the receiver in front.
func shippedToLoki(t *testing.T, loki *backends.Loki, settings string) string {
	t.Helper()
	text, err := os.ReadFile("../../../otelreceiver/examples/loki.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("LOKI_URL", loki.URL)
	t.Setenv("NODE_NAME", "node-1")
	t.Setenv("STATE_DIRECTORY", filepath.Join(t.TempDir(), "state"))
	return strings.Replace(string(text), "  oom_kill:\n", "  oom_kill:\n"+settings, 1) + "  telemetry:\n    metrics: {level: none}\n"
}

// ours finds the records in Loki.
const ours = `{service_name="kernel"} | event_name=~"oom.*"`

// inLoki returns the records that Loki holds.
func inLoki(t *testing.T, loki *backends.Loki, by string) (arrived []Arrival) {
	t.Helper()
	for _, e := range loki.Query(t, ours) {
		arrived = append(arrived, Arrival{UID: e.Labels["log_record_uid"], Kill: e.Labels[by]})
	}
	return arrived
}

// awaitLoki waits until Loki holds a record of each kill, and tallies.
func awaitLoki(t *testing.T, loki *backends.Loki, by string, kills []string) (row Row) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		var err error
		if row, err = Tally(kills, inLoki(t, loki, by)); err != nil {
			t.Fatal(err)
		}
		if row.Lost == 0 || time.Now().After(end) {
			return row
		}
	}
}

// TestLokiWorst: the records of real kernels, those with the longest path and the largest table
// among them, with everything that can be switched on, stay within Loki's default limits, field by
// field.
func TestLokiWorst(t *testing.T) {
	loki, dir := backends.StartLoki(t), t.TempDir()
	for _, test := range []struct {
		name, settings string
		equal          bool
	}{
		{"as shipped", "", true},
		{"everything switched on", "    memory_stat: all\n    tasks_top: 50\n    include_log_record_original: true\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			loki := loki
			if !test.equal {
				loki, dir = backends.StartLoki(t), t.TempDir()
			}
			want := writeCaptures(t, dir, realCaptures(t))
			p := collector(t, dir, "", shippedToLoki(t, loki, "    source: file\n    file: {include: [\"@DIR@/*.kmsg\"], format: kmsg}\n    start_at: beginning\n    report_timeout: 1s\n"+test.settings))
			p.Start(t)
			row := awaitLoki(t, loki, "log_record_uid", uidsIn(want))
			p.Stop(t)
			most, largest := 0, 0
			var got []contract.Record
			for _, e := range loki.Query(t, ours) {
				size := 0
				for name, value := range e.Labels {
					size += len(name) + len(value)
				}
				most, largest = max(most, len(e.Labels)), max(largest, size)
				got = append(got, mapBack(e.Labels, e.Line, want))
			}
			row.Scenario = "real Loki, records of real kernels, " + test.name
			row.Note = fmt.Sprintf("at most %d labels and entries of metadata, %d bytes", most, largest)
			report(t, p, row, 0)
			if test.equal {
				compare(t, rounded(got), rounded(want))
			}
			if said := string(p.Said()); strings.Contains(said, "Dropping data") || strings.Contains(said, "Partial success") {
				t.Errorf("something was refused:\n%s", p.Tail())
			}
		})
	}
}

// TestLokiHostBehind: a host three hours behind another, and kills for real through the shipped
// example.
func TestLokiHostBehind(t *testing.T) {
	loki := backends.StartLoki(t)
	dir := t.TempDir()
	ahead, behind := NewKernLog("ahead"), NewKernLog("behind")
	behind.Now = ahead.Now.Add(-3 * time.Hour)
	settings := "    source: file\n    file: {include: [\"@DIR@/kern.log\"]}\n    start_at: beginning\n    report_timeout: 1s\n"
	for _, k := range []*KernLog{ahead, behind} {
		at := filepath.Join(dir, k.Host)
		p := collector(t, at, "", strings.ReplaceAll(shippedToLoki(t, loki, settings), "${env:NODE_NAME}", k.Host))
		for range 50 {
			write(t, filepath.Join(at, "kern.log"), k.Any()...)
		}
		p.Start(t)
		defer func() {
			if t.Failed() {
				t.Logf("%s", p.Tail())
			}
			p.Stop(t)
		}()
		if k == ahead { // it is there before the other begins
			awaitLoki(t, loki, "process_title", ahead.Kills)
		}
	}
	kills := slices.Concat(ahead.Kills, behind.Kills)
	loki.Await(t, len(kills)) // accepted
	loki.Flush(t)             // queries ask the ingesters for what is new only
	row := awaitLoki(t, loki, "process_title", kills)
	row.Scenario = "real Loki, a host three hours behind another"
	table.Add(row)
	if row.Lost != 0 || row.Repeated != 0 {
		t.Errorf("%+v", row)
	}
}

// TestLokiRealKill tells how long a real kill takes until Loki has answered.
func TestLokiRealKill(t *testing.T) {
	loki, h, cgroups := backends.StartLoki(t), newHogs(t), memoryCgroups(t, 1)
	stamps := make(chan time.Time, 100)
	config := shippedToLoki(t, loki, "    start_at: end\n")
	t.Setenv("LOKI_URL", stamp(t, loki.URL, stamps))
	p := collector(t, t.TempDir(), "", config)
	p.Start(t)
	p.Ready(t, patience)
	var kills []string
	var sinceDeath []time.Duration
	for range 10 {
		pid, dead, err := h.kill(cgroups[0])
		if err != nil {
			t.Fatal(err)
		}
		kills = append(kills, pid)
		select {
		case at := <-stamps:
			sinceDeath = append(sinceDeath, at.Sub(dead))
		case <-time.After(patience):
			t.Fatalf("nothing arrived:\n%s", p.Tail())
		}
		time.Sleep(300 * time.Millisecond)
	}
	row := awaitLoki(t, loki, "process_pid", kills)
	row.Scenario = "real kill through /dev/kmsg into Loki"
	row.Note = fmt.Sprintf("until the server has answered: %s after the process was seen dead", middle(sinceDeath))
	report(t, p, row, 0)
}

// rules are the shipped alerts.
const rules = "../../../otelreceiver/examples/loki-alerts/rules.yaml"

// TestLokiTool: lokitool takes the shipped alerts.
func TestLokiTool(t *testing.T) {
	lokitool := backends.LokiBinary(t, "lokitool")
	for _, args := range [][]string{{"rules", "lint", "--dry-run"}, {"rules", "check"}} {
		if out, err := exec.Command(lokitool, append(args, rules)...).CombinedOutput(); err != nil {
			t.Errorf("lokitool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestLokiRules: each of the shipped alerts fires on what it is for, and on nothing else.
func TestLokiRules(t *testing.T) {
	loki := backends.StartLoki(t)
	dir := t.TempDir()
	p := collector(t, dir, "", shippedToLoki(t, loki, "    source: file\n    file: {include: [\"@DIR@/kern.log\"]}\n    start_at: beginning\n    report_timeout: 1s\n"))
	k := NewKernLog("n")
	k.Now = time.Now().Add(-time.Minute)
	log := filepath.Join(dir, "kern.log")
	alerts := readAlerts(t, rules)
	firing := func() (names []string) {
		for _, a := range alerts {
			if len(loki.Metric(t, a.Expr)) > 0 {
				names = append(names, a.Alert)
			}
		}
		return names
	}
	if names := firing(); len(names) > 0 {
		t.Errorf("with nothing in the log: %v", names)
	}
	p.Start(t)
	steps := []struct {
		lines [][]byte
		kills int
		want  []string
	}{
		{slices.Concat(k.Kill(ofCgroup), k.Kill(ofCgroup)), 2, []string{"OutOfMemoryKill"}},
		{k.Kill(ofCgroup), 3, []string{"CgroupOutOfMemory", "OutOfMemoryKill"}},
		{k.Kill(ofHost), 4, []string{"CgroupOutOfMemory", "HostOutOfMemory", "OutOfMemoryKill"}},
		{k.Report("memcg, no victim"), 4, []string{"CgroupOutOfMemory", "HostOutOfMemory", "OutOfMemoryKill", "OutOfMemoryWithoutKill"}},
	}
	for i, step := range steps {
		write(t, log, step.lines...)
		var got []string
		for end := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
			got = firing()
			slices.Sort(got)
			if n := len(loki.Query(t, `{service_name="kernel"} | event_name="oom.kill"`)); n == step.kills && slices.Equal(got, step.want) || time.Now().After(end) {
				break
			}
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("step %d: %v fire, want %v\n%s", i, got, step.want, p.Tail())
		}
	}
}

type alert struct{ Alert, Expr string }

func readAlerts(t *testing.T, path string) (alerts []alert) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct{ Rules []alert }
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		alerts = append(alerts, g.Rules...)
	}
	if len(alerts) == 0 {
		t.Fatal("no alerts in " + path)
	}
	return alerts
}
