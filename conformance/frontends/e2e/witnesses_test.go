// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/equality"
	"github.com/oomtrail/oomtrail/parser"
)

// tailed is a configuration that reads each DIR/*.log under a tag of its own.
const tailed = `service:
  flush: 0.5
  grace: 2
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, path: DIR/*.log, tag: witness.*, read_from_head: on, refresh_interval: 1}
  filters:
    - {name: oom_kill, match: "*", format: flat, mode: only, location: UTC, sigkill: on, observations: OBSERVATIONS, host_name: HOST}
  outputs:
    - {name: stdout, match: "*", format: json_lines}
`

// TestWitnesses: of the logs of other killers and of witnesses, which a real Fluent Bit tails,
// comes what the parser makes of them.
func TestWitnesses(t *testing.T) {
	program := needFluentBit(t)
	logs, err := equality.Witnesses("../../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var wanted []string
	for i := range logs {
		records, err := equality.Choice{Sigkill: true, Observations: parser.ObservationsAll}.Of(&logs[i], parser.TrustedNone)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			wanted = append(wanted, r.UID())
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.log", i)), logs[i].Text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(wanted) < 500 {
		t.Fatalf("%d records wanted", len(wanted))
	}
	fb, _ := runText(t, program, strings.NewReplacer("DIR", dir, "OBSERVATIONS", "all", ", host_name: HOST", "").Replace(tailed))
	fb.waitFor(t, wanted)
	time.Sleep(time.Second) // whatever comes too often comes now
	fb.stop(t)
	if got := printed(fb.output()); len(got) != len(wanted) {
		t.Errorf("%d records, want %d", len(got), len(wanted))
	}
}

// TestWitnessesOfTwoTags: the kernel's kill under one tag and what systemd says of it under another
// are one kill. What it says of another unit is an observation.
func TestWitnessesOfTwoTags(t *testing.T) {
	program := needFluentBit(t)
	text, err := os.ReadFile("../../../testdata/witnesses/kernel-unit/short.txt")
	if err != nil {
		t.Fatal(err)
	}
	var kernel, units []byte
	for line := range bytes.Lines(text) {
		switch {
		case bytes.Contains(line, []byte(" kernel: ")):
			kernel = append(kernel, line...)
		case bytes.Contains(line, []byte(" systemd[1]: ")):
			units = append(units, line...)
			if before, _, ok := bytes.Cut(line, []byte(" systemd[1]: ")); ok && bytes.Contains(line, []byte("killed by the OOM killer")) {
				units = fmt.Appendf(units, "%s systemd[1]: other.service: A process of this unit has been killed by the OOM killer.\n", before)
			}
		}
	}
	if !bytes.Contains(kernel, []byte("Killed process")) || !bytes.Contains(units, []byte("other.service")) {
		t.Fatal("the capture shows no kill of a unit")
	}
	dir := t.TempDir()
	files := map[string][]byte{"kernel.log": kernel, "units.log": units}
	for name, log := range files {
		if err := os.WriteFile(filepath.Join(dir, name), log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fb, _ := runText(t, program, strings.NewReplacer("DIR", dir, "OBSERVATIONS", "unmatched", "sigkill: on", "sigkill: off", "HOST", "node-1").Replace(tailed))
	time.Sleep(3 * time.Second) // both were read
	for name, log := range files {
		appendADayLater(t, filepath.Join(dir, name), log)
	}
	for range 100 {
		if len(printed(fb.output())) >= 2 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(time.Second)
	fb.stop(t)
	var events []string
	for line := range strings.Lines(fb.output()) {
		var r map[string]any
		if json.Unmarshal([]byte(line), &r) == nil && r["event.name"] != nil {
			events = append(events, fmt.Sprint(r["event.name"], " ", r["systemd.unit.name"]))
		}
	}
	slices.Sort(events)
	if want := []string{"oom.kill ingest.service", "oom.observed other.service"}; !slices.Equal(events, want) {
		t.Errorf("%q, want %q\n%s", events, want, fb.output())
	}
}

// appendADayLater appends a line to a syslog file, a day after its last one.
func appendADayLater(t *testing.T, path string, log []byte) {
	t.Helper()
	line, err := equality.LineADayLater(log)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(line); err != nil {
		t.Fatal(err)
	}
}
