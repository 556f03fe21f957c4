// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	auditSyscall = `type=SYSCALL msg=audit(1777716001.444:8812): arch=c000003e syscall=62 success=yes exit=0 a0=1f3c a1=9 a2=0 a3=0 items=0 ppid=4100 pid=4188 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=7 comm="kill" exe="/usr/bin/kill" key="sigkill"`
	auditObjPID  = `type=OBJ_PID msg=audit(1777716001.444:8812): opid=7996 oauid=1000 ouid=998 oses=7 ocomm="app-main"`
	laurelKill   = `{"ID":"1777716001.444:8812","SYSCALL":{"arch":"0xc000003e","syscall":62,"success":"yes","exit":0,"items":0,"ppid":4100,"pid":4188,"auid":1000,"uid":0,"comm":"kill","exe":"/usr/bin/kill","key":"sigkill","ARCH":"x86_64","SYSCALL":"kill","AUID":"alice","UID":"root","ARGV":["0x1f3c","0x9","0x0","0x0"]},"OBJ_PID":[{"opid":7996,"oauid":1000,"ouid":998,"oses":7,"ocomm":"app-main","OUID":"app"}],"PROCTITLE":{"ARGV":["kill","-9","7996"]}}`
)

// checkAudit holds the fact of the kill above; ids says whether the form has numeric ids.
func checkAudit(t *testing.T, name string, facts []Fact, ids bool) {
	t.Helper()
	if len(facts) != 1 {
		t.Errorf("%s: %d facts, want 1: %+v", name, len(facts), facts)
		return
	}
	f := facts[0]
	s := f.Sender
	if f.Kind != Sent || f.Outcome != OutcomeDone || f.Writer != Audit || f.Keys.PID != 7996 || !f.Keys.HasPID || f.Keys.Comm != "app-main" ||
		s.PID.V != 4188 || s.Name != "kill" || s.Exe != "/usr/bin/kill" {
		t.Errorf("%s: %+v", name, f)
	}
	if s.LoginUID.OK != ids || ids && (s.LoginUID.V != 1000 || s.UID != report.Int{V: 0, OK: true} || f.UserID.V != 998) {
		t.Errorf("%s: ids %+v %+v, want them: %v", name, s, f.UserID, ids)
	}
}

func TestAuditForms(t *testing.T) {
	enriched := func(line, more string) string { return line + "\x1d" + more }
	for name, lines := range map[string][]string{
		"raw":      {auditSyscall, auditObjPID, "type=PROCTITLE msg=audit(1777716001.444:8812): proctitle=6B696C6C"},
		"reversed": {auditObjPID, auditSyscall},
		"node":     {"node=web-1 " + auditSyscall, "node=web-1 " + auditObjPID},
		"enriched": {
			enriched(auditSyscall, `ARCH=x86_64 SYSCALL=kill AUID="alice" UID="root" GID="root" EUID="root"`),
			enriched(auditObjPID, `OAUID="alice" OUID="app"`),
		},
		"kernel log": {
			strings.Replace(auditSyscall, "type=SYSCALL msg=", "audit: type=1300 ", 1),
			strings.Replace(auditObjPID, "type=OBJ_PID msg=", "audit: type=1318 ", 1),
		},
		"odd name": {strings.Replace(auditSyscall, `comm="kill"`, "comm=6B696C6C", 1), auditObjPID},
		"between others": {
			auditSyscall,
			`type=SYSCALL msg=audit(1777716001.445:8813): arch=c000003e syscall=62 success=yes exit=0 a0=1f3c a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 auid=0 uid=0 comm="sh" exe="/bin/sh" key=(null)`,
			`type=OBJ_PID msg=audit(1777716001.445:8813): opid=55 oauid=0 ouid=0 oses=7 ocomm="other"`,
			auditObjPID,
		},
		"laurel": {laurelKill},
	} {
		facts := readDeaths(t, Author{}, lines...)
		checkAudit(t, name, facts, true)
		if len(facts) == 1 && facts[0].InnerTime.UnixMilli() != 1777716001444 {
			t.Errorf("%s: inner time %v", name, facts[0].InnerTime)
		}
		if name == "node" && facts[0].At.Host != "web-1" {
			t.Errorf("node: host %q", facts[0].At.Host)
		}
	}
	checkAudit(t, "ausearch -i", readDeaths(t, Author{},
		`type=PROCTITLE msg=audit(05/02/2026 10:00:01.444:8812) : proctitle=kill -9 7996`,
		`type=OBJ_PID msg=audit(05/02/2026 10:00:01.444:8812) : opid=7996 oauid=alice ouid=app oses=7 ocomm=app-main`,
		`type=SYSCALL msg=audit(05/02/2026 10:00:01.444:8812) : arch=x86_64 syscall=kill success=yes exit=0 a0=0x1f3c a1=SIGKILL a2=0x0 a3=0x0 items=0 ppid=4100 pid=4188 auid=alice uid=root gid=root tty=pts0 ses=7 comm=kill exe=/usr/bin/kill key=sigkill`,
	), false)
}

// TestAuditJournal reads a journal's entries: the serial joins them, and journald's own word
// verifies them.
func TestAuditJournal(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		author := Author{Transport: "audit", Unit: "session-7.scope", Trusted: trusted, Field: func(name string) string {
			if name == "_AUDIT_ID" {
				return "8812"
			}
			return ""
		}}
		journal := func(line string) string {
			_, body, _ := strings.Cut(line, ": ")
			kind, _, _ := strings.Cut(strings.TrimPrefix(line, "type="), " ")
			return kind + " " + body
		}
		facts := readDeaths(t, author, journal(auditSyscall), journal(auditObjPID))
		checkAudit(t, "journal", facts, true)
		if len(facts) == 1 && (facts[0].Verified != trusted || facts[0].Sender.Unit != "session-7.scope") {
			t.Errorf("trusted %v: %+v", trusted, facts[0])
		}
	}
	if facts := readDeaths(t, Author{Trusted: true, Transport: "syslog"}, auditSyscall, auditObjPID); len(facts) != 1 || facts[0].Verified {
		t.Errorf("an audit.log in a journal is verified: %+v", facts)
	}
}

// TestAuditSyscalls reads each signal call of each architecture.
func TestAuditSyscalls(t *testing.T) {
	for arch, calls := range signalCalls {
		for number, argument := range calls {
			args := map[int]string{1: "f", 2: "f"}
			args[argument] = "9"
			call := fmt.Sprintf(`type=SYSCALL msg=audit(1777716001.444:8812): arch=%x syscall=%d success=yes exit=0 a0=1 a1=%s a2=%s a3=0 items=0 ppid=1 pid=4188 auid=4294967295 uid=0 comm="x" exe="/x" key=(null)`,
				arch, number, args[1], args[2])
			facts := readDeaths(t, Author{}, call, auditObjPID)
			if len(facts) != 1 || facts[0].Sender.LoginUID.OK {
				t.Errorf("%x %d: %+v", arch, number, facts)
			}
			args[argument], args[3-argument] = "f", "9"
			call = fmt.Sprintf(`type=SYSCALL msg=audit(1777716001.444:8812): arch=%x syscall=%d success=yes exit=0 a0=1 a1=%s a2=%s a3=0 items=0 ppid=1 pid=4188 auid=0 uid=0 comm="x" exe="/x" key=(null)`,
				arch, number, args[1], args[2])
			if facts := readDeaths(t, Author{}, call, auditObjPID); len(facts) != 0 {
				t.Errorf("%x %d: 9 in another argument is the signal: %+v", arch, number, facts)
			}
		}
	}
}

func TestAuditNothing(t *testing.T) {
	with := func(old, replacement string) []string {
		return []string{strings.Replace(auditSyscall, old, replacement, 1), auditObjPID}
	}
	for name, lines := range map[string][]string{
		"failed":             with("success=yes exit=0", "success=no exit=-1"),
		"another signal":     with("a1=9", "a1=f"),
		"a probe":            with("a1=9", "a1=0"),
		"ptrace":             with("syscall=62", "syscall=101"),
		"another machine's":  with("arch=c000003e", "arch=c00000b7"),
		"another event":      with("444:8812", "444:8811"),
		"another node":       {"node=a " + auditSyscall, "node=b " + auditObjPID},
		"no target":          {auditSyscall},
		"no sender":          {auditObjPID},
		"in other words":     {"I saw " + auditSyscall, "and " + auditObjPID},
		"laurel, no target":  {strings.Replace(laurelKill, `"OBJ_PID"`, `"OTHER"`, 1)},
		"laurel, failed":     {strings.Replace(laurelKill, `"yes"`, `"no"`, 1)},
		"laurel, signal 15":  {strings.Replace(laurelKill, `"0x9"`, `"0xf"`, 1)},
		"laurel, in a quote": {`{"MESSAGE":` + laurelKill + "}"},
	} {
		if facts := readDeaths(t, Author{}, lines...); len(facts) != 0 {
			t.Errorf("%s: %+v", name, facts)
		}
	}
	if facts := readDeaths(t, Author{Container: true}, auditSyscall, auditObjPID); len(facts) != 0 {
		t.Errorf("a container's log: %+v", facts)
	}
}

// TestAuditIsBounded holds the records that wait for their event to a number.
func TestAuditIsBounded(t *testing.T) {
	r := &auditLog{}
	for i := range 4 * maxAuditEvents {
		for range 2 * maxAuditTargets {
			l := Line{Text: strings.Replace(auditObjPID, "8812", fmt.Sprint(i), 1)}
			r.Read(&l)
		}
	}
	if len(r.events) != maxAuditEvents || len(r.events[0].targets) != maxAuditTargets {
		t.Errorf("%d events of %d targets", len(r.events), len(r.events[0].targets))
	}
}

// FuzzDeaths feeds any two lines to all readers: no panic, and no host pid from a container's log.
func FuzzDeaths(f *testing.F) {
	f.Add(auditSyscall, auditObjPID)
	f.Add(laurelKill, "")
	f.Add("2026-05-02 10:00:01,912 INFO spawned: 'worker' with pid 88", "2026-05-02 10:00:12,912 INFO exited: worker (terminated by SIGKILL; not expected)")
	f.Add("[2026-05-02 10:00:01 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:19)", "[2026-05-02 10:00:03 +0000] [7] [ERROR] Worker (pid:19) was sent SIGKILL! Perhaps out of memory?")
	f.Add("a : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/kill -9 1", "LOG:  server process (PID 4410) was terminated by signal 9: Killed")
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, author := range []Author{{Program: Sudo}, {Container: true}, {Transport: "audit", Field: func(string) string { return "1" }}} {
			r := Readers{Deaths: true}
			for _, text := range []string{first, second} {
				r.Read(&Line{Text: text, Author: author}, func(f *Fact) {
					if f.Verified || author.Container && (f.Writer == Audit || f.Writer == Sudo) {
						t.Errorf("%q: %+v", text, f)
					}
				})
			}
		}
	})
}
