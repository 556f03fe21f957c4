// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// nodeLog writes a capture as the kern.log of a node, at a time.
func nodeLog(t *testing.T, capture, node string, at time.Time, replace ...string) string {
	t.Helper()
	raw, err := os.ReadFile(testdata + capture)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for line := range strings.Lines(strings.NewReplacer(replace...).Replace(string(raw))) {
		head, text, _ := strings.Cut(line, ";")
		fields := strings.Split(head, ",")
		uptime, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		uptime += at.Unix() * 1e6 // no two kills of a node have one uptime
		fmt.Fprintf(&log, "%s %s kernel: [%d.%06d] %s", at.Format("2006-01-02T15:04:05.000000Z07:00"), node, uptime/1e6, uptime%1e6, text)
	}
	return log.String()
}

// TestTopOverFortyNodes: two weeks of logs of forty nodes, each with a rotated kern.log and a
// syslog that has the same kills and what systemd says of them, count each kill of the last week
// once.
func TestTopOverFortyNodes(t *testing.T) {
	dir := t.TempDir()
	write := func(node, file, log string) {
		if err := os.MkdirAll(filepath.Join(dir, node), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, node, file), []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]map[string]int{"pod": {}, "unit": {}, "cause": {}, "host": {}, "killer": {}, "event": {}, "pod,host": {}}
	count := func(n int, pod, unit, cause, host string) {
		for by, key := range map[string]string{"pod": pod, "unit": unit, "cause": cause, "host": host, "killer": "kernel", "event": "oom.kill", "pod,host": pod + "," + host} {
			want[by][key] += n
		}
	}
	monday := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC) // the first of fourteen days
	for n := range 40 {
		node, weeks, syslog := fmt.Sprintf("node-%02d", n+1), [2]string{}, ""
		for day := range 14 {
			at := monday.AddDate(0, 0, day).Add(time.Duration(n) * time.Minute)
			week := &weeks[day/7]
			if (n+day)%3 == 0 {
				uid := fmt.Sprintf("%08x", n%7)
				log := nodeLog(t, "6.12/e_k8s_systemd/kmsg.raw", node, at, "0c1d2e3f_", uid+"_")
				*week, syslog = *week+log, syslog+log
				if day >= 7 {
					count(1, uid+"-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "cri-containerd-4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a.scope", "process_hog", node)
				}
			}
			if n%8 == 0 && day%5 == 0 {
				log := nodeLog(t, "6.12/f_oomgroup/kmsg.raw", node, at.Add(time.Hour))
				*week, syslog = *week+log, syslog+log+systemdOf(at.Add(time.Hour).Format("2006-01-02T15:04:05.900000Z07:00 ")+node+" ", "grp.service")
				if day >= 7 {
					count(3, "", "grp.service", "process_hog", node)
				}
			}
		}
		write(node, "kern.log.1", weeks[0])
		write(node, "kern.log", weeks[1])
		write(node, "syslog", syslog)
	}
	for by, counts := range want {
		code, out, notes := call(t, "", "top", "--by", by, "--all", "-o", "csv", "--limit", "0", "--location", "UTC", "--since", "2026-05-11", dir)
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || code != exitOK || notes != "" {
			t.Fatal(by, err, code, notes)
		}
		fields := strings.Count(by, ",") + 1
		got := map[string]int{}
		for _, row := range rows[1:] {
			n, _ := strconv.Atoi(row[0])
			got[strings.Join(row[2:2+fields], ",")] = n
		}
		if fmt.Sprint(got) != fmt.Sprint(counts) {
			t.Errorf("by %s:\n%v, want\n%v", by, got, counts)
		}
	}
	_, out, _ := call(t, "", "top", "--by", "pod", "-o", "table", "--location", "UTC", "--since", "2026-05-11", dir)
	golden(t, "outputs/top-forty.txt", out)
}
