// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	fleetHosts = 40
	fleetZone  = "Europe/Berlin"
	capturedIn = "../../../testdata/captures/"
)

// fleetNow is when the question is asked: the seven days before it begin in the old year.
var fleetNow = time.Date(2026, 1, 4, 12, 0, 0, 0, time.UTC)

// kernelStamp is a captured line's priority and stamp.
var kernelStamp = regexp.MustCompile(`^<\d+>\[ *(\d+)\.(\d{6})\] `)

// kernLog renders a captured report as rsyslog writes it to kern.log, on a host that has been up
// since a time.
func kernLog(t *testing.T, report []byte, host string, up, at time.Time, zone *time.Location) []byte {
	t.Helper()
	var out bytes.Buffer
	first := time.Duration(-1)
	for line := range bytes.Lines(report) {
		m := kernelStamp.FindSubmatch(line)
		if m == nil {
			t.Fatalf("no stamp: %q", line)
		}
		sec, _ := strconv.ParseInt(string(m[1]), 10, 64)
		usec, _ := strconv.ParseInt(string(m[2]), 10, 64)
		stamp := time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
		if first < 0 {
			first = stamp
		}
		wall := at.Add(stamp - first)
		uptime := wall.Sub(up).Microseconds()
		fmt.Fprintf(&out, "%s %s kernel: [%5d.%06d] %s", wall.In(zone).Format(time.Stamp), host, uptime/1e6, uptime%1e6, line[len(m[0]):])
	}
	return out.Bytes()
}

// TestFleet: forty hosts' kern.log, which name neither zone nor year, and the question whose pods
// were killed how often in the last seven days: the JSON answers it, and so does top.
func TestFleet(t *testing.T) {
	zone, err := time.LoadLocation(fleetZone)
	if err != nil {
		t.Fatal(err)
	}
	var reports [][]byte
	for _, name := range []string{"6.12/e_k8s_systemd", "6.12/e_k8s_cgroupfs_pod", "7.2/e_k8s_systemd"} {
		text, err := os.ReadFile(capturedIn + name + "/syslog.raw")
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, text)
	}
	dir, want, all, week := t.TempDir(), map[string]int{}, 0, fleetNow.AddDate(0, 0, -7)
	var files []string
	for host := range fleetHosts {
		name := fmt.Sprintf("node-%d", host)
		up := fleetNow.AddDate(0, 0, -100).Add(time.Duration(host) * time.Minute)
		var log bytes.Buffer
		at := time.Time{}
		for hours := 24*40 + host; hours > 0; hours -= 31 + host { // about every second day, for forty days
			at = fleetNow.Add(-time.Duration(hours) * time.Hour)
			pod := fmt.Sprintf("%08x", 1000+(host+hours)%12)
			report := bytes.ReplaceAll(reports[all%len(reports)], []byte("0c1d2e3f"), []byte(pod))
			log.Write(kernLog(t, report, name, up, at, zone))
			fmt.Fprintf(&log, "%s %s kernel: [%5d.%06d] usb 1-1: new device\n", at.Add(time.Hour).In(zone).Format(time.Stamp), name, at.Add(time.Hour).Sub(up).Microseconds()/1e6, 0)
			if all++; !at.Before(week) {
				want[pod+"-4a5b-6c7d-8e9f-0a1b2c3d4e5f"]++
			}
		}
		file := filepath.Join(dir, name, "kern.log")
		if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, log.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at.Add(time.Hour), at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}

	program := buildCommand(t)
	out, err := exec.Command(program, slices.Concat([]string{"parse", "--location", fleetZone}, files)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	since := week.Format(time.RFC3339)
	got, records := map[string]int{}, 0
	for line := range bytes.Lines(out) {
		var r struct {
			Event   string `json:"event.name"`
			Time    string `json:"time"`
			Pod     string `json:"k8s.pod.uid"`
			Assumed string `json:"oom.time.assumed"`
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if r.Assumed != "zone,year" {
			t.Errorf("assumed %q in %s", r.Assumed, line)
		}
		if records++; r.Event == "oom.kill" && r.Time >= since {
			got[r.Pod]++
		}
	}
	if records != all {
		t.Errorf("%d records of %d kills", records, all)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kills by pod\n%v, want\n%v", got, want)
	}
	t.Logf("%d kills on %d hosts, %d pods in the last seven days", records, fleetHosts, len(want))
	checkTop(t, program, dir, since, want)
}

// checkTop asks the command the same, as docs/command.md words it, with the files' directory and
// the time of the question in place of those there.
func checkTop(t *testing.T, program, dir, since string, want map[string]int) {
	t.Helper()
	page, err := os.ReadFile("../../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^    oomtrail (top .*)--since 7d (--location .*)nodes/$`).FindSubmatch(page)
	if m == nil {
		t.Fatal("docs/command.md has no such line any more")
	}
	args := append(strings.Fields(string(m[1])), strings.Fields(string(m[2]))...)
	out, err := exec.Command(program, append(args, "--limit", "0", "--since", since, dir)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for line := range bytes.Lines(out) {
		var row struct {
			Pod   string
			Kills int
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		got[row.Pod] = row.Kills
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("top says\n%v, want\n%v", got, want)
	}
}
