// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/witnesscases"
	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser"
)

func witnesses(t *testing.T) []witnesscases.Log {
	t.Helper()
	logs, err := Witnesses("../../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(logs) < 350 {
		t.Fatalf("%d logs", len(logs))
	}
	return logs
}

// of returns what the parser makes of a log of unknown origin.
func (c Choice) of(t *testing.T, log *witnesscases.Log) []contract.Record {
	t.Helper()
	records, err := c.Of(log, parser.TrustedNone)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestWitnessesFilter: of every log the shipped plugin makes the records that the parser makes of
// it, whether its lines come one a chunk or all at once.
func TestWitnessesFilter(t *testing.T) {
	events := map[any]int{}
	for _, c := range Choices() {
		for _, all := range []bool{false, true} {
			if all && c != (Choice{true, parser.ObservationsAll}) {
				continue // what is chosen makes no difference to it
			}
			throughPlugin(t, c, "tail.0", func(l *witnesscases.Log) (chunks [][]byte, want []contract.Record) {
				want = c.of(t, l)
				for _, r := range want {
					events[r["event.name"]]++
				}
				each := 1
				if all {
					each = len(l.Text)
				}
				return inTail(l.Text, each), want
			})
		}
	}
	for _, name := range []string{"oom.kill", "oom.kill_attempt", "oom.observed", "oom.eviction", "oom.sigkill"} {
		if events[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
}

// throughPlugin gives each log to an instance of the shipped plugin, as chunks of an input, and
// compares what comes out.
func throughPlugin(t *testing.T, c Choice, input string, chunksOf func(*witnesscases.Log) (chunks [][]byte, want []contract.Record)) {
	t.Helper()
	host, log := pluginHost(t)
	settings := []fbhost.Setting{
		{Key: "Format", Value: "flat"}, {Key: "Mode", Value: "only"}, {Key: "Location", Value: "UTC"},
		{Key: "Sigkill", Value: fmt.Sprint(c.Sigkill)}, {Key: "Observations", Value: parser.ObservationNames()[c.Observations]},
	}
	logs, records := witnesses(t), 0
	for i := range logs {
		chunks, want := chunksOf(&logs[i])
		if chunks == nil {
			continue
		}
		records += len(want)
		if ret := host.Init(0, settings...); ret != 0 {
			t.Fatalf("init returned %d\n%s", ret, log.String())
		}
		var got []contract.Record
		for _, chunk := range chunks {
			if a := host.Filter(0, fbhost.Input{Name: input}, "witness", chunk); a.Return == fbhost.Modified {
				got = append(got, fromChunk(t, a.Out)...)
			}
		}
		host.Exit(0)
		for _, d := range append(contract.Compare(got, want), trustDiffers(got, want)...) {
			t.Errorf("%s: %s, %d chunks: %s", logs[i].Name, c, len(chunks), d)
		}
	}
	if err := host.Close(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	t.Logf("%s: %d records", c, records)
}

// TestWitnessesSystemd: of every journal the plugin makes, entry by entry as in_systemd gives it,
// the records that the parser makes of a journal that is one, with the same trust.
func TestWitnessesSystemd(t *testing.T) {
	verified := 0
	for _, c := range Choices() {
		throughPlugin(t, c, "systemd.0", func(l *witnesscases.Log) (chunks [][]byte, want []contract.Record) {
			if !strings.HasSuffix(l.Name, ": journal") && !strings.HasSuffix(l.Name, ": journal.json") {
				return nil, nil
			}
			_, text, _ := bytes.Cut(l.Text, []byte("\n")) // without its number
			for line := range bytes.Lines(text) {
				e, err := fbtest.InSystemd(line)
				if err != nil {
					t.Fatal(err)
				}
				chunks = append(chunks, fbtest.Chunk(e))
			}
			want, err := c.Of(l, parser.TrustedJournald)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range want {
				if r["oom.trust"] == "verified" {
					verified++
				}
			}
			return chunks, want
		})
	}
	if verified < 500 {
		t.Errorf("%d verified records", verified)
	}
}

// trustDiffers returns where equal records are not equally trusted.
func trustDiffers(got, want []contract.Record) (differences []string) {
	trust := map[string]any{}
	for _, r := range want {
		trust[r.UID()] = r["oom.trust"]
	}
	for _, r := range got {
		if w, ok := trust[r.UID()]; ok && r["oom.trust"] != w {
			differences = append(differences, fmt.Sprintf("%v: oom.trust is %v, expected %v", r["body"], r["oom.trust"], w))
		}
	}
	return differences
}

// inTail makes chunks of so many of the events that in_tail makes of a log's lines.
func inTail(log []byte, each int) (chunks [][]byte) {
	var events []fbtest.Event
	for line := range bytes.Lines(log) {
		events = append(events, fbtest.Event{Time: time.Now(), Record: []form.KV{{Key: "log", Value: string(bytes.TrimSuffix(line, []byte("\n")))}}})
	}
	for len(events) > 0 {
		n := min(each, len(events))
		chunks, events = append(chunks, fbtest.Chunk(events[:n]...)), events[n:]
	}
	return chunks
}

// TestWitnessesProcessor: the built collector's processor makes the same records, of the lines that
// the collector reads from files.
func TestWitnessesProcessor(t *testing.T) {
	throughCollector(t, func(dir string, c Choice, _ []string) (receivers, processors []component) {
		files := fileLog(dir)
		files.settings += "    operators: [{type: move, from: 'attributes[\"log.file.path\"]', to: 'resource[\"log.file.path\"]'}]\n    include_file_name: false\n    poll_interval: 1s\n"
		return []component{files}, []component{{"oom_kill", "    mode: only\n" + c.yaml() + "    location: UTC\n"}}
	})
}

// TestWitnessesReceiver: so does its receiver, of the files themselves.
func TestWitnessesReceiver(t *testing.T) {
	throughCollector(t, func(_ string, c Choice, files []string) (receivers, processors []component) {
		for i, file := range files {
			receivers = append(receivers, component{fmt.Sprintf("oom_kill/%d", i), fmt.Sprintf(
				"    source: file\n    file: {include: [%q], location: UTC}\n    start_at: beginning\n    emit: oom\n%s", file, c.yaml())})
		}
		return receivers, nil
	})
}

// yaml are the settings of a component.
func (c Choice) yaml() string {
	return fmt.Sprintf("    report_timeout: 1m\n    sigkill: %t\n    observations: %s\n", c.Sigkill, parser.ObservationNames()[c.Observations])
}

// throughCollector runs the built collector over all logs, each in a file of its own, and compares
// what each of them gives, or all of them together where a record does not say which one it is of.
func throughCollector(t *testing.T, components func(dir string, c Choice, files []string) (receivers, processors []component)) {
	t.Helper()
	logs := witnesses(t)
	dir := t.TempDir()
	var files []string
	for i := range logs {
		file := filepath.Join(dir, fmt.Sprintf("%03d.log", i))
		if err := os.WriteFile(file, logs[i].Text, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	for _, c := range Choices() {
		t.Run(strings.ReplaceAll(c.String(), " ", "_"), func(t *testing.T) {
			want := map[string][]contract.Record{} // by file
			var all []contract.Record
			for i := range logs {
				want[files[i]] = c.of(t, &logs[i])
				all = append(all, want[files[i]]...)
			}
			receivers, processors := components(dir, c, files)
			got, err := Collector(collectorBinary(t), t.TempDir(), pipeline(receivers, processors), len(all))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d records, %d expected", len(got), len(all))
			byFile := map[string][]contract.Record{}
			for _, r := range got {
				file, _ := r["log.file.path"].(string)
				delete(r, "log.file.path")
				byFile[file] = append(byFile[file], r)
			}
			if byFile[""] != nil {
				for _, d := range pair(byFile[""], all) {
					t.Error(d)
				}
				return
			}
			for i, file := range files {
				for _, d := range append(contract.Compare(byFile[file], want[file]), trustDiffers(byFile[file], want[file])...) {
					t.Errorf("%s: %s", logs[i].Name, d)
				}
			}
		})
	}
}

// pair finds for each record its equal among those that are wanted, and returns what is left over:
// clones of a kill have one id.
func pair(got, want []contract.Record) (differences []string) {
	byUID := map[string][]contract.Record{}
	for _, r := range want {
		byUID[r.UID()] = append(byUID[r.UID()], r)
	}
	for _, g := range got {
		list, best := byUID[g.UID()], -1
		var closest []string
		for i, w := range list {
			d := append(contract.Differences(g, w), trustDiffers([]contract.Record{g}, []contract.Record{w})...)
			if best < 0 || len(d) < len(closest) {
				best, closest = i, d
			}
		}
		if best < 0 {
			differences = append(differences, fmt.Sprintf("one too many: %v", g["body"]))
			continue
		}
		for _, d := range closest {
			differences = append(differences, fmt.Sprintf("%v: %s", g["body"], d))
		}
		byUID[g.UID()] = append(list[:best:best], list[best+1:]...)
	}
	for _, list := range byUID {
		for _, r := range list {
			differences = append(differences, fmt.Sprintf("missing: %v", r["body"]))
		}
	}
	return differences
}
