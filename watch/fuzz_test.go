// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"math"
	"strings"
	"testing"
)

// FuzzFiles: no parser of a file fails over any bytes, and no number is below zero.
func FuzzFiles(f *testing.F) {
	for _, text := range []string{
		"MemTotal: 5 kB\nCommitted_AS: 9223372036854775807 kB\n", "oom_kill 5\npswpin 1\n", "some avg10=1.00 avg60=1.00 avg300=1.00 total=5\nfull avg10=0.00\n",
		"Filename Type Size Used Priority\n/dev/z\\040a partition 5 4 -2\n", "1 2 3 4 5", "Uid:\t0\t0\nPPid:\t1\nVmRSS:\t 5 kB\n", "13 (a) R 1 1 1 0 -1 4 102 0 0 0 0 0 0 0 20 0 1 0 3996441 3\n",
		"4:memory:/a\n0::/b (deleted)\n", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n", "oom_kill_disable 1\noom_kill 2\n",
		"inactive_file 5\nactive_file 6\ntotal_inactive_file 7\ntotal_active_file 8\n", "12345.67 8.9\n", "btime 1700000000\n", "max\n", "-1\n", "18446744073709551615\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		positive := func(what string, numbers ...Int) {
			for _, n := range numbers {
				if n.V < 0 || !n.OK && n.V != 0 {
					t.Fatalf("%s of %q: %v", what, b, n)
				}
			}
		}
		m := parseMeminfo(b)
		positive("meminfo", m.Total, m.Free, m.Available, m.SwapTotal, m.SwapFree, m.Shmem, m.Anon, m.Cached, m.Buffers, m.SlabReclaimable, m.SlabUnreclaimable, m.PageTables, m.HugePages, m.CommitLimit, m.CommittedAS)
		v := parseVMStat(b)
		positive("vmstat", v.OOMKill, v.SwapIn, v.SwapOut)
		for _, s := range []Stall{parsePressure(b).Some, parsePressure(b).Full} {
			for _, share := range []float64{s.Avg10, s.Avg60, s.Avg300} {
				if s.OK && (math.IsNaN(share) || share < 0 || share > 100 || s.Total < 0) {
					t.Fatalf("pressure of %q: %+v", b, s)
				}
			}
		}
		for _, s := range parseSwaps(b) {
			positive("swaps", s.Size, s.Used)
		}
		z := parseZram(b)
		positive("zram", z.Original, z.Compressed, z.Used, z.Limit)
		p := parseStatus(b)
		parseStat(b, &p)
		positive("status", p.RSS, p.Anon, p.Swap, p.PageTables, p.UserID)
		if p.Started < 0 || p.Parent < 0 {
			t.Fatalf("stat of %q: %+v", b, p)
		}
		if path := parseProcessCgroup(b); path != "" && !strings.HasPrefix(path, "/") {
			t.Fatalf("cgroup of %q: %q", b, path)
		}
		control, _ := parseOOMControl(b)
		for _, e := range []Events{parseEvents(b), control} {
			positive("events", e.Low, e.High, e.Max, e.OOM, e.OOMKill, e.OOMGroupKill)
		}
		for version := 1; version <= 2; version++ {
			file, slab := parseCaches(b, version)
			held := (&Cgroup{Current: some(1), File: file, Slab: slab}).Held()
			positive("stat", file, slab, held, parseInt(b))
		}
		if boot, ok := parseBoot(b); ok && boot.Unix() < 0 {
			t.Fatalf("boot of %q: %v", b, boot)
		}
		if uptime, ok := parseUptime(b); uptime < 0 || !ok && uptime != 0 {
			t.Fatalf("uptime of %q: %v", b, uptime)
		}
	})
}
