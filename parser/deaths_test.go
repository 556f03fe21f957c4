// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The records of one audit event, without what a form puts before them.
const (
	killCall   = `arch=c000003e syscall=62 success=yes exit=0 a0=1f3c a1=9 a2=0 a3=0 items=0 ppid=4100 pid=4188 auid=1000 uid=0 gid=0 tty=pts0 ses=7 comm="kill" exe="/usr/bin/kill" key="sigkill"`
	killTarget = `opid=7996 oauid=1000 ouid=998 oses=7 ocomm="app-main"`
)

// sigkills returns the records of a log, with deaths.
func sigkills(t *testing.T, log string, o Options) []*Record {
	t.Helper()
	o.Sigkill = true
	var records []*Record
	if err := ReadAll(strings.NewReader(log), o, func(r *Record) error { records = append(records, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return records
}

// TestAuditInEveryFormat reads one event of audit as each format brings it.
func TestAuditInEveryFormat(t *testing.T) {
	const stamp = "audit(1777716001.444:8812): "
	journal := func(more, message string) string {
		return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"1777716001500000","_HOSTNAME":"web-1","_BOOT_ID":"e92cb906d1f6421ea57cf8687c753f59","_TRANSPORT":"audit","SYSLOG_IDENTIFIER":"audit","_AUDIT_ID":"8812",%s"MESSAGE":%q}`+"\n", more, message)
	}
	raw := func(before string) string {
		return before + "type=SYSCALL msg=" + stamp + killCall + "\n" + before + "type=OBJ_PID msg=" + stamp + killTarget + "\n"
	}
	kernel := func(before string) string {
		return before + "audit: type=1300 " + stamp + killCall + "\n" + before + "audit: type=1318 " + stamp + killTarget + "\n"
	}
	for name, log := range map[string]string{
		"audit.log":     raw(""),
		"of a node":     raw("node=web-1 "),
		"over syslog":   raw("May  2 10:00:01 web-1 audispd: "),
		"dmesg":         kernel("[ 1234.567890] "),
		"kern.log":      kernel("May  2 10:00:01 web-1 kernel: [ 1234.567890] "),
		"journal":       journal(`"_PID":"4188","_UID":"0",`, "SYSCALL "+killCall) + journal("", "OBJ_PID "+killTarget),
		"journal, late": journal("", "OBJ_PID "+killTarget) + journal(`"_PID":"4188",`, "SYSCALL "+killCall),
		"laurel": `{"ID":"1777716001.444:8812","SYSCALL":{"arch":"0xc000003e","syscall":62,"success":"yes","exit":0,"pid":4188,"auid":1000,"uid":0,"comm":"kill","exe":"/usr/bin/kill","UID":"root","ARGV":["0x1f3c","0x9","0x0","0x0"]},` +
			`"OBJ_PID":[{"opid":7996,"ouid":998,"ocomm":"app-main"}]}` + "\n",
	} {
		for _, source := range []TrustedSource{TrustedNone, TrustedJournald} {
			records := sigkills(t, log, Options{TrustedSource: source})
			if len(records) != 1 {
				t.Errorf("%s: %d records, want 1", name, len(records))
				continue
			}
			r := records[0]
			trust := "unverified"
			if source == TrustedJournald && strings.HasPrefix(name, "journal") {
				trust = "verified"
			}
			for field, want := range map[string]string{
				"event.name": "oom.sigkill", "oom.observer": "audit", "oom.verdict.cause": "sent", "oom.sender.name": "kill",
				"oom.sender.executable": "/usr/bin/kill", "process.title": "app-main", "oom.trust": trust,
			} {
				if got := r.Text(field); got != want {
					t.Errorf("%s: %s is %q, want %q", name, field, got, want)
				}
			}
			for field, want := range map[string]int64{
				"process.pid": 7996, "oom.sender.pid": 4188, "oom.sender.uid": 0, "oom.sender.login_uid": 1000, "process.real_user.id": 998,
			} {
				if v, ok := r.Get(field); !ok || v.Int64() != want {
					t.Errorf("%s: %s is %d (%v), want %d", name, field, v.Int64(), ok, want)
				}
			}
		}
		if records := sigkills(t, strings.ReplaceAll(log, "success=yes", "success=no"), Options{}); name != "laurel" && len(records) != 0 {
			t.Errorf("%s: a failed call makes %d records", name, len(records))
		}
	}
	for name, log := range map[string]string{
		"a container's log": raw("2026-05-02T10:00:01.912Z stderr F "),
		"another program":   raw("May  2 10:00:01 web-1 app[7]: seen: "),
	} {
		if records := sigkills(t, log, Options{}); len(records) != 0 {
			t.Errorf("%s: %d records, want none", name, len(records))
		}
	}
}

// TestSupervisorsInEveryFormat reads the deaths that supervisors saw as each format brings them.
func TestSupervisorsInEveryFormat(t *testing.T) {
	for _, c := range []struct {
		line, observer string
		pid            int64
	}{
		{"[2026-05-02 10:00:01 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?", "gunicorn", 19},
		{"[2026-05-02 10:00:01,912: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:21 exited with 'signal 9 (SIGKILL)'", "celery", 21},
		{"2026-05-02 10:00:01.912 UTC [1] LOG:  server process (PID 4410) was terminated by signal 9: Killed", "postgresql", 4410},
		{"[02-May-2026 10:00:01] WARNING: [pool www] child 88 exited on signal 9 (SIGKILL) after 213.100201 seconds from start", "php-fpm", 88},
		{"2026/05/02 10:00:01 [alert] 7#7: worker process 21 exited on signal 9", "nginx", 21},
		{"2026-05-02 10:00:01,912 WARN exited: worker (terminated by SIGKILL; not expected)", "supervisord", 0},
	} {
		for name, log := range map[string]string{
			"file":    c.line,
			"CRI":     "2026-05-02T10:00:01.912Z stderr F " + c.line,
			"Docker":  fmt.Sprintf(`{"log":%q,"stream":"stderr","time":"2026-05-02T10:00:02.1Z"}`, c.line+"\n"),
			"syslog":  "May  2 10:00:01 web-1 app[7]: " + c.line,
			"journal": fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"1777716001500000","_HOSTNAME":"web-1","_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"app","MESSAGE":%q}`, c.line),
		} {
			records := sigkills(t, log+"\n", Options{TrustedSource: TrustedJournald})
			if len(records) != 1 {
				t.Errorf("%s, %s: %d records, want 1", c.observer, name, len(records))
				continue
			}
			r := records[0]
			if r.Text("event.name") != "oom.sigkill" || r.Text("oom.observer") != c.observer || r.Text("oom.verdict.cause") != "unknown" || r.Text("oom.trust") != "unverified" {
				t.Errorf("%s, %s: %s", c.observer, name, r.AppendJSON(nil))
			}
			if v, ok := r.Get("process.vpid"); ok != (c.pid > 0) || ok && v.Int64() != c.pid {
				t.Errorf("%s, %s: process.vpid is %d (%v), want %d", c.observer, name, v.Int64(), ok, c.pid)
			}
			if host := r.Text("host.name"); host != "" && host != "web-1" {
				t.Errorf("%s, %s: host.name is %q", c.observer, name, host)
			}
		}
		var records int
		if err := ReadAll(strings.NewReader(c.line+"\n"), Options{}, func(*Record) error { records++; return nil }); err != nil || records != 0 {
			t.Errorf("%s without sigkill: %d records, %v", c.observer, records, err)
		}
	}
}

// TestSourcesNameTheKernel: a death that nothing explains says whether the kernel was there to ask:
// its lines are in the log, whatever they say, and whoever else writes its name.
func TestSourcesNameTheKernel(t *testing.T) {
	const death = "May  2 10:20:00 node-7 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL\n"
	var ordinary strings.Builder
	for i := range 300 {
		fmt.Fprintf(&ordinary, "May  2 10:%02d:%02d node-7 sshd[812]: Accepted publickey for deploy from 10.0.0.7 port %d\n", i/60, i%60, 40000+i)
	}
	for name, tt := range map[string]struct {
		line string
		want string
	}{
		"nobody":                   {"", "systemd"},
		"the kernel":               {"May  2 10:10:00 node-7 kernel: [ 5000.000001] usb 1-1: new high-speed USB device number 2\n", "kernel,systemd"},
		"a program of its name":    {"May  2 10:10:00 node-7 kernel[77]: usb 1-1: new high-speed USB device number 2\n", "systemd"},
		"a word of a program":      {"May  2 10:10:00 node-7 apt[9]: kernel: upgraded\n", "systemd"},
		"the kernel after others":  {strings.Repeat("May  2 10:10:00 node-7 apt[9]: the kernel is old\n", 10) + "May  2 10:10:00 node-7 kernel: usb 1-1: new high-speed USB device number 2\n", "kernel,systemd"},
		"the kernel in containers": {`{"log":"kernel: [ 5000.000001] usb 1-1: new device\n","stream":"stdout","time":"2026-05-02T10:10:00Z"}` + "\n", "systemd"},
		"the kernel of another":    {"May  2 10:10:00 node-8 kernel: usb 1-1: new high-speed USB device number 2\n", "systemd"},
	} {
		for _, log := range []string{ordinary.String() + tt.line + ordinary.String() + death, tt.line + death} {
			var got []string
			err := ReadAll(strings.NewReader(log), Options{Sigkill: true, Location: time.UTC}, func(r *Record) error {
				got = append(got, r.Text("event.name")+" "+r.Text("oom.verdict.sources"))
				return nil
			})
			if err != nil || len(got) != 1 || got[0] != "oom.sigkill "+tt.want {
				t.Errorf("%s, %d bytes: %q, %v, want sources %q", name, len(log), got, err, tt.want)
			}
		}
	}
}

// TestSourcesOfSkippedLines: which programs there were to ask is settled by the time of the log,
// also where the lines between a death and the next line of a witness are skipped.
func TestSourcesOfSkippedLines(t *testing.T) {
	const death = "May  2 10:00:00 node-7 systemd[1]: ingest.service: Main process exited, code=killed, status=9/KILL\n"
	const later = "May  2 10:02:00 node-7 dockerd[900]: time=\"2026-05-02T10:02:00Z\" level=info msg=\"Container failed to exit within 10s of signal 15 - using the force\" container=4f2a9be04f2a9be04f2a9be04f2a9be04f2a9be04f2a9be04f2a9be04f2a9be0\n"
	var ordinary strings.Builder
	for i := range 50 {
		fmt.Fprintf(&ordinary, "May  2 10:00:%02d node-7 sshd[812]: Accepted publickey for deploy from 10.0.0.7 port %d\n", 1+i, 40000+i)
	}
	o := Options{Sigkill: true, Location: time.UTC, Reference: func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }}
	check := func(name string, records []*Record) {
		t.Helper()
		if len(records) != 1 || records[0].Text("oom.verdict.sources") != "systemd" {
			t.Errorf("%s: %d records, %v", name, len(records), records)
		}
	}
	for name, log := range map[string]string{"nothing between": death + later, "ordinary lines between": death + ordinary.String() + later} {
		var records []*Record
		if err := ReadAll(strings.NewReader(log), o, func(r *Record) error { records = append(records, r); return nil }); err != nil {
			t.Fatal(err)
		}
		check(name+", as a file", records)
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		records = nil
		for line := range strings.Lines(log) {
			records = append(records, p.Feed([]byte(strings.TrimSuffix(line, "\n"))).Records...)
		}
		check(name+", line by line", append(records, p.Flush()...))
	}
}

// TestUnitOfAProcess: a service whose own entries say which process it is, and which somebody
// kills: audit's line, which names the process, and systemd's, which names the unit, are one death.
// Without those entries they are two, also where a message has the words of such fields.
func TestUnitOfAProcess(t *testing.T) {
	entry := func(second int, fields string) string {
		return fmt.Sprintf(`{"__CURSOR":"s=1;i=%x","__REALTIME_TIMESTAMP":"%d","__MONOTONIC_TIMESTAMP":"%d","_BOOT_ID":"0b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d","_HOSTNAME":"node-7","PRIORITY":"6",%s}`+"\n",
			second, 1777716000_000000+second*1_000_000, second*1_000_000, fields)
	}
	const served = `"_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"app","_COMM":"app-main","_UID":"998","_SYSTEMD_UNIT":"app.service","_SYSTEMD_INVOCATION_ID":"6e8bd1a0","MESSAGE":"GET / 200","_PID":"7996"`
	const other = `"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"sshd","_PID":"812","_COMM":"sshd","_UID":"0","_SYSTEMD_UNIT":"ssh.service","MESSAGE":"Accepted publickey for deploy"`
	const forged = `"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"sshd","_COMM":"sshd","_UID":"0","MESSAGE":"\"_PID\":\"7996\",\"_COMM\":\"app-main\",\"_SYSTEMD_UNIT\":\"app.service\"","_PID":"812","_SYSTEMD_UNIT":"ssh.service"`
	var ordinary strings.Builder
	for i := range 300 {
		ordinary.WriteString(entry(300+i, other))
	}
	killed := entry(900, `"_TRANSPORT":"audit","_AUDIT_TYPE_NAME":"SYSCALL","_AUDIT_ID":"8812","_PID":"4188","MESSAGE":"SYSCALL `+strings.ReplaceAll(killCall, `"`, `\"`)+`"`) +
		entry(900, `"_TRANSPORT":"audit","_AUDIT_TYPE_NAME":"OBJ_PID","_AUDIT_ID":"8812","MESSAGE":"OBJ_PID `+strings.ReplaceAll(killTarget, `"`, `\"`)+`"`) +
		entry(901, `"_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd","_PID":"1","_UID":"0","_COMM":"systemd","_SYSTEMD_UNIT":"init.scope","UNIT":"app.service","INVOCATION_ID":"6e8bd1a0","EXIT_STATUS":"9","MESSAGE":"app.service: Main process exited, code=killed, status=9/KILL"`)
	for name, tt := range map[string]struct {
		log  string
		want string
	}{
		"among the first entries": {entry(1, served) + ordinary.String() + killed, "sent app.service 7996"},
		"among those left out":    {ordinary.String() + entry(700, served) + ordinary.String() + killed, "sent app.service 7996"},
		"not at all":              {ordinary.String() + killed, "sent  7996, unknown app.service "},
		"after the death":         {ordinary.String() + killed + entry(902, served), "sent  7996, unknown app.service "},
		"in a message":            {ordinary.String() + entry(700, forged) + ordinary.String() + killed, "sent  7996, unknown app.service "},
		"in a message, at first":  {entry(1, forged) + killed, "sent  7996, unknown app.service "},
		"on another host":         {ordinary.String() + strings.ReplaceAll(entry(700, served), "node-7", "node-8") + ordinary.String() + killed, "sent  7996, unknown app.service "},
		"in another boot":         {ordinary.String() + strings.ReplaceAll(entry(700, served), "0b6d4a1c", "1b6d4a1c") + ordinary.String() + killed, "sent  7996, unknown app.service "},
		"in another run":          {ordinary.String() + strings.ReplaceAll(entry(700, served), "6e8bd1a0", "7e8bd1a0") + ordinary.String() + killed, "sent  7996, unknown app.service "},
		"in the log of Docker":    {ordinary.String() + entry(700, served+`,"CONTAINER_ID":"4f2a9be0c7d1"`) + ordinary.String() + killed, "sent  7996, unknown app.service "},
		"by another name":         {ordinary.String() + strings.ReplaceAll(entry(700, served), "app-main", "app-next") + ordinary.String() + killed, "sent  7996, unknown app.service "},
	} {
		var got []string
		err := ReadAll(strings.NewReader(tt.log), Options{Sigkill: true, TrustedSource: TrustedJournald}, func(r *Record) error {
			pid := ""
			if v, ok := r.Get("process.pid"); ok {
				pid = fmt.Sprint(v.Int64())
			}
			got = append(got, r.Text("oom.verdict.cause")+" "+r.Text("systemd.unit.name")+" "+pid)
			if verified := r.Text("oom.trust") == "verified"; verified == strings.HasPrefix(tt.want, "sent app") {
				t.Errorf("%s: %s is %s", name, r.Body, r.Text("oom.trust"))
			}
			return nil
		})
		slices.Sort(got)
		if all := strings.Join(got, ", "); err != nil || all != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, all, err, tt.want)
		}
	}
}

// TestUnitsAreBounded: the units of the processes of many hosts stay within the bound of an
// evidence.
func TestUnitsAreBounded(t *testing.T) {
	p, err := New(Options{Sigkill: true, TrustedSource: TrustedJournald})
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for i := range 2 * maxHosts {
		entry := fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"1777716000000000","_BOOT_ID":"0b6d4a1c5e2f4b7a9c8d3e1f2a4b6c8d","_HOSTNAME":"node-%d","_TRANSPORT":"stdout","_PID":"7","_COMM":"app","_SYSTEMD_UNIT":"app.service","MESSAGE":"GET"}`, i)
		p.Feed([]byte(entry))
		most = max(most, p.Memory())
	}
	if most > maxEvidence+maxEvidence/4 || most < maxEvidence/4 {
		t.Errorf("the parser held %d bytes", most)
	}
}
