// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// The samples of service and container managers.
const (
	anID    = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	otherID = "00ff9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f90011223344500"
)

// says returns what the readers make of lines of one stream, with deaths, one string a fact.
func says(lines ...Line) []string {
	readers := Readers{Deaths: true}
	var facts []string
	for i := range lines {
		readers.Read(&lines[i], func(f *Fact) { facts = append(facts, describe(f)) })
	}
	return facts
}

var kindNames = [...]string{
	"none", "kill", "decision", "outcome", "observation", "eviction", "death", "sent", "context",
}

// describe returns what a fact says, without the line.
func describe(f *Fact) string {
	parts := []string{f.Writer, kindNames[f.Kind]}
	add := func(name string, value any) {
		if s := fmt.Sprint(value); s != "" {
			parts = append(parts, name+"="+s)
		}
	}
	number := func(name string, n report.Int) {
		if n.OK {
			add(name, n.V)
		}
	}
	k := &f.Keys
	add("killer", f.Killer)
	add("unit", k.Unit)
	add("user_unit", k.UserUnit)
	number("user", k.UserID)
	add("invocation", k.Invocation)
	add("container", k.ContainerID)
	add("prefix", k.ContainerPrefix)
	add("pod", k.PodUID)
	if k.HasPID {
		add("pid", k.PID)
	}
	add("comm", k.Comm)
	add("victim", f.VictimKind)
	number("observed", f.Observed)
	number("exit", f.ExitCode)
	add("signal", f.Signal)
	add("reason", f.Reason)
	add("sender", f.Sender.Name)
	number("sender_pid", f.Sender.PID)
	add("name", f.Name)
	add("image", f.Image)
	if !f.InnerTime.IsZero() {
		add("at", f.InnerTime.UTC().Format(time.RFC3339Nano))
	}
	if f.Verified {
		add("verified", true)
	}
	return strings.Join(parts, " ")
}

// by returns a line of a program, as a syslog header names it. "systemd[1]" has a pid.
func by(program, text string) Line {
	l := Line{Text: text, Author: Author{Program: program}}
	if name, pid, ok := strings.Cut(program, "["); ok {
		l.Author.Program = name
		l.Author.PID, _, l.Author.HasPID = cutNumber(pid)
	}
	return l
}

// entry returns a line of a journal that journald wrote, or of one that may have been edited.
func entry(trusted bool, text string, fields ...string) Line {
	m := make(map[string]string, len(fields))
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		m[name] = value
	}
	a := Author{
		Program: m["SYSLOG_IDENTIFIER"], Unit: m["_SYSTEMD_UNIT"], UserUnit: m["_SYSTEMD_USER_UNIT"],
		Comm: m["_COMM"], Exe: m["_EXE"], Transport: m["_TRANSPORT"], Trusted: trusted,
		Field: func(name string) string { return m[name] },
	}
	a.PID, a.HasPID = wholeNumber(m["_PID"])
	a.UID, a.HasUID = wholeNumber(m["_UID"])
	return Line{Text: text, Author: a}
}

var (
	initFields = []string{
		"SYSLOG_IDENTIFIER=systemd", "_TRANSPORT=journal", "_PID=1", "_UID=0", "_COMM=systemd",
		"_EXE=/usr/lib/systemd/systemd", "_SYSTEMD_UNIT=init.scope",
	}
	userFields = []string{
		"SYSLOG_IDENTIFIER=systemd", "_TRANSPORT=journal", "_PID=1204", "_UID=1000",
		"_COMM=systemd", "_SYSTEMD_UNIT=user@1000.service", "_SYSTEMD_USER_UNIT=init.scope",
	}
	containerdFields = []string{
		"SYSLOG_IDENTIFIER=containerd", "_TRANSPORT=stdout", "_PID=812", "_UID=0",
		"_COMM=containerd", "_SYSTEMD_UNIT=containerd.service",
	}
	dockerdFields = []string{
		"SYSLOG_IDENTIFIER=dockerd", "_TRANSPORT=stdout", "_PID=900", "_UID=0",
		"_COMM=dockerd", "_SYSTEMD_UNIT=docker.service",
	}
	podmanFields = []string{
		"SYSLOG_IDENTIFIER=podman", "_TRANSPORT=journal", "_PID=3000", "_UID=0", "_COMM=podman",
		"PODMAN_EVENT=died", "PODMAN_TYPE=container", "PODMAN_ID=" + anID, "PODMAN_NAME=web",
		"PODMAN_IMAGE=docker.io/library/web:1",
	}
)

func with(fields []string, more ...string) []string { return append(slices.Clone(fields), more...) }

// TestManagers holds each form, by version, to what it says.
func TestManagers(t *testing.T) {
	oom := "ingest.service: A process of this unit has been killed by the OOM killer."
	exit := func(msg string) string {
		return `time="2026-05-02T10:00:01.300000000Z" level=info msg="` + msg + `"`
	}
	const at = " at=2026-05-02T10:00:01.3Z"
	for _, c := range []struct {
		name string
		line Line
		want string // one fact a line; "" for nothing
	}{
		// systemd
		{"243 text", by("systemd[1]", oom), "systemd observation killer=kernel unit=ingest.service"},
		{"243 no author", by("", oom), "systemd observation killer=kernel unit=ingest.service"},
		{
			"243 journal", entry(true, oom, with(initFields, "MESSAGE_ID="+messageOutOfMemory, "UNIT=ingest.service", "INVOCATION_ID=aa11")...),
			"systemd observation killer=kernel unit=ingest.service invocation=aa11 verified=true",
		},
		{
			"243 edited journal", entry(false, oom, with(initFields, "UNIT=ingest.service")...),
			"systemd observation killer=kernel unit=ingest.service",
		},
		{
			"243 user manager", entry(true, "app-ide.scope: A process of this unit has been killed by the OOM killer.",
				with(userFields, "USER_UNIT=app-ide.scope", "USER_INVOCATION_ID=bb22")...),
			"systemd observation killer=kernel user_unit=app-ide.scope user=1000 invocation=bb22",
		},
		{"243 user manager, text", by("systemd[1204]", oom), "systemd observation killer=kernel user_unit=ingest.service"},
		{
			"container's scope", by("systemd[1]", "docker-"+anID+".scope: A process of this unit has been killed by the OOM killer."),
			"systemd observation killer=kernel unit=docker-" + anID + ".scope container=" + anID,
		},
		{
			"monitor's scope", by("systemd[1]", "crio-conmon-"+anID+".scope: A process of this unit has been killed by the OOM killer."),
			"systemd observation killer=kernel unit=crio-conmon-" + anID + ".scope",
		},
		{
			"pod's slice", by("systemd[1]", "kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice: A process of this unit has been killed by the OOM killer."),
			"systemd observation killer=kernel unit=kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice pod=0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f",
		},
		{"escaped unit", by("systemd[1]", `app-gnome-a\x2db-4411.scope: Failed with result 'oom-kill'.`), `systemd observation unit=app-gnome-a\x2db-4411.scope`},
		{"247", by("systemd[1]", "ingest.service: systemd-oomd killed 4 process(es) in this unit."), "systemd observation killer=systemd-oomd unit=ingest.service victim=cgroup observed=4"},
		{
			"251 journal", entry(true, "ingest.service: systemd-oomd killed 4 process(es) in this unit.",
				with(initFields, "MESSAGE_ID="+messageOomdKill, "UNIT=ingest.service", "N_PROCESSES=4")...),
			"systemd observation killer=systemd-oomd unit=ingest.service victim=cgroup observed=4 verified=true",
		},
		{"251 some", by("systemd[1]", "ingest.service: systemd-oomd killed some process(es) in this unit."), "systemd observation killer=systemd-oomd unit=ingest.service victim=cgroup"},
		{"243 result", by("systemd[1]", "ingest.service: Failed with result 'oom-kill'."), "systemd observation unit=ingest.service"},
		{"229 death", by("systemd[1]", "ingest.service: Main process exited, code=killed, status=9/KILL"), "systemd death unit=ingest.service signal=SIGKILL"},
		{
			"240 death", entry(true, "ingest.service: Main process exited, code=killed, status=9/KILL",
				with(initFields, "MESSAGE_ID="+messageExit, "UNIT=ingest.service", "EXIT_CODE=killed", "EXIT_STATUS=9")...),
			"systemd death unit=ingest.service signal=SIGKILL verified=true",
		},
		{"death of a helper", by("systemd[1]", "ingest.service: Control process exited, code=killed, status=9/KILL (success)"), "systemd death unit=ingest.service signal=SIGKILL"},
		{"219 death", by("systemd", "ingest.service: main process exited, code=killed, status=9/KILL"), "systemd death unit=ingest.service signal=SIGKILL"},
		{"219 death of a helper", by("systemd", "ingest.service: control process exited, code=killed status=9"), "systemd death unit=ingest.service signal=SIGKILL"},
		{"231 sent", by("systemd[1]", "ingest.service: Killing process 4410 (ingest) with signal SIGKILL."), "systemd sent unit=ingest.service pid=4410 comm=ingest signal=SIGKILL sender=systemd sender_pid=1"},
		{"231 sent, odd name", by("systemd[1]", "ingest.service: Killing process 4410 (a) (b) with signal SIGKILL."), "systemd sent unit=ingest.service pid=4410 comm=a) (b signal=SIGKILL sender=systemd sender_pid=1"},
		{"247 client", by("systemd[1]", "ingest.service: Sent signal SIGKILL to main process 4410 (ingest) on client request."), "systemd sent unit=ingest.service pid=4410 comm=ingest signal=SIGKILL reason=client_request sender=systemd sender_pid=1"},
		{"247 client, others", by("systemd[1]", "ingest.service: Sending signal SIGKILL to process 4411 (helper) on client request."), "systemd sent unit=ingest.service pid=4411 comm=helper signal=SIGKILL reason=client_request sender=systemd sender_pid=1"},
		{"257 client", by("systemd[1]", "ingest.service: Killed unit cgroup with SIGKILL on client request."), "systemd sent unit=ingest.service victim=cgroup signal=SIGKILL reason=client_request sender=systemd sender_pid=1"},
		{"229 stop", by("systemd[1]", "ingest.service: State 'stop-sigterm' timed out. Killing."), "systemd sent unit=ingest.service signal=SIGKILL reason=stop_timeout sender=systemd sender_pid=1"},
		{"watchdog", by("systemd[1]", "ingest.service: State 'stop-watchdog' timed out. Killing."), "systemd sent unit=ingest.service signal=SIGKILL reason=watchdog sender=systemd sender_pid=1"},
		{"scope", by("systemd[1]", "session-3.scope: Stopping timed out. Killing."), "systemd sent unit=session-3.scope signal=SIGKILL reason=stop_timeout sender=systemd sender_pid=1"},
		{"219 stop", by("systemd", "ingest.service stop-sigterm timed out. Killing."), "systemd sent unit=ingest.service signal=SIGKILL reason=stop_timeout sender=systemd"},

		// containerd
		{"1.2 oom", by("containerd", exit(`TaskOOM event &TaskOOM{ContainerID:`+anID+`,XXX_unrecognized:[],}`)), "containerd observation killer=kernel container=" + anID + " victim=container" + at},
		{"1.7 oom", by("containerd", exit(`TaskOOM event container_id:\"`+anID+`\"`)), "containerd observation killer=kernel container=" + anID + " victim=container" + at},
		{"oom journal", entry(true, exit(`TaskOOM event container_id:\"`+anID+`\"`), containerdFields...), "containerd observation killer=kernel container=" + anID + " victim=container" + at + " verified=true"},
		{"oom JSON", by("", `{"level":"info","msg":"TaskOOM event container_id:\"`+anID+`\"","time":"2026-05-02T10:00:01.3Z"}`), "containerd observation killer=kernel container=" + anID + " victim=container" + at},
		{"oom bare", by("k3s", `TaskOOM event container_id:"`+anID+`"`), "containerd observation killer=kernel container=" + anID + " victim=container"},
		{"1.2 exit", by("containerd", exit(`TaskExit event &TaskExit{ContainerID:`+anID+`,ID:`+anID+`,Pid:7620,ExitStatus:137,ExitedAt:2026-05-02 10:00:01.299 +0000 UTC,XXX_unrecognized:[],}`)), "containerd death container=" + anID + " pid=7620 victim=container exit=137 signal=SIGKILL" + at},
		{"1.7 exit, one blank", by("containerd", exit(`received exit event container_id:\"`+anID+`\" id:\"`+anID+`\" pid:7620 exit_status:137 exited_at:{seconds:1777716001 nanos:299000000}`)), "containerd death container=" + anID + " pid=7620 victim=container exit=137 signal=SIGKILL" + at},
		{"2.1.5 exit, two blanks", by("containerd", exit(`received container exit event container_id:\"`+anID+`\"  id:\"`+anID+`\"  pid:7620  exit_status:137  exited_at:{seconds:1777716001  nanos:299000000}`)), "containerd death container=" + anID + " pid=7620 victim=container exit=137 signal=SIGKILL" + at},
		{"2.0 exit of the stream", by("containerd", exit(`TaskExit event container_id:\"`+anID+`\"  id:\"`+anID+`\"  pid:7620  exit_status:137  exited_at:{seconds:1777716001  nanos:299000000}`)), "containerd death container=" + anID + " pid=7620 victim=container exit=137 signal=SIGKILL" + at},
		{"kill", by("containerd[812]", exit(`Kill container \"`+anID+`\"`)), "containerd sent container=" + anID + " victim=container signal=SIGKILL sender=containerd" + at},

		// dockerd
		{"20.10 force", by("dockerd[900]", exit(`Container `+anID+` failed to exit within 10 seconds of signal 15 - using the force`)), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at},
		{"1.13 force", by("dockerd-current", exit(`Container `+anID+` failed to exit within 10 seconds of signal 15 - using the force`)), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at},
		{"1.10 force", by("docker[492]", exit(`Container `+anID+` failed to exit within 10 seconds of SIGTERM - using the force`)), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at},
		{"20.10 direct", by("dockerd", exit(`Container 4f2a9be0c7d1 failed to exit within 10 seconds of kill - trying direct SIGKILL`)), "dockerd sent prefix=4f2a9be0c7d1 victim=container signal=SIGKILL sender=dockerd" + at},
		{"27 force", by("dockerd", exit(`Container failed to exit within 10s of signal 15 - using the force`)+" container="+anID), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at},
		{"27 direct", by("dockerd", exit(`Container failed to exit within 10s of kill - trying direct SIGKILL`)+" container="+anID+` error="context deadline exceeded"`), "dockerd sent container=" + anID + " victim=container signal=SIGKILL sender=dockerd" + at},
		{"27 force JSON", by("dockerd", `{"container":"`+anID+`","level":"info","msg":"Container failed to exit within 10s of signal 15 - using the force","time":"2026-05-02T10:00:01.3Z"}`), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at},
		{"force journal", entry(true, exit(`Container failed to exit within 10s of signal 15 - using the force`)+" container="+anID, dockerdFields...), "dockerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=dockerd" + at + " verified=true"},

		// docker events
		{"oom", by("", dockerJSON("oom", `"name":"web","image":"web:1"`)), "dockerd observation killer=kernel container=" + anID + " victim=container name=web image=web:1 at=2026-05-02T10:00:01.871204551Z"},
		{"29 oom", by("", `{"Type":"container","Action":"oom","Actor":{"ID":"`+anID+`","Attributes":{"image":"web:1","name":"web"}},"scope":"local","time":1777716001,"timeNano":1777716001871204551}`), "dockerd observation killer=kernel container=" + anID + " victim=container name=web image=web:1 at=2026-05-02T10:00:01.871204551Z"},
		{"1.9 oom", by("", `{"status":"oom","id":"`+anID+`","from":"web:1","time":1777716001}`), "dockerd observation killer=kernel container=" + anID + " victim=container at=2026-05-02T10:00:01Z"},
		{"oom text", by("", "2026-05-02T10:00:01.871204551Z container oom "+anID+" (image=web:1, name=web)"), "dockerd observation killer=kernel container=" + anID + " victim=container at=2026-05-02T10:00:01.871204551Z"},
		{"oom text, stamp taken", by("docker", "container oom "+anID+" (image=web:1, name=web)"), "dockerd observation killer=kernel container=" + anID + " victim=container"},
		{"die", by("", dockerJSON("die", `"exitCode":"137","image":"web:1","name":"web"`)), "dockerd death container=" + anID + " victim=container exit=137 signal=SIGKILL name=web image=web:1 at=2026-05-02T10:00:01.871204551Z"},
		{"die text", by("", "2026-05-02T10:00:01.871204551Z container die "+anID+" (execDuration=113, exitCode=137, image=web:1, name=web)"), "dockerd death container=" + anID + " victim=container exit=137 signal=SIGKILL at=2026-05-02T10:00:01.871204551Z"},
		{"kill", by("", dockerJSON("kill", `"image":"web:1","name":"web","signal":"9"`)), "dockerd sent container=" + anID + " victim=container signal=SIGKILL sender=dockerd name=web image=web:1 at=2026-05-02T10:00:01.871204551Z"},
		{"kill text", by("", "2026-05-02T10:00:01.871204551Z container kill "+anID+" (image=web:1, name=web, signal=9)"), "dockerd sent container=" + anID + " victim=container signal=SIGKILL sender=dockerd at=2026-05-02T10:00:01.871204551Z"},

		// conmon
		{"1", by("conmon", "conmon 4f2a9be0c7d1835e6f90 <ninfo>: OOM event received"), "conmon observation killer=kernel prefix=4f2a9be0c7d1835e6f90 victim=container"},
		{"2", by("conmon[77]", "conmon 4f2a9be0c7d1835e6f90 <ninfo>: OOM received"), "conmon observation killer=kernel prefix=4f2a9be0c7d1835e6f90 victim=container"},

		// podman
		{"died", entry(true, podmanText, with(podmanFields, "PODMAN_EXIT_CODE=137")...), "podman death container=" + anID + " victim=container exit=137 signal=SIGKILL name=web image=docker.io/library/web:1"},
		{
			"died of OOM", entry(true, podmanText, with(podmanFields, "PODMAN_EXIT_CODE=1", "PODMAN_OOM_KILLED=true", "PODMAN_TIME=2026-05-02T10:00:01.9Z")...),
			"podman observation killer=kernel container=" + anID + " victim=container exit=1 name=web image=docker.io/library/web:1 at=2026-05-02T10:00:01.9Z",
		},
		{"5 JSON", by("", `{"ContainerExitCode":137,"ID":"`+anID+`","Image":"web:1","Name":"web","Status":"died","Time":"2026-05-02T10:00:01.9Z","Type":"container","Attributes":{}}`), "podman death container=" + anID + " victim=container exit=137 signal=SIGKILL name=web image=web:1 at=2026-05-02T10:00:01.9Z"},
		{"6 JSON", by("", `{"ContainerExitCode":1,"OOMKilled":true,"ID":"`+anID+`","Image":"web:1","Name":"web","Status":"died","time":1777716001,"timeNano":1777716001900000000,"Type":"container"}`), "podman observation killer=kernel container=" + anID + " victim=container exit=1 name=web image=web:1 at=2026-05-02T10:00:01.9Z"},
		{"force", by("podman", `time="2026-05-02T10:00:01.3Z" level=warning msg="StopSignal SIGTERM failed to stop container web in 10 seconds, resorting to SIGKILL"`), ""},
	} {
		got := strings.Join(says(c.line), "; ")
		if got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.name, c.line.Text, got, c.want)
		}
	}
}

const podmanText = "2026-05-02 10:00:01.9 +0000 UTC container died " + anID + " (image=docker.io/library/web:1, name=web)"

func dockerJSON(action, attributes string) string {
	return `{"status":"` + action + `","id":"` + anID + `","from":"web:1","Type":"container","Action":"` + action +
		`","Actor":{"ID":"` + anID + `","Attributes":{` + attributes + `}},"scope":"local","time":1777716001,"timeNano":1777716001871204551}`
}

// TestManagersSayNothing gives the readers what looks like a sample and is none.
func TestManagersSayNothing(t *testing.T) {
	oom := "ingest.service: A process of this unit has been killed by the OOM killer."
	exit := func(event string, status int) string {
		return fmt.Sprintf(`time="2026-05-02T10:00:01.3Z" level=info msg="%s container_id:\"%s\" id:\"%s\" pid:7620 exit_status:%d exited_at:{seconds:1777716001}"`, event, anID, anID, status)
	}
	inContainer := func(text string) Line { return Line{Text: text, Author: Author{Container: true}} }
	for name, line := range map[string]Line{
		// Somebody else's words.
		"other program":           by("tickets", oom),
		"kernel":                  {Text: oom, At: report.Stamp{Origin: report.OriginKernel}},
		"container":               inContainer(oom),
		"container, TaskOOM":      inContainer(`time="2026-05-02T10:00:01.3Z" level=info msg="TaskOOM event container_id:\"` + anID + `\""`),
		"container, docker event": inContainer(dockerJSON("oom", `"name":"web"`)),
		"container, conmon":       inContainer("conmon 4f2a9be0c7d1835e6f90 <ninfo>: OOM received"),
		"forged identifier":       entry(true, oom, "SYSLOG_IDENTIFIER=systemd", "_TRANSPORT=journal", "_PID=4410", "_UID=1000", "_COMM=logger", "UNIT=ingest.service", "MESSAGE_ID="+messageOutOfMemory),
		"forged by stdout":        entry(true, oom, "SYSLOG_IDENTIFIER=systemd", "_TRANSPORT=stdout", "_PID=4410", "_UID=1000", "_COMM=systemd"),
		"forged containerd":       entry(true, `TaskOOM event container_id:"`+anID+`"`, "SYSLOG_IDENTIFIER=containerd", "_TRANSPORT=stdout", "_COMM=bash", "_SYSTEMD_UNIT=session-3.scope"),
		"quoted":                  by("systemd[1]", `ingest.service: said "A process of this unit has been killed by the OOM killer."`),
		"prose":                   by("", "Yesterday ingest.service: A process of this unit has been killed by the OOM killer."),
		"ticket":                  by("", "OPS-12: ingest.service: A process of this unit has been killed by the OOM killer."),
		"more":                    by("systemd[1]", oom+" See the runbook."),
		"no unit":                 by("systemd[1]", "A process of this unit has been killed by the OOM killer."),
		"no name":                 by("systemd[1]", ".service: A process of this unit has been killed by the OOM killer."),
		"timer":                   by("systemd[1]", "ingest.timer: A process of this unit has been killed by the OOM killer."),
		"other unit":              entry(true, oom, with(initFields, "UNIT=web.service")...),
		"other message":           entry(true, oom, with(initFields, "UNIT=ingest.service", "MESSAGE_ID="+messageFailed)...),
		"long unit":               by("systemd[1]", strings.Repeat("a", 250)+".service: A process of this unit has been killed by the OOM killer."),

		// systemd's other lines.
		"result signal":      by("systemd[1]", "ingest.service: Failed with result 'signal'."),
		"result timeout":     by("systemd[1]", "ingest.service: Failed with result 'timeout'."),
		"other result":       entry(true, "ingest.service: Failed with result 'oom-kill'.", with(initFields, "UNIT_RESULT=signal")...),
		"policy":             by("systemd[1]", "/etc/systemd/system/ingest.service:9: Failed to parse OOM policy, ignoring: oom-killer"),
		"oomd's own unit":    by("systemd[1]", "Started systemd-oomd.service - Userspace Out-Of-Memory (OOM) Killer."),
		"oomd killed nobody": by("systemd[1]", "ingest.service: systemd-oomd killed no process(es) in this unit."),
		"oomd, no number":    by("systemd[1]", "ingest.service: systemd-oomd killed 99999999999999999999 process(es) in this unit."),
		"status 137":         by("systemd[1]", "ingest.service: Main process exited, code=exited, status=137/n/a"),
		"status 9":           by("systemd[1]", "ingest.service: Main process exited, code=exited, status=9/n/a"),
		"SIGTERM":            by("systemd[1]", "ingest.service: Main process exited, code=killed, status=15/TERM"),
		"other status":       entry(true, "ingest.service: Main process exited, code=killed, status=9/KILL", with(initFields, "EXIT_STATUS=15")...),
		"client HUP":         by("systemd[1]", "ingest.service: Sent signal SIGHUP to main process 4410 (ingest) on client request."),
		"stop skipped":       by("systemd[1]", "ingest.service: State 'stop-sigterm' timed out. Skipping SIGKILL."),
		"start":              by("systemd[1]", "ingest.service: start operation timed out. Terminating."),
		"left over":          by("systemd[1]", "ingest.service: Processes still around after SIGKILL. Ignoring."),
		"kill without pid":   by("systemd[1]", "ingest.service: Killing process n/a (ingest) with signal SIGKILL."),
		"kill of pid 0":      by("systemd[1]", "ingest.service: Killing process 0 (ingest) with signal SIGKILL."),

		// containerd
		"2 sandbox exit":       by("containerd", exit("received sandbox exit event", 137)),
		"2.3 sandbox exit":     by("containerd", exit("received sandbox container exit event", 137)),
		"2.0 sandbox exit":     by("containerd", exit("TaskExit event in podsandbox handler", 137)),
		"exit 0":               by("containerd", exit("received container exit event", 0)),
		"exit 143":             by("containerd", exit("received container exit event", 143)),
		"exit 1370":            by("containerd", exit("received container exit event", 1370)),
		"exec":                 by("containerd", `received exit event container_id:"`+anID+`" id:"`+otherID+`" pid:7620 exit_status:137 exited_at:{seconds:1777716001}`),
		"1.6 exec":             by("containerd", `TaskExit event &TaskExit{ContainerID:`+anID+`,ID:`+otherID+`,Pid:7620,ExitStatus:137,ExitedAt:2026-05-02 10:00:01 +0000 UTC,XXX_unrecognized:[],}`),
		"topic":                by("containerd", `time="2026-05-02T10:00:01.3Z" level=debug msg="event published" ns=k8s.io topic=/tasks/oom type=containerd.events.TaskOOM `),
		"short id":             by("containerd", `TaskOOM event container_id:"4f2a9be0c7d1"`),
		"cut":                  by("containerd", `TaskOOM event container_id:"`+anID),
		"1.6 cut":              by("containerd", `TaskOOM event &TaskOOM{ContainerID:`+anID),
		"failed to handle":     by("containerd", `time="2026-05-02T10:00:01.3Z" level=error msg="failed to handle container TaskExit event container_id:\"`+anID+`\" id:\"`+anID+`\" pid:7620 exit_status:137"`),
		"message of a message": by("containerd", `time="2026-05-02T10:00:01.3Z" level=info msg="plugin said" log="TaskOOM event container_id:\"`+anID+`\""`),

		// dockerd
		"exec force":     by("dockerd", `Container `+anID+`, process `+otherID+` failed to exit within 10 seconds of signal TERM - using the force`),
		"force, no id":   by("dockerd", `time="2026-05-02T10:00:01.3Z" level=info msg="Container failed to exit within 10s of signal 15 - using the force"`),
		"force, others":  by("dockerd", `Container web failed to exit within 10 seconds of signal 15 - using the force`),
		"task delete":    by("dockerd", `time="2026-05-02T10:00:01.3Z" level=info msg="ignoring event" container=`+anID+` module=libcontainerd topic=/tasks/delete`),
		"force, other":   by("dockerd", `Container `+anID+` failed to exit within 10 seconds of nothing - using the force`),
		"hook's command": by("dockerd", `time="2026-05-02T10:00:01.3Z" level=info msg="may the force be with `+anID+`"`),

		// docker events
		"die 0":          by("", dockerJSON("die", `"exitCode":"0","name":"web"`)),
		"die of pause":   by("", dockerJSON("die", `"exitCode":"137","name":"k8s_POD_cart-0_shop_0c1d2e3f_0"`)),
		"die of sandbox": by("", dockerJSON("die", `"exitCode":"137","io.kubernetes.docker.type":"podsandbox"`)),
		"pause, text":    by("", "2026-05-02T10:00:01.8Z container die "+anID+" (exitCode=137, image=pause, name=k8s_POD_cart-0_shop_0c1d2e3f_0)"),
		"label, text":    by("", "2026-05-02T10:00:01.8Z container die "+anID+" (a=b, exitCode=137, exitCode=0, image=web, name=web)"),
		"exec_die":       by("", dockerJSON("exec_die", `"exitCode":"137","name":"web"`)),
		"kill TERM":      by("", dockerJSON("kill", `"signal":"15","name":"web"`)),
		"other type":     by("", strings.Replace(dockerJSON("oom", `"name":"web"`), `"Type":"container"`, `"Type":"network"`, 1)),
		"two ids":        by("", strings.Replace(dockerJSON("oom", `"name":"web"`), `"id":"4f`, `"id":"5f`, 1)),
		"dashboard":      by("", `{"panel":"oom","status":"oom","id":"OOMKilled"}`),
		"text of others": by("", "the container oom limit (512 MiB) was raised"),
		"events by app":  by("myapp", dockerJSON("oom", `"name":"web"`)),

		// conmon, podman
		"conmon exit":      by("conmon", "conmon 4f2a9be0c7d1835e6f90 <ninfo>: container 77 exited with status 137"),
		"conmon short":     by("conmon", "conmon 4f2a9be0c7d1 <ninfo>: OOM received"),
		"podman text":      by("podman", podmanText),
		"podman exec":      entry(true, "container exec_died "+anID, with(podmanFields, "PODMAN_EVENT=exec_died", "PODMAN_EXIT_CODE=137")...),
		"podman 0":         entry(true, podmanText, with(podmanFields, "PODMAN_EXIT_CODE=0", "PODMAN_OOM_KILLED=false")...),
		"podman pod":       entry(true, podmanText, with(podmanFields, "PODMAN_TYPE=pod", "PODMAN_EXIT_CODE=137")...),
		"podman infra":     entry(true, podmanText, with(podmanFields, "PODMAN_NAME=0c1d2e3f4a5b-infra", "PODMAN_EXIT_CODE=137")...),
		"podman exec stop": by("podman", `level=info msg="Timed out waiting for container `+anID+` exec session `+otherID+` to stop, resorting to SIGKILL: x"`),

		// What only looks alike.
		"java":       by("app", "java.lang.OutOfMemoryError: Java heap space"),
		"oom_score":  by("systemd[1]", "ingest.service: Failed to adjust OOM setting: Permission denied: oom-kill"),
		"supervisor": by("supervisord", "INFO exited: worker (exit status 137; not expected)"),
		"empty":      by("systemd[1]", ""),
	} {
		if got := says(line); len(got) > 0 {
			t.Errorf("%s: %s\n got %s, want nothing", name, line.Text, strings.Join(got, "; "))
		}
	}
}

// TestDeathsAreAsked reads without the setting: only what is about memory counts.
func TestDeathsAreAsked(t *testing.T) {
	for _, text := range []string{
		"ingest.service: Main process exited, code=killed, status=9/KILL",
		"ingest.service: State 'stop-sigterm' timed out. Killing.",
		`received container exit event container_id:"` + anID + `" id:"` + anID + `" pid:7620 exit_status:137 exited_at:{}`,
		dockerJSON("die", `"exitCode":"137"`),
	} {
		var readers Readers
		readers.Read(&Line{Text: text}, func(f *Fact) { t.Errorf("%s: %s", text, describe(f)) })
	}
}

// TestSandboxes reads the end of a pod: its pause container dies of SIGKILL each time.
func TestSandboxes(t *testing.T) {
	exit := func(id string) Line {
		return by("containerd", `received exit event container_id:"`+id+`" id:"`+id+`" pid:7620 exit_status:137 exited_at:{seconds:1777716001}`)
	}
	got := says(
		by("containerd", `StopContainer for "`+anID+`" with timeout 30 (s)`),
		by("containerd", `Stop container "`+anID+`" with signal terminated`),
		by("containerd", `Kill container "`+anID+`"`),
		exit(anID),
		by("containerd", `StopPodSandbox for "`+otherID+`"`),
		exit(otherID),
		by("containerd", `StopPodSandbox for "`+otherID+`" returns successfully`),
	)
	want := []string{
		"containerd sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=containerd",
		"containerd death container=" + anID + " pid=7620 victim=container exit=137 signal=SIGKILL",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPodmanStops reads what podman says of containers that it stopped: the line of a signal has a
// name alone, and the event of the same process the id. One process may stop several.
func TestPodmanStops(t *testing.T) {
	stop := func(pid string) Line {
		return entry(true, `time="2026-05-02T10:00:01.3Z" level=warning msg="StopSignal SIGTERM failed to stop container web in 10 seconds, resorting to SIGKILL"`,
			"SYSLOG_IDENTIFIER=podman", "_COMM=podman", "_TRANSPORT=stdout", "_PID="+pid)
	}
	other := stop("3000")
	other.Text = strings.Replace(other.Text, "web", "db", 1)
	died := entry(true, podmanText, with(podmanFields, "PODMAN_EXIT_CODE=137")...) // of process 3000
	sent := "podman sent container=" + anID + " victim=container signal=SIGKILL reason=stop_timeout sender=podman name=web at=2026-05-02T10:00:01.3Z"
	death := "podman death container=" + anID + " victim=container exit=137 signal=SIGKILL name=web image=docker.io/library/web:1"
	for _, c := range []struct {
		name  string
		lines []Line
		want  []string
	}{
		{"of the same process", []Line{stop("3000"), died}, []string{sent, death}},
		{"once", []Line{stop("3000"), died, died}, []string{sent, death, death}},
		{"of several", []Line{stop("3000"), other, died}, []string{sent, death}},
		{"of another process", []Line{stop("3001"), died}, []string{death}},
		{"of no known process", []Line{by("podman", stop("").Text), died}, []string{death}},
	} {
		if got := says(c.lines...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestRecentIDs holds the memory to its bound, and a copy apart.
func TestRecentIDs(t *testing.T) {
	var r recentIDs
	for i := range 3 * len(r.ids) {
		r.add(fmt.Sprint(i))
	}
	if r.has("0") || !r.has(fmt.Sprint(3*len(r.ids)-1)) || !r.has(fmt.Sprint(2*len(r.ids))) {
		t.Error("not the last ids are kept")
	}
	c := &containerdLog{sandboxes: r}
	clone := c.Clone().(*containerdLog)
	clone.sandboxes.add("new")
	if c.sandboxes.has("new") || !clone.sandboxes.has("new") {
		t.Error("a clone shares its state")
	}
}

// FuzzManagers reads any text, with any fields, as each of the managers.
func FuzzManagers(f *testing.F) {
	f.Add("ingest.service: Killing process 4410 (ingest) with signal SIGKILL.", "")
	f.Add("ingest.service: systemd-oomd killed 4 process(es) in this unit.", "")
	f.Add(`time="2026-05-02T10:00:01.3Z" level=info msg="TaskOOM event container_id:\"`+anID+`\""`, "")
	f.Add(`TaskExit event &TaskExit{ContainerID:`+anID+`,ID:`+anID+`,Pid:7620,ExitStatus:137,ExitedAt:x,}`, "")
	f.Add("Container failed to exit within 10s of signal 15 - using the force", "")
	f.Add(dockerJSON("die", `"exitCode":"137"`), "")
	f.Add("2026-05-02T10:00:01.8Z container oom "+anID+" (name=web)", "")
	f.Add("conmon 4f2a9be0c7d1835e6f90 <ninfo>: OOM received", "")
	f.Add(`{"ContainerExitCode":137,"ID":"`+anID+`","Status":"died","Time":"2026-05-02T10:00:01.9Z","Type":"container"}`, "")
	f.Add(podmanText, "_PID=7\nPODMAN_EVENT=died\nPODMAN_TYPE=container\nPODMAN_ID="+anID+"\nPODMAN_EXIT_CODE=137\nPODMAN_OOM_KILLED=true")
	f.Add("ingest.service: Failed with result 'oom-kill'.", "_PID=1\n_UID=0\n_COMM=systemd\n_TRANSPORT=journal\nUNIT=ingest.service\nUNIT_RESULT=oom-kill")
	f.Fuzz(func(t *testing.T, text, fields string) {
		for _, program := range []string{"", "systemd[1]", "systemd[9]", "containerd", "dockerd", "docker", "conmon", "podman"} {
			line := by(program, text)
			if fields != "" {
				line = entry(false, text, append(strings.Split(fields, "\n"), "SYSLOG_IDENTIFIER="+line.Author.Program)...)
			}
			once := Readers{Deaths: true}
			again := once.Clone()
			var first, second []string
			once.Read(&line, func(f *Fact) {
				first = append(first, describe(f))
				k := &f.Keys
				switch {
				case f.Verified:
					t.Errorf("%q proves its writer", text)
				case f.Writer == "" || f.Text != text:
					t.Errorf("%q: a fact without writer or line", text)
				case k.ContainerID != "" && !ids.IsContainerID(k.ContainerID), k.ContainerPrefix != "" && !ids.IsHex(k.ContainerPrefix):
					t.Errorf("%q: %q is no id", text, k.ContainerID+k.ContainerPrefix)
				case k.HasPID && k.PID <= 0:
					t.Errorf("%q: pid %d", text, k.PID)
				}
			})
			again.Read(&line, func(f *Fact) { second = append(second, describe(f)) })
			if !slices.Equal(first, second) {
				t.Errorf("%q: %q, then %q", text, first, second)
			}
		}
	})
}
