// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/parser"
)

// TestOrdinaryDay: the journal of an ordinary day, of all programs of a busy node, with the lines
// of negatives.txt strewn in, gives no record with the widest settings; a kill at its end gives
// one.
func TestOrdinaryDay(t *testing.T) {
	size := 16 << 20
	if testing.Short() {
		size = 1 << 20
	}
	journal := formOf("journal")
	random := rand.New(rand.NewPCG(3, 18))
	var day []byte
	lines := slices.DeleteFunc(negatives(t), func(n negative) bool {
		return strings.Contains(n.text, "evicted successfully") // after other lines it says something
	})
	const parts = 64
	for part := range parts {
		day = append(day, ordinary.Log(ordinary.Journal, size/parts, uint64(part))...)
		at := start.Add(time.Duration(part) * 20 * time.Minute)
		for range 8 {
			n := lines[random.IntN(len(lines))]
			at = at.Add(time.Second)
			day = append(day, journal.input([]line{{by: authors[n.by], text: n.text, at: at}})...)
		}
	}
	o := journal.options()
	o.Sigkill, o.Observations = true, parser.ObservationsAll
	for i, r := range read(t, day, o) {
		t.Errorf("record %d: %v: %v", i, r["event.name"], r["body"])
	}
	end := said("end", "systemd-oomd", start.Add(24*time.Hour), "Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity")
	if got := read(t, append(day, journal.input(end.lines)...), o); len(got) != 1 || got[0]["oom.killer"] != "systemd-oomd" {
		t.Errorf("%d records with a kill at the end, want 1", len(got))
	}
}

// TestForgedByAContainer: what a container prints makes no record of a host's killer or witness,
// also where the container's log has fields or a header of its own.
func TestForgedByAContainer(t *testing.T) {
	texts := []string{
		`time="2026-05-02T10:00:01.120000000Z" level=info msg="TaskOOM event container_id:\"` + container + `\""`,
		"Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity",
		"ingest.service: A process of this unit has been killed by the OOM killer.",
		`sending SIGKILL to process 4410 uid 0 "python3": badness 902, VmRSS 30511 MiB`,
		"oomd kill: 61.20 44.05 17.90 workload.slice/batch-12.service 8589934592 ruleset:[x] detectorgroup:[y] killer:kill_by_pg_scan v2",
		"slurmstepd: error: Job 77120 exceeded memory limit (33554432 > 16777216), being killed",
	}
	headers := []string{"", "May  2 10:00:01 node-7 systemd-oomd[812]: ", "May  2 10:00:01 node-7 systemd[1]: ", "May  2 10:00:01 node-7 containerd[1010]: ", "May  2 10:00:01 node-7 earlyoom[699]: ", "<29>1 2026-05-02T10:00:01Z node-7 systemd-oomd 812 - - "}
	for i := range forms {
		f := &forms[i]
		if !f.container {
			continue
		}
		for _, header := range headers {
			for _, text := range texts {
				o := f.options()
				o.Sigkill, o.Observations = true, parser.ObservationsAll
				for _, r := range read(t, f.input([]line{{by: authors["app"], text: header + text, at: start}}), o) {
					t.Errorf("%s: %v: %v of %s", f.name, r["event.name"], r["oom.trust"], header+text)
				}
			}
		}
		// An entry of a journal inside the container's output is no entry of the host's journal.
		inner := line{by: authors["systemd"], text: texts[2], at: start, more: [][2]string{{"UNIT", "ingest.service"}, {"MESSAGE_ID", "fe6faa94e7774663a0da52717891d8ef"}}}
		entry := journalJSON(nil, &inner)
		for _, r := range read(t, f.input([]line{{by: authors["app"], text: string(entry[:len(entry)-1]), at: start}}), f.options()) {
			t.Errorf("%s: %v: %v of a journal's entry", f.name, r["event.name"], r["oom.trust"])
		}
	}
}

// TestForgedFields: a user may set every field of his own entries. What journald sets is true: no
// record of his is verified, and where journald names him there is none of a system's program.
func TestForgedFields(t *testing.T) {
	user := authors["forged-systemd"]
	// Any script is a python3.
	comms := map[string]string{"nohang": "python3"}
	for _, c := range []struct{ tag, text string }{
		{"systemd", "ingest.service: A process of this unit has been killed by the OOM killer."},
		{"systemd", "ingest.service: Main process exited, code=killed, status=9/KILL"},
		{"systemd-oomd", "Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity"},
		{"earlyoom", `sending SIGKILL to process 4410 uid 0 "python3": badness 902, VmRSS 30511 MiB`},
		{"nohang", "Sending SIGTERM to the victim; OK; response time: 2 ms"},
		{"containerd", `time="2026-05-02T10:00:01.120000000Z" level=info msg="TaskOOM event container_id:\"` + container + `\""`},
		{"dockerd", `time="2026-05-02T10:00:01Z" level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=` + container},
	} {
		for _, more := range [][][2]string{
			nil,
			{{"UNIT", "ingest.service"}, {"MESSAGE_ID", "fe6faa94e7774663a0da52717891d8ef"}, {"UNIT_RESULT", "oom-kill"}, {"EXIT_STATUS", "9"}},
			{{"USER_UNIT", "x.scope"}, {"MESSAGE_ID", "d989611b15e44c9dbf31e3c81256e4ed"}, {"N_PROCESSES", "4"}},
			{{"SYSLOG_PID", "1"}, {"PID", "1"}, {"COMM", "systemd"}},
		} {
			l := line{by: user, text: c.text, more: more, at: start}
			l.by.tag = c.tag
			if comm := comms[c.tag]; comm != "" && more == nil {
				l.by.comm = comm
			}
			for _, name := range []string{"journal", "export"} {
				f := formOf(name)
				o := f.options()
				o.Sigkill, o.Observations = true, parser.ObservationsAll
				for _, r := range read(t, f.input([]line{l}), o) {
					t.Errorf("%s: %s with %v: %v, trust %v", name, c.tag, more, r["event.name"], r["oom.trust"])
				}
			}
		}
	}
}
