// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// fleetForms are the files that hosts keep, each made of what [kernLog] renders.
var fleetForms = []struct {
	file string
	put  func(t *testing.T, lines []byte, host string, at time.Time) []byte
}{
	{"kern.log", func(_ *testing.T, lines []byte, _ string, _ time.Time) []byte { return lines }},
	{"messages", func(_ *testing.T, lines []byte, _ string, at time.Time) []byte { // as rsyslog's own format has it
		var out bytes.Buffer
		for line := range bytes.Lines(lines) {
			fmt.Fprintf(&out, "%s %s", at.Format("2006-01-02T15:04:05.000000-07:00"), line[len("Jan  2 15:04:05 "):])
		}
		return out.Bytes()
	}},
	{"journal.json", func(t *testing.T, lines []byte, host string, at time.Time) []byte {
		var out bytes.Buffer
		for line := range bytes.Lines(lines) {
			_, rest, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte("kernel: ["))
			stamp, text, found := bytes.Cut(rest, []byte("] "))
			seconds, micros, _ := bytes.Cut(bytes.TrimLeft(stamp, " "), []byte("."))
			entry, err := json.Marshal(map[string]string{
				"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel", "SYSLOG_FACILITY": "0", "PRIORITY": "4", "_HOSTNAME": host, "MESSAGE": string(text),
				"_BOOT_ID": fmt.Sprintf("%032x", len(host)), "__REALTIME_TIMESTAMP": strconv.FormatInt(at.UnixMicro(), 10), "_SOURCE_MONOTONIC_TIMESTAMP": string(seconds) + string(micros),
			})
			if err != nil || !found {
				t.Fatal(err, string(line))
			}
			out.Write(append(entry, '\n'))
		}
		return out.Bytes()
	}},
}

// TestFleetFormats: forty hosts, whose logs are of several formats, some compressed: counts by pod,
// unit, cause and host of the last seven days are what happened, as CSV.
func TestFleetFormats(t *testing.T) {
	now := time.Now().UTC()
	type count map[string]int
	want := map[string]count{"pod": {}, "unit": {}, "cause": {}, "host": {}}
	captures := []struct{ name, pod, unit, cause string }{
		{"6.12/e_k8s_systemd", "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "cri-containerd-4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a.scope", "process_hog"},
		{"6.12/e_service", "", "app.service", "process_hog"},
		{"6.12/a_global_anon", "", "", "process_hog"},
	}
	dir := t.TempDir()
	kills := 0
	for host := range fleetHosts {
		name := fmt.Sprintf("node-%02d", host)
		up := now.AddDate(0, 0, -100).Add(time.Duration(host) * time.Minute)
		form := fleetForms[host%len(fleetForms)]
		var log bytes.Buffer
		for hours := 24*30 + host; hours > 0; hours -= 29 + host {
			if hours >= 7*24-2 && hours <= 7*24+2 { // too near to the edge
				continue
			}
			at := now.Add(-time.Duration(hours) * time.Hour)
			c := captures[kills%len(captures)]
			kills++
			report, err := os.ReadFile(capturedIn + c.name + "/syslog.raw")
			if err != nil {
				t.Fatal(err)
			}
			log.Write(form.put(t, kernLog(t, report, name, up, at, time.UTC), name, at))
			if hours > 7*24 {
				continue
			}
			for by, value := range map[string]string{"pod": c.pod, "unit": c.unit, "cause": c.cause, "host": name} {
				if value != "" {
					want[by][value]++
				}
			}
		}
		file, text := filepath.Join(dir, name, form.file), log.Bytes()
		if host%4 == 3 {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err := w.Write(text)
			if err = cmp.Or(err, w.Close()); err != nil {
				t.Fatal(err)
			}
			file, text = file+".gz", packed.Bytes()
		}
		err := os.Mkdir(filepath.Dir(file), 0o700)
		if err = cmp.Or(err, os.WriteFile(file, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	program := buildCommand(t)
	for by, counts := range want {
		out, err := exec.Command(program, "top", "--by", by, "--since", "7d", "--limit", "0", "--location", "UTC", "-o", "csv", dir).Output()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil || len(rows) == 0 {
			t.Fatalf("%v: %s", err, out)
		}
		at := map[string]int{}
		for i, title := range rows[0] {
			at[title] = i
		}
		got := count{}
		for _, row := range rows[1:] {
			if key := row[at[by]]; key != "" {
				if got[key], err = strconv.Atoi(row[at["kills"]]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(counts) {
			t.Errorf("by %s\n%v, want\n%v\n%s", by, got, counts, out[:min(len(out), 300)])
		}
	}
	t.Logf("%d kills on %d hosts", kills, fleetHosts)
}
