// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// The words by which a log shows something, read apart from the parser.
var (
	showsDeath  = regexp.MustCompile(`status=9/KILL|exit_status:137|ExitStatus:137|PODMAN_EXIT_CODE":"137"`)
	showsOrder  = regexp.MustCompile(`SIGKILL .* on client request\.|timed out\. Killing|with signal SIGKILL\.|resorting to SIGKILL|using the force|Kill container `)
	showsSender = regexp.MustCompile(` a1=(9|SIGKILL) |_AUDIT_FIELD_A1":"9"`)
	showsKill   = regexp.MustCompile(`killed by the OOM killer|TaskOOM event|'oom-kill'`)
	namesPID    = regexp.MustCompile(`with signal SIGKILL\.|SIGKILL to main process`)
)

// victimWait is how long earlyoom and nohang wait for a victim before they send SIGKILL, on a busy
// machine.
const victimWait = 15 * time.Second

// killOf is what identifies a death in a record: the cgroup for killers of cgroups.
func killOf(killer string, pid int64, cgroup string) string {
	if killer == "systemd-oomd" {
		return killer + " " + cgroup
	}
	return fmt.Sprintf("%s %d", killer, pid)
}

// TestKills: whoever killed for memory, each death has one oom.kill of its killer, and there is no
// other. A killer that failed has its attempt. Nothing is observed that is counted.
func TestKills(t *testing.T) {
	for _, c := range load(t) {
		for _, input := range []string{"journal.json", "short.txt"} {
			t.Run(c.Name+"/"+input, func(t *testing.T) {
				var want, got []string
				for _, d := range c.Deaths() {
					if d.Killer != "" {
						want = append(want, killOf(d.Killer, d.PID, d.Cgroup))
					}
				}
				failed, evicted := len(c.Survived()) > 0, c.IsEvicted()
				for _, r := range readLog(t, c.Log(input), parser.Options{TrustedSource: inputs[input]}) {
					switch event := r.Text("event.name"); {
					case event == record.EventKill:
						got = append(got, checkKill(t, c, r, inputs[input] != parser.TrustedNone))
					case event == record.EventAttempt && mayFail(c, r):
						failed = false
					case event == record.EventEviction && evicted:
						evicted = false
					default:
						t.Errorf("%s: %s", event, r.Body)
					}
				}
				slices.Sort(want)
				slices.Sort(got)
				if want = slices.Compact(want); !slices.Equal(got, want) {
					t.Errorf("kills %q, the truth is %q", got, want)
				}
				if failed || evicted {
					t.Errorf("no record: kill that failed %v, eviction %v", failed, evicted)
				}
			})
		}
	}
}

// mayFail reports whether a record is of a signal that did not end its victim, which lived on.
func mayFail(c *Capture, r *record.Record) bool {
	pid, _ := r.Get("process.pid")
	killer := r.Text("oom.killer")
	return r.Text("oom.outcome") == "failed" &&
		slices.ContainsFunc(c.Survived(), func(s Signal) bool { return s.From.Comm == killer && s.To.PID == pid.Int64() })
}

// checkKill holds what a record says of a kill against the truth, and returns which kill it is.
func checkKill(t *testing.T, c *Capture, r *record.Record, proven bool) string {
	t.Helper()
	killer, cgroup := r.Text("oom.killer"), r.Text("oom.victim.cgroup")
	pid, hasPID := r.Get("process.pid")
	kill := killOf(killer, pid.Int64(), cgroup)
	deaths := c.Deaths()
	i := slices.IndexFunc(deaths, func(d Death) bool { return killOf(d.Killer, d.PID, d.Cgroup) == kill })
	if i < 0 {
		return kill // the list of kills says so
	}
	d := deaths[i]
	if title := r.Text("process.title"); hasPID && title != d.Comm {
		t.Errorf("process.title of %s is %q, the truth is %q", kill, title, d.Comm)
	}
	if uid, ok := r.Get("process.real_user.id"); ok && uid.Int64() != d.UID {
		t.Errorf("process.real_user.id of %s is %d, the truth is %d", kill, uid.Int64(), d.UID)
	}
	if cgroup != "" && cgroup != d.Cgroup {
		t.Errorf("oom.victim.cgroup of %s is %q, the truth is %q", kill, cgroup, d.Cgroup)
	}
	if trust := r.Text("oom.trust"); (trust == "verified") != proven {
		t.Errorf("oom.trust of %s is %q", kill, trust)
	}
	late := d.At.Sub(r.Time)
	if killer != "kernel" && killer != "systemd-oomd" {
		late = max(0, late-victimWait) // the line stands before the first signal, and SIGTERM may do nothing
	}
	if late.Abs() > clockSlack {
		t.Errorf("time of %s is %v, it died at %v", kill, r.Time, d.At)
	}
	return kill
}

// apart returns the kernel's entries of a journal and those of programs, which is all of it to a
// reader that may not read the kernel's.
func apart(journal []byte) (kernel, programs []byte) {
	for line := range bytes.Lines(journal) {
		if bytes.Contains(line, []byte(`"_TRANSPORT":"kernel"`)) {
			kernel = append(kernel, line...)
		} else {
			programs = append(programs, line...)
		}
	}
	return kernel, programs
}

// TestWithoutTheKernel: a kernel's kill that only its witnesses tell of is observed once, whatever
// the number of lines, and is no oom.kill.
func TestWithoutTheKernel(t *testing.T) {
	for _, c := range load(t) {
		t.Run(c.Name, func(t *testing.T) {
			_, log := apart(c.Log("journal.json"))
			groups := map[string]bool{} // nobody says how many processes of a cgroup died at once
			for _, d := range c.Deaths() {
				if d.Killer == "kernel" && showsKill.Match(log) {
					groups[d.Cgroup] = true
				}
			}
			want := len(groups)
			var observed []string
			for _, r := range readLog(t, log, parser.Options{TrustedSource: parser.TrustedJournald}) {
				switch r.Text("event.name") {
				case record.EventObserved:
					observed = append(observed, r.Text("oom.observer")+": "+r.Body)
				case record.EventKill:
					if r.Text("oom.killer") == "kernel" {
						t.Errorf("a kill by the kernel, whose entries are not there: %s", r.Body)
					}
				}
			}
			if len(observed) != want {
				t.Errorf("%d observed %q, the truth is %d", len(observed), observed, want)
			}
		})
	}
}

// TestSigkill: each death by SIGKILL that the log shows and that no killer of memory caused has one
// oom.sigkill, and nothing else has one with such a cause. Its cause is that somebody sent it where
// systemd or Podman says so, and not known where the log shows no sender. A sender that is named is
// the one who did it. Audit's records have a second oom.sigkill, of the process that it names:
// systemd names a unit without a pid, and no line joins them for certain.
func TestSigkill(t *testing.T) {
	for _, c := range load(t) {
		for _, input := range []string{"journal.json", "short.txt", "audit.log", "ausearch.txt"} {
			log := c.Log(input)
			if log == nil {
				continue
			}
			t.Run(c.Name+"/"+input, func(t *testing.T) {
				ordered, shown := showsOrder.Match(log), showsDeath.Match(log)
				audited := showsSender.Match(log) && input != "short.txt" // whose audit lines have no id
				deaths, sent := 0, map[int64]Signal{}
				for _, d := range c.Deaths() {
					sent[d.PID] = d.Last
					if d.Killer == "" && d.Last.Number == 9 {
						deaths++
					}
				}
				found := 0
				for _, r := range readLog(t, log, parser.Options{TrustedSource: inputs[input], Sigkill: true}) {
					if r.Text("event.name") != record.EventSigkill {
						continue
					}
					switch cause := r.Text("oom.verdict.cause"); cause {
					case "kernel_oom", "memory_killer":
						checkMemoryCause(t, c, cause)
						continue
					case "sent":
						if !ordered && !audited {
							t.Error("sent, and the log shows no sender")
						}
						if audited {
							audited = false
							checkSender(t, r, sent)
							checkAudited(t, r)
							continue
						}
					case "evicted":
						if !c.IsEvicted() {
							t.Error("evicted, and nobody was")
						}
					case "unknown":
						if ordered {
							t.Error("unknown, and the log shows the sender")
						}
					default:
						t.Errorf("cause %q", cause)
					}
					found++
					checkSender(t, r, sent)
					if pid, ok := r.Get("process.pid"); namesPID.Match(log) && (!ok || sent[pid.Int64()].Number != 9) {
						t.Errorf("process.pid is %d, which nobody killed: %s", pid.Int64(), r.Body)
					}
				}
				if audited {
					t.Error("no record of the sender that audit saw")
				}
				if found > deaths || found < deaths && shown {
					t.Errorf("%d deaths, the truth is %d", found, deaths)
				}
			})
		}
	}
}

// TestReasons: a death that somebody caused on purpose has the reason that there was.
func TestReasons(t *testing.T) {
	want := map[string]string{
		"kubelet-probe": "probe", "kubelet-stop": "stop", "watchdog": "watchdog",
		"stop-timeout": "stop_timeout", "user-stop": "stop_timeout", "client-request": "client_request",
	}
	for _, c := range load(t) {
		reason, ok := want[c.Name]
		if !ok {
			continue
		}
		delete(want, c.Name)
		for _, input := range []string{"journal.json", "short.txt"} {
			for _, r := range readLog(t, c.Log(input), parser.Options{TrustedSource: inputs[input], Sigkill: true}) {
				if got := r.Text("oom.reason"); got != reason {
					t.Errorf("%s/%s: reason %q, want %q: %s", c.Name, input, got, reason, r.Body)
				}
			}
		}
	}
	for name := range want {
		t.Errorf("no capture %s", name)
	}
}

// checkAudited: audit's record names the sender and its victim.
func checkAudited(t *testing.T, r *record.Record) {
	t.Helper()
	for _, name := range []string{"process.pid", "oom.sender.pid"} {
		if _, ok := r.Get(name); !ok {
			t.Errorf("%s is absent: %s", name, r.Body)
		}
	}
	if exe := r.Text("oom.sender.executable"); exe != "/usr/bin/kill" {
		t.Errorf("executable %q", exe)
	}
}

func checkMemoryCause(t *testing.T, c *Capture, cause string) {
	t.Helper()
	if !slices.ContainsFunc(c.Deaths(), func(d Death) bool {
		return cause == "kernel_oom" && d.Killer == "kernel" || cause == "memory_killer" && d.Killer != "" && d.Killer != "kernel"
	}) {
		t.Errorf("cause %s, and nobody died of that", cause)
	}
}

// checkSender holds the sender that a record names against those who sent.
func checkSender(t *testing.T, r *record.Record, sent map[int64]Signal) {
	t.Helper()
	sender, ok := r.Get("oom.sender.pid")
	if !ok {
		return
	}
	pid, hasPID := r.Get("process.pid")
	for victim, s := range sent {
		if (!hasPID || victim == pid.Int64()) && s.From.PID == sender.Int64() {
			if name := r.Text("oom.sender.name"); name != "" && name != s.From.Comm {
				t.Errorf("sender %d is %q, the truth is %q", s.From.PID, name, s.From.Comm)
			}
			return
		}
	}
	t.Errorf("sender %d of %d: nobody of that pid sent it", sender.Int64(), pid.Int64())
}
