// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// TestRestartBetweenLines: a reader that stops between any two lines of a case, and goes on at its
// checkpoint with a new parser, gives the records of one that never stopped.
func TestRestartBetweenLines(t *testing.T) {
	files, err := caseFiles(testdata)
	if err != nil {
		t.Fatal(err)
	}
	cuts := 0
	test := func(file string, c *witnessCase) {
		for i := range forms {
			f := &forms[i]
			if !c.in(f) {
				continue
			}
			o := c.options(t, f)
			in := f.input(c.lines)
			want := restarted(t, in, len(in), o)
			for n := range c.lines {
				cuts++
				got := restarted(t, in, len(f.input(c.lines[:n])), o)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %s: %s, stopped after %d lines:\n%s\nwant\n%s", file, c.name, f.name, n, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
	for _, c := range linesThatAreKept() {
		test("kept", &c)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			test(filepath.Base(file), &c)
		}
	}
	if cuts < 1000 {
		t.Errorf("%d restarts", cuts)
	}
}

// linesThatAreKept are lines of the readers that need several, with pauses in which facts are
// released: by what comes later, with a report of another death at the end.
func linesThatAreKept() (cases []witnessCase) {
	const id = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	add := func(name, by string, spoken ...any) {
		c := witnessCase{name: name, sigkill: true}
		when := start
		for _, s := range spoken {
			switch s := s.(type) {
			case time.Duration:
				when = when.Add(s)
			case string:
				c.lines = append(c.lines, at(by, s, when))
				when = when.Add(time.Millisecond)
			case line:
				s.at = when
				c.lines = append(c.lines, s)
			case [2]string:
				last := &c.lines[len(c.lines)-1]
				last.more = append(last.more, s)
			}
		}
		for _, after := range []time.Duration{5 * time.Second, 15 * time.Second, 2 * time.Minute} {
			c.lines = append(c.lines, at("systemd", "cart.service: A process of this unit has been killed by the OOM killer.", when.Add(after)))
		}
		cases = append(cases, c)
	}
	other := at("systemd", "billing.service: A process of this unit has been killed by the OOM killer.", start)
	klog := func(second, text string) string {
		return "I0502 10:00:" + second + "    1021 eviction_manager.go:376] " + text
	}
	add("kubelet", "kubelet", klog("00.000000", `"Eviction manager: attempting to reclaim" resourceName="memory"`), 55*time.Second,
		klog("55.000000", `"Eviction manager: pod is evicted successfully" pod="shop/cart-0"`))
	add("containerd's sandbox", "containerd", `time="2026-05-02T10:00:00Z" level=info msg="StopPodSandbox for \"`+id+`\""`, 30*time.Second,
		`time="2026-05-02T10:00:30Z" level=info msg="received exit event container_id:\"`+id+`\" id:\"`+id+`\" pid:4410 exit_status:137 exited_at:{seconds:1777716030}"`)
	add("containerd's grace period", "containerd", `time="2026-05-02T10:00:00Z" level=info msg="Stop container \"`+id+`\" with signal terminated"`, 30*time.Second,
		`time="2026-05-02T10:00:30Z" level=info msg="Kill container \"`+id+`\""`,
		`time="2026-05-02T10:00:30.1Z" level=info msg="received exit event container_id:\"`+id+`\" id:\"`+id+`\" pid:4410 exit_status:137 exited_at:{seconds:1777716030}"`)
	add("earlyoom", "earlyoom", "mem avail:   812 of 15890 MiB ( 5.11%), swap free:  104 of 2047 MiB ( 5.08%)", time.Second,
		`sending SIGTERM to process 4410 uid 1000 "ingest": badness 902, VmRSS 3051 MiB`, 15*time.Second, "process exited after 15.1 seconds")
	add("nohang", "nohang", "PID:       4410, name: ingest, state: R, EUID: 1000", "Vm, MiB:   Size: 5000, RSS: 4962 (Anon: 4960, File: 2, Shmem: 0), Swap: 0",
		"cgroup_v2: /system.slice/ingest.service", 30*time.Second, "Sending SIGTERM to the victim", 15*time.Second, "The victim died in 15.1s")
	add("systemd-oomd's dry run", "systemd-oomd", "oomd dry-run: Would have tried to kill /system.slice/ingest.service with recurse=true", time.Second,
		"Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity")
	add("supervisord", "supervisord", "2026-05-02 10:00:00,000 INFO spawned: 'worker' with pid 21", 30*time.Second, "2026-05-02 10:00:30,000 WARN killing 'worker' (21) with SIGKILL",
		20*time.Second, "2026-05-02 10:00:50,000 WARN stopped: worker (terminated by SIGKILL)")
	add("gunicorn", "gunicorn", "[2026-05-02 10:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:19)", 30*time.Second,
		"[2026-05-02 10:00:30 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?")
	add("podman", "podman", `time="2026-05-02T10:00:00Z" level=warning msg="StopSignal SIGTERM failed to stop container web in 10 seconds, resorting to SIGKILL"`, 5*time.Second,
		"container died "+id+" (image=web:1, name=web)", [2]string{"PODMAN_EVENT", "died"}, [2]string{"PODMAN_TYPE", "container"},
		[2]string{"PODMAN_ID", id}, [2]string{"PODMAN_NAME", "web"}, [2]string{"PODMAN_EXIT_CODE", "137"})
	add("nomad", "nomad",
		`2026-05-02T10:00:00.123Z [ERROR] client.driver_mgr.docker: OOM Killed: container_id=`+id+` container_image=web:1 nomad_alloc_id=0c1d2e3f nomad_task_name=web`, 15*time.Second, other, 15*time.Second,
		`2026-05-02T10:00:30.123Z [INFO]  client.alloc_runner.task_runner: Task event: alloc_id=0c1d2e3f task=web type=Terminated msg="Exit Code: 137, Exit Message: \"OOM Killed\"" failed=false`)
	add("ECS agent", "ecs", `level=info time=2026-05-02T10:00:00Z msg="DockerGoClient: process within container `+id+` (name: \"web\") died due to OOM" module=docker_client.go`, 15*time.Second, other, 15*time.Second,
		`level=info time=2026-05-02T10:00:30Z msg="DockerGoClient: process within container `+id+` (name: \"web\") died due to OOM" module=docker_client.go`)
	event := func(uid, reason, message, second string) string {
		return `{"metadata":{"uid":"` + uid + `"},"involvedObject":{"kind":"Node","name":"node-7","uid":"node-7"},"reason":"` + reason + `","message":"` + message +
			`","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:` + second + `Z","count":1}`
	}
	add("a kubelet that starts", "exporter", event("e1", "Starting", "Starting kubelet.", "00"), 30*time.Second,
		event("e2", "SystemOOM", "System OOM encountered, victim process: ingest, pid: 24117", "30"))
	const call = "arch=c000003e syscall=62 success=yes exit=0 a0=113a a1=9 a2=0 a3=0 items=0 ppid=900 pid=5521 auid=1000 uid=0 comm=\"bash\" exe=\"/usr/bin/bash\""
	add("audit", "audit", "SYSCALL "+call, [2]string{"_AUDIT_ID", "8812"}, `OBJ_PID opid=4410 oauid=1000 ouid=998 oses=7 ocomm="ingest"`, [2]string{"_AUDIT_ID", "8812"})
	add("audit, in reverse", "audit", `OBJ_PID opid=4410 oauid=1000 ouid=998 oses=7 ocomm="ingest"`, [2]string{"_AUDIT_ID", "8812"}, "SYSCALL "+call, [2]string{"_AUDIT_ID", "8812"})
	return cases
}

// restarted returns the records of an input whose reader stops at a line. Those that come again are
// known by their key, as the receiver knows them.
func restarted(t *testing.T, in []byte, stop int, o parser.Options) (records []string) {
	known := map[string]bool{}
	add := func(made []*parser.Record) {
		for _, r := range made {
			if key := r.Text("oom.record.key"); !known[key] {
				known[key] = true
				records = append(records, string(r.AppendJSON(nil)))
			}
		}
	}
	take := func(_ *parser.Line, r *parser.Result) error {
		add(r.Records)
		return nil
	}
	p := newParser(t, o)
	if _, err := p.ReadBlock(parser.Block{Text: slices.Clone(in[:stop])}, take); err != nil {
		t.Fatal(err)
	}
	if stop < len(in) {
		from := checkpoint(p)
		p = newParser(t, o)
		if _, err := p.ReadBlock(parser.Block{Text: slices.Clone(in[from:]), Position: from}, take); err != nil {
			t.Fatal(err)
		}
	}
	add(p.Flush())
	slices.Sort(records)
	return records
}

// TestRestartAmongWitnesses: the witnesses of a kill whose report is closed stand before and after
// a line that holds the checkpoint. A new parser that begins at that line has them too: none of
// them is a death of its own.
func TestRestartAmongWitnesses(t *testing.T) {
	f := formOf("journal")
	for name, kill := range map[string][]line{
		"kernel": kernel(start),
		"earlyoom and kernel": append([]line{
			at("earlyoom", `sending SIGTERM to process 24117 uid 0 "ingest": badness 902, VmRSS 30511 MiB`, start),
		}, kernel(start.Add(time.Millisecond))...),
	} {
		report := len(kill)
		after := start.Add(time.Second)
		lines := append(slices.Clone(kill),
			at("systemd", killedUnit, after),
			at("kubelet", `I0502 10:00:01.000000    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"`, after),
			at("systemd", "ingest.service: Failed with result 'oom-kill'.", after.Add(time.Millisecond)),
			at("app", "a line", after.Add(30*time.Second)),
		)
		read := func(stop int) (names []string) {
			known := map[string]bool{}
			add := func(made []*parser.Record) {
				for _, r := range made {
					if key := r.Text("oom.record.key"); !known[key] {
						known[key] = true
						names = append(names, r.Text("event.name")+" "+r.Text("oom.killer"))
					}
				}
			}
			in := f.input(lines)
			from := int64(0)
			for _, end := range []int{len(f.input(lines[:stop])), len(in)} {
				o := f.options()
				o.TrustedSource = f.source
				e, err := parser.NewEvidence(o)
				if err != nil {
					t.Fatal(err)
				}
				o.Evidence = e
				p := newParser(t, o)
				take := func(_ *parser.Line, r *parser.Result) error {
					add(r.Records)
					return nil
				}
				if _, err := p.ReadBlock(parser.Block{Text: slices.Clone(in[from:end]), Position: from, EveryLine: true}, take); err != nil {
					t.Fatal(err)
				}
				add(slices.Clone(p.FlushReports())) // it waited long enough
				if end == len(in) {
					add(e.FlushAll())
				}
				from = checkpoint(p)
			}
			slices.Sort(names)
			return names
		}
		want := read(len(lines))
		for n := report + 3; n < len(lines); n++ {
			if got := read(n); !slices.Equal(got, want) {
				t.Errorf("%s, stopped after %d of %d lines: %q, want %q", name, n, len(lines), got, want)
			}
		}
	}
}
