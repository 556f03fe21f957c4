// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// at returns a line of a program.
func at(by, text string, when time.Time, more ...[2]string) line {
	return line{by: authors[by], text: text, more: more, at: when}
}

// eventsOf returns the names of the events of an input, sorted, with killer or cause.
func eventsOf(t *testing.T, input []byte, o parser.Options) string {
	t.Helper()
	var events []string
	for _, r := range read(t, input, o) {
		name, _ := r["event.name"].(string)
		killer, _ := r["oom.killer"].(string)
		cause, _ := r["oom.verdict.cause"].(string)
		events = append(events, strings.TrimSpace(name+" "+killer+cause))
	}
	slices.Sort(events)
	return strings.Join(events, ", ")
}

const killedUnit = "ingest.service: A process of this unit has been killed by the OOM killer."

// TestHostsAndBootsStayApart: equal units, pids and containers of two hosts, or of two boots of
// one, are two deaths.
func TestHostsAndBootsStayApart(t *testing.T) {
	f := formOf("journal")
	report := f.input(kernel(start))
	for _, c := range []struct {
		name  string
		other line
		want  string
	}{
		{"systemd", at("systemd", killedUnit, start.Add(20*time.Millisecond)), "oom.kill kernel, oom.observed kernel"},
		{"earlyoom", at("earlyoom", `sending SIGTERM to process 24117 uid 998 "ingest": badness 902, VmRSS 512 MiB`, start.Add(-time.Second)), "oom.kill earlyoom, oom.kill kernel"},
	} {
		line := string(f.input([]line{c.other}))
		for what, apart := range map[string]string{
			"host": strings.NewReplacer(`"`+host+`"`, `"node-8"`, bootID, "1b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d").Replace(line),
			"boot": strings.Replace(line, bootID, "1b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d", 1),
		} {
			for order, input := range map[string]string{"first": apart + string(report), "last": string(report) + apart} {
				if got := eventsOf(t, []byte(input), f.options()); got != c.want {
					t.Errorf("%s of another %s, %s: %s, want %s", c.name, what, order, got, c.want)
				}
			}
		}
		if got := eventsOf(t, append([]byte(line), report...), f.options()); strings.Contains(got, ",") {
			t.Errorf("%s of the same host and boot: %s, want one record", c.name, got)
		}
	}
}

// TestReadTwice: a journal that is read twice, and a journal beside the syslog file of the same
// lines, give each record once.
func TestReadTwice(t *testing.T) {
	journal, syslog := formOf("journal"), formOf("syslog")
	for _, name := range []string{"systemd-oomd", "earlyoom", "containers", "systemd"} {
		for _, c := range readCases(t, testdata+name+".txt") {
			if c.forged || !c.in(journal) || !c.in(syslog) {
				continue
			}
			o := c.options(t, journal)
			want := len(read(t, journal.input(c.lines), o))
			if strings.Contains(c.name, "kernel") {
				continue // the kernel's lines have rules of their own: see parser/twice_test.go
			}
			in := journal.input(c.lines)
			if got := len(read(t, append(slices.Clone(in), in...), o)); got != want {
				t.Errorf("%s: %s: twice in one input: %d records, want %d", name, c.name, got, want)
			}
			pieces := []piece{{"journal", c.lines}, {"syslog", c.lines}}
			got := readInputs(t, pieces, []int{0, 1}, []*form{journal, syslog}, func(i int) int { return i }, o)
			if n := strings.Count(got, "oom."); n != want {
				t.Errorf("%s: %s: a journal and a syslog file: %s, want %d records", name, c.name, got, want)
			}
		}
	}
}

// TestNewestFirst: `journalctl -r` prints the newest line first; the records are the same.
func TestNewestFirst(t *testing.T) {
	f := formOf("journal")
	lines := kernel(start)
	lines = append(
		lines, at("systemd", killedUnit, start.Add(20*time.Millisecond)), at("systemd", "ingest.service: Failed with result 'oom-kill'.", start.Add(30*time.Millisecond)),
		at("earlyoom", `sending SIGTERM to process 4410 uid 0 "python3": badness 902, VmRSS 30511 MiB`, start.Add(time.Minute)), at("earlyoom", "kill failed: Operation not permitted", start.Add(61*time.Second)),
		at("earlyoom", `sending SIGTERM to process 4411 uid 0 "python3": badness 902, VmRSS 30511 MiB`, start.Add(2*time.Minute)), at("earlyoom", "process exited after 0.4 seconds", start.Add(121*time.Second)),
	)
	want := eventsOf(t, f.input(lines), f.options())
	if want != "oom.kill earlyoom, oom.kill kernel, oom.kill_attempt earlyoom" {
		t.Fatal(want)
	}
	slices.Reverse(lines)
	if got := eventsOf(t, f.input(lines), f.options()); got != want {
		t.Errorf("newest first: %s, want %s", got, want)
	}
}

// TestKubeletStartsAnew: a kubelet that starts anew reads the kernel's buffer from its beginning,
// and says of old kills what it said before, with a new time.
func TestKubeletStartsAnew(t *testing.T) {
	f := formOf("journal")
	old := `{"involvedObject":{"kind":"Node","name":"node-7","uid":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet","host":"node-7"},"firstTimestamp":"2026-05-02T10:08:00Z","lastTimestamp":"2026-05-02T10:08:00Z","count":1,"type":"Warning","metadata":{"name":"node-7.18","uid":"9d1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"}}`
	lines := append(kernel(start), at("kubelet", old, start.Add(8*time.Minute)))
	if got := eventsOf(t, f.input(lines), f.options()); got != "oom.kill kernel" {
		t.Errorf("%s, want the kernel's kill alone", got)
	}
}

// TestClaimHidesNoKill: a user who gives his program the name of earlyoom claims that it killed a
// process. The kernel's kill of that process, which journald proves, is a record all the same.
func TestClaimHidesNoKill(t *testing.T) {
	user := authors["forged-earlyoom"]
	user.comm, user.transport = "earlyoom", "stdout"
	claim := line{by: user, text: `sending SIGKILL to process 24117 uid 998 "ingest": badness 902, VmRSS 512 MiB`, at: start}
	exited := line{by: user, text: "process exited after 0.1 seconds", at: start.Add(100 * time.Millisecond)}
	f := formOf("journal")
	for name, lines := range map[string][]line{"announced": {claim}, "done": {claim, exited}} {
		kills := 0
		records := read(t, f.input(append(lines, kernel(start.Add(time.Second))...)), f.options())
		for _, r := range records {
			switch {
			case r["oom.killer"] == "kernel" && r["oom.trust"] == "verified" && r["event.name"] == "oom.kill":
				kills++
			case r["oom.trust"] == "verified":
				t.Errorf("%s: %v is verified", name, r["body"])
			}
		}
		if kills != 1 || len(records) != 1 {
			t.Errorf("%s: %d kills of the kernel in %d records", name, kills, len(records))
		}
	}
}

// TestContainersExplainNothing: the kernel's words in a container's log, of a node agent or of
// anybody, are a kill that nothing proves. They take no part in what the host's own programs say:
// each of their records is as it is without them.
func TestContainersExplainNothing(t *testing.T) {
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	hosts := map[string][]line{
		"a unit's line": {at("systemd", killedUnit, second(0))},
		"a death":       {at("systemd", "ingest.service: Main process exited, code=killed, status=9/KILL", second(0))},
		"earlyoom":      {at("earlyoom", `sending SIGKILL to process 24117 uid 998 "ingest": badness 902, VmRSS 512 MiB`, second(0)), at("earlyoom", "process exited after 0.1 seconds", second(1))},
		"the kernel":    kernel(second(1)),
	}
	for i := range forms {
		inside := &forms[i]
		if !inside.container {
			continue
		}
		for _, name := range []string{"journal", "syslog"} {
			f := formOf(name)
			for what, lines := range hosts {
				o := f.options()
				o.HostName, o.Sigkill = host, true
				without := eventsOf(t, f.input(lines), o)
				for _, order := range []string{"first", "last"} {
					e, err := parser.NewEvidence(o)
					if err != nil {
						t.Fatal(err)
					}
					e.Hold()
					e.JoinUnnamed()
					shared := o
					shared.Evidence = e
					var got []string
					feed := func(f *form, lines []line) {
						with := shared
						with.TrustedSource = f.source
						if err := parser.ReadAll(strings.NewReader(string(f.input(lines))), with, func(r *parser.Record) error {
							if f == inside && r.Text("oom.trust") != "unverified" {
								t.Errorf("%s: %s is %s", f.name, r.Body, r.Text("oom.trust"))
							}
							got = append(got, eventOf(r))
							return nil
						}); err != nil {
							t.Fatal(err)
						}
					}
					if order == "first" {
						feed(inside, kernel(second(0)))
					}
					feed(f, lines)
					if order == "last" {
						feed(inside, kernel(second(0)))
					}
					for _, r := range e.FlushAll() {
						got = append(got, eventOf(r))
					}
					want := append(strings.Split(without, ", "), "oom.kill kernel")
					slices.Sort(want)
					slices.Sort(got)
					if !slices.Equal(got, want) {
						t.Errorf("%s, read %s beside %s of %s: %q, want %q", inside.name, order, what, name, got, want)
					}
				}
			}
		}
	}
}
