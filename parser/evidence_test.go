// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// kernelLines are a report of the kernel with times, unitLines what systemd says of it.
const kernelLines = `May  2 10:00:00 node-7 kernel: [ 100.000001] ingest invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
May  2 10:00:00 node-7 kernel: [ 100.000002] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/ingest.service,task_memcg=/system.slice/ingest.service,task=ingest,pid=24117,uid=0
May  2 10:00:00 node-7 kernel: [ 100.000003] Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:0 pgtables:1200kB oom_score_adj:0
`

const unitLines = `May  2 10:00:00 node-7 systemd[1]: ingest.service: A process of this unit has been killed by the OOM killer.
May  2 10:00:01 node-7 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL
May  2 10:00:01 node-7 systemd[1]: ingest.service: Failed with result 'oom-kill'.
`

func dated(o parser.Options) parser.Options {
	o.Location = time.UTC
	o.Reference = func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }
	return o
}

// eventsOf returns the names of the events of an input.
func eventsOf(t *testing.T, o parser.Options, log string) string {
	t.Helper()
	var names []string
	err := parser.ReadAll(strings.NewReader(log), dated(o), func(r *parser.Record) error {
		names = append(names, r.Text("event.name")+" "+r.Text("oom.verdict.cause"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.Join(names, ", "))
}

// TestObservationsOfAKill: what systemd says of a kill that the log shows is no record; without the
// kernel's lines it is one.
func TestObservationsOfAKill(t *testing.T) {
	for _, c := range []struct {
		name, log, want string
		o               parser.Options
	}{
		{"kernel and systemd", kernelLines + unitLines, "oom.kill", parser.Options{}},
		{"systemd, then the kernel", unitLines + kernelLines, "oom.kill", parser.Options{}},
		{"systemd alone", unitLines, "oom.observed", parser.Options{}},
		{"systemd alone, none wanted", unitLines, "", parser.Options{Observations: parser.ObservationsNone}},
		{"the death", kernelLines + unitLines, "oom.kill , oom.sigkill kernel_oom", parser.Options{Sigkill: true}},
		{"only what the kernel wrote", unitLines, "", parser.Options{Trust: parser.TrustKernel}},
	} {
		if got := eventsOf(t, c.o, c.log); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSharedEvidence: two inputs of one host, in either order, make one kill.
func TestSharedEvidence(t *testing.T) {
	for _, logs := range [][2]string{{kernelLines, unitLines}, {unitLines, kernelLines}} {
		o := dated(parser.Options{})
		e, err := parser.NewEvidence(o)
		if err != nil {
			t.Fatal(err)
		}
		o.Evidence = e
		var records []*parser.Record
		for _, log := range logs {
			p, err := parser.New(o)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(log) {
				records = append(records, p.Feed([]byte(strings.TrimSuffix(line, "\n"))).Records...)
			}
			records = append(records, p.Flush()...)
		}
		records = append(records, e.FlushAll()...)
		if len(records) != 1 || records[0].Text("event.name") != "oom.kill" {
			t.Errorf("%d records: %v", len(records), records)
		}
	}
}

// TestAddedRecord: the record of a kill that another reader made is in the evidence: what systemd
// says of the kill joins it, and the kernel's lines join the same. A record that is no kill of the
// kernel's, or is about another death, joins nothing.
func TestAddedRecord(t *testing.T) {
	var kill *parser.Record
	if err := parser.ReadAll(strings.NewReader(kernelLines), dated(parser.Options{}), func(r *parser.Record) error { kill = r; return nil }); err != nil {
		t.Fatal(err)
	}
	text := func(name, value string) record.Attr { return record.Attr{Name: name, Value: record.StringValue(value)} }
	later := *kill
	later.Time = later.Time.Add(time.Hour)
	for _, c := range []struct {
		name   string
		add    *parser.Record
		deaths bool
		want   string
	}{
		{"the kill", kill, false, ""},
		{"the kill, and deaths", kill, true, "oom.sigkill kernel_oom"},
		{"another event", kill.Without("event.name").With(text("event.name", "oom.unresolved")), false, "oom.observed "},
		{"another killer", kill.Without("oom.killer").With(text("oom.killer", "earlyoom")), false, "oom.observed "},
		{"without a pid", kill.Without("process.pid"), false, "oom.observed "},
		{"another cgroup", kill.Without("oom.victim.cgroup").With(text("oom.victim.cgroup", "/system.slice/b.service")), false, "oom.observed "},
		{"another time", &later, false, "oom.observed "},
	} {
		for _, first := range []bool{true, false} {
			o := dated(parser.Options{Sigkill: c.deaths})
			e, err := parser.NewEvidence(o)
			if err != nil {
				t.Fatal(err)
			}
			o.Evidence = e
			var got []string
			feed := func(log string) {
				p, err := parser.New(o)
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(log) {
					for _, r := range p.Feed([]byte(strings.TrimSuffix(line, "\n"))).Records {
						got = append(got, r.Text("event.name")+" "+r.Text("oom.verdict.cause"))
					}
				}
			}
			if first {
				e.Add("node-7", c.add)
			}
			feed(unitLines)
			if !first {
				e.Add("node-7", c.add)
			}
			for _, r := range e.FlushAll() {
				got = append(got, r.Text("event.name")+" "+r.Text("oom.verdict.cause"))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("%s, added first %v: %q, want %q", c.name, first, s, c.want)
			}
		}
	}
}

// TestRefusedVerdicts: what a clone makes of the next lines leaves the parser as it was, with an
// evidence of its own and with a shared one.
func TestRefusedVerdicts(t *testing.T) {
	lines := strings.SplitAfter(unitLines+kernelLines, "\n")
	for _, shared := range []bool{false, true} {
		o := dated(parser.Options{})
		if shared {
			o.Evidence, _ = parser.NewEvidence(o)
		}
		p, err := parser.New(o)
		if err != nil {
			t.Fatal(err)
		}
		e := o.Evidence
		var got []string
		take := func(records []*parser.Record) {
			for _, r := range records {
				got = append(got, r.Text("event.name"))
			}
		}
		for i := range lines {
			clone := p.Clone()
			if shared {
				clone = p.CloneWith(e.Clone())
			}
			for _, line := range lines[i:] {
				clone.Feed([]byte(strings.TrimSuffix(line, "\n")))
			}
			clone.Flush()
			take(p.Feed([]byte(strings.TrimSuffix(lines[i], "\n"))).Records)
		}
		take(p.Flush())
		if shared {
			take(e.FlushAll())
		}
		if s := strings.Join(got, ","); s != "oom.kill" {
			t.Errorf("shared %v: %s, want oom.kill", shared, s)
		}
	}
}

// TestFactsArePending: a checkpoint does not pass a line that waits for others.
func TestFactsArePending(t *testing.T) {
	p, err := parser.New(dated(parser.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	noise := "May  2 09:59:59 node-7 cron[5]: a line\n"
	if _, err := p.ReadBlock(parser.Block{Text: []byte(noise + unitLines + noise), EveryLine: true}, func(*parser.Line, *parser.Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if at, ok := p.Pending(); !ok || at != int64(len(noise)) || !p.Open() {
		t.Errorf("pending %d, %v, open %v; want the first line of systemd at %d", at, ok, p.Open(), len(noise))
	}
	if n := len(p.Flush()); n != 1 || p.Open() {
		t.Errorf("%d records, open %v", n, p.Open())
	}
}

// TestUndatedLog: the stamps have no year and no zone, and nobody says which. The kernel's lines
// have its own timestamp too.
func TestUndatedLog(t *testing.T) {
	for _, log := range []string{unitLines + kernelLines, kernelLines + unitLines} {
		var names []string
		err := parser.ReadAll(strings.NewReader(log), parser.Options{}, func(r *parser.Record) error {
			names = append(names, r.Text("event.name"))
			return nil
		})
		if got := strings.Join(names, ", "); err != nil || got != "oom.kill" {
			t.Errorf("%q, %v of\n%s", got, err, log)
		}
	}
}

// TestHostsOfLines: lines that name no host are of the setting's host; without it, what two inputs
// say does not meet. Lines of two hosts never do.
func TestHostsOfLines(t *testing.T) {
	kernel := "2026-05-02T10:00:00+00:00 kernel: Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:0 pgtables:1200kB oom_score_adj:0"
	kill := "2026-05-02T10:00:00+00:00 earlyoom[700]: sending SIGKILL to process 24117 uid 0 \"ingest\": badness 800, VmRSS 5120 MiB"
	named := func(line, host string) string { return strings.Replace(line, "+00:00 ", "+00:00 "+host+" ", 1) }
	for _, c := range []struct {
		name, host string
		lines      [2]string
		want       int
	}{
		{"no host", "", [2]string{kernel, kill}, 2},
		{"the setting's host", "node-7", [2]string{kernel, kill}, 1},
		{"one of them named", "node-7", [2]string{named(kernel, "node-7"), kill}, 1},
		{"two hosts", "node-7", [2]string{named(kernel, "node-7"), named(kill, "node-8")}, 2},
	} {
		o := dated(parser.Options{HostName: c.host})
		o.Evidence, _ = parser.NewEvidence(o)
		var records []*parser.Record
		for _, line := range c.lines {
			p, err := parser.New(o)
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, p.Feed([]byte(line)).Records...)
			records = append(records, p.Flush()...)
		}
		records = append(records, o.Evidence.FlushAll()...)
		kills := 0
		for _, r := range records {
			if r.Text("event.name") == "oom.kill" {
				kills++
			}
		}
		if kills != c.want {
			t.Errorf("%s: %d kills, want %d", c.name, kills, c.want)
		}
	}
}

// TestEvidenceIsBounded: lines of many hosts take bounded memory, and each comes out.
func TestEvidenceIsBounded(t *testing.T) {
	o := dated(parser.Options{})
	o.Evidence, _ = parser.NewEvidence(o)
	p, err := parser.New(o)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 20000
	got, most := 0, 0
	for i := range lines {
		line := fmt.Sprintf("2026-05-02T10:00:00+00:00 node-%d systemd[1]: u%d.service: A process of this unit has been killed by the OOM killer.", i%300, i)
		got += len(p.Feed([]byte(line)).Records)
		most = max(most, o.Evidence.Memory())
	}
	got += len(p.Flush()) + len(o.Evidence.FlushAll())
	if got != lines || most > 24<<20 {
		t.Errorf("%d records of %d lines, %d KiB at most", got, lines, most>>10)
	}
}

// TestPodInAnyOrder: what the kernel, systemd and containerd say of one death in a pod, in any
// order, with the kernel's report and without it, in a log with dates and in one without.
func TestPodInAnyOrder(t *testing.T) {
	const (
		id      = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
		scope   = "cri-containerd-" + id + ".scope"
		slice   = "kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice"
		header  = "May  2 10:00:00 node-7 "
		runtime = header + `containerd[812]: time="2026-05-02T10:00:00.4Z" level=info msg="`
	)
	report := strings.ReplaceAll(kernelLines, "/system.slice/ingest.service", "/kubepods.slice/kubepods-burstable.slice/"+slice+"/"+scope)
	witnesses := []string{
		header + "systemd[1]: " + scope + ": A process of this unit has been killed by the OOM killer.\n",
		header + "systemd[1]: " + slice + ": A process of this unit has been killed by the OOM killer.\n",
		header + "systemd[1]: " + scope + ": Failed with result 'oom-kill'.\n",
		runtime + `TaskOOM event container_id:\"` + id + "\\\"\"\n",
		runtime + `received container exit event container_id:\"` + id + `\"  id:\"` + id + `\"  pid:24117  exit_status:137  exited_at:{seconds:1777716000  nanos:299000000}"` + "\n",
	}
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{append([]string{report}, witnesses...), "oom.kill , oom.sigkill kernel_oom"},
		{witnesses, "oom.observed , oom.sigkill kernel_oom"},
	} {
		permute(test.lines, 0, func(lines []string) {
			log := strings.Join(lines, "")
			for _, o := range []parser.Options{dated(parser.Options{Sigkill: true}), {Sigkill: true}} {
				var names []string
				err := parser.ReadAll(strings.NewReader(log), o, func(r *parser.Record) error {
					names = append(names, r.Text("event.name")+" "+r.Text("oom.verdict.cause"))
					return nil
				})
				slices.Sort(names)
				if got := strings.Join(names, ", "); err != nil || got != test.want {
					t.Errorf("%q, %v, want %q of\n%s", got, err, test.want, log)
				}
			}
		})
	}
}

// permute calls fn with each order of lines from i on.
func permute(lines []string, i int, fn func([]string)) {
	if i == len(lines) {
		fn(lines)
	}
	for j := i; j < len(lines); j++ {
		lines[i], lines[j] = lines[j], lines[i]
		permute(lines, i+1, fn)
		lines[i], lines[j] = lines[j], lines[i]
	}
}

// TestFlushDue: a kill that was announced counts only once its failure can no longer come, by the
// clock of the caller where the log has fallen silent.
func TestFlushDue(t *testing.T) {
	const kill = `May  2 10:00:00 node-7 earlyoom[700]: sending SIGKILL to process 24117 uid 0 "ingest": badness 800, VmRSS 5120 MiB`
	const failed = `May  2 10:00:10 node-7 earlyoom[700]: kill failed: Timer expired`
	now := time.Date(2026, 5, 2, 10, 0, 30, 0, time.UTC)
	for _, fails := range []bool{false, true} {
		p, err := parser.New(dated(parser.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		take := func(records []*parser.Record) {
			for _, r := range records {
				got = append(got, r.Text("event.name")+" "+r.Text("oom.outcome"))
			}
		}
		take(p.Feed([]byte(kill)).Records)
		take(p.FlushDue(now))
		take(p.FlushDue(now.Add(10 * time.Second)))
		if len(got) > 0 || !p.Waits() {
			t.Errorf("too early: %v", got)
		}
		if fails {
			take(p.Feed([]byte(failed)).Records)
		}
		take(p.FlushDue(now.Add(time.Minute)))
		want := "oom.kill announced"
		if fails {
			want = "oom.kill_attempt failed"
		}
		if s := strings.Join(got, ", "); s != want || p.Open() {
			t.Errorf("fails %v: %s, want %s", fails, s, want)
		}
	}
}

// TestKindOfAWitness: a line that a program's reader has read is of the kind userspace; one that
// only has such words is not.
func TestKindOfAWitness(t *testing.T) {
	p, err := parser.New(dated(parser.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, kind string }{
		{"May  2 10:00:01 node-7 systemd[1]: ingest.service: A process of this unit has been killed by the OOM killer.", "userspace"},
		{`May  2 10:00:01 node-7 kubelet[1021]: I0502 10:00:01.000000    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"`, "userspace"},
		{"May  2 10:00:01 node-7 earlyoom[699]: sending SIGTERM when mem avail <= 10.00% and swap free <= 10.00%,", "other"},
		{"May  2 10:00:01 node-7 app[41]: sending SIGTERM to process 4410", "other"},
		{"May  2 10:00:01 node-7 kernel: Out of memory: Killed process 12 (a) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0", "kill"},
	} {
		if got := p.Feed([]byte(c.line)).Kind.String(); got != c.kind {
			t.Errorf("%s: %s, want %s", c.line, got, c.kind)
		}
	}
}

// TestHeldEvidenceOfSeveralLogs: of logs that are read one after another, each record says which
// one it is of. Lines without a host meet those of another log only where the caller says so.
func TestHeldEvidenceOfSeveralLogs(t *testing.T) {
	unnamed := func(log string) string { // without a host, as the journal of a machine without a name
		var out strings.Builder
		for line := range strings.Lines(log) {
			_, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "node-7 ")
			tag, message, _ := strings.Cut(text, ": ")
			if name, pid, ok := strings.Cut(tag, "["); ok {
				fmt.Fprintf(&out, `{"__REALTIME_TIMESTAMP":"1777716001000000","SYSLOG_IDENTIFIER":%q,"_PID":%q,"MESSAGE":%q}`+"\n", name, strings.TrimSuffix(pid, "]"), message)
				continue
			}
			_, message, _ = strings.Cut(message, "] ")
			fmt.Fprintf(&out, `{"__REALTIME_TIMESTAMP":"1777716000000000","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"kernel","MESSAGE":%q}`+"\n", message)
		}
		return out.String()
	}
	for _, c := range []struct {
		name   string
		logs   []string
		joined bool
		want   string
	}{
		{"named", []string{unitLines, kernelLines}, false, "oom.kill of log 1"},
		{"one named", []string{unnamed(unitLines), kernelLines}, false, "oom.kill of log 1, oom.observed of log 0"},
		{"one named, of one host", []string{unnamed(unitLines), kernelLines}, true, "oom.kill of log 1"},
		{"none named", []string{unnamed(unitLines), unnamed(kernelLines)}, false, "oom.kill of log 1, oom.observed of log 0"},
		{"none named, of one host", []string{unnamed(unitLines), unnamed(kernelLines)}, true, "oom.kill of log 1"},
	} {
		o := dated(parser.Options{})
		e, err := parser.NewEvidence(o)
		if err != nil {
			t.Fatal(err)
		}
		if e.Hold(); c.joined {
			e.JoinUnnamed()
		}
		var got []string
		take := func(r *parser.Record) error {
			got = append(got, r.Text("event.name")+" of "+r.Input)
			return nil
		}
		o.Evidence = e
		for i, log := range c.logs {
			o.Input = fmt.Sprint("log ", i)
			if err := parser.ReadAll(strings.NewReader(log), o, take); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range e.FlushAll() {
			_ = take(r)
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s: %q, want %q", c.name, all, c.want)
		}
	}
}
