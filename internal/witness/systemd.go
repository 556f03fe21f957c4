// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Systemd is the name of systemd as a writer, SystemdOomd that of its killer, Kernel that of the
// kernel as one.
const (
	Systemd     = "systemd"
	SystemdOomd = "systemd-oomd"
	Kernel      = "kernel"
)

// systemdProgram reads what service managers, that of the system and those of users, say of their
// units (systemd, src/core/unit.c, service.c, scope.c):
//
//	243+  UNIT: A process of this unit has been killed by the OOM killer.
//	247+  UNIT: systemd-oomd killed N process(es) in this unit.
//	251+  UNIT: systemd-oomd killed some process(es) in this unit.
//	243+  UNIT: Failed with result 'oom-kill'.
//	229+  UNIT: Main process exited, code=killed, status=9/KILL
//	219   UNIT: main process exited, code=killed, status=9/KILL
//	231+  UNIT: Killing process PID (COMM) with signal SIGKILL.
//	247+  UNIT: Sent signal SIGKILL to main process PID (COMM) on client request.
//	247+  UNIT: Sending signal SIGKILL to process PID (COMM) on client request.
//	257+  UNIT: Killed unit cgroup with SIGKILL on client request.
//	229+  UNIT: State 'stop-sigterm' timed out. Killing.
//	219   UNIT stop-sigterm timed out. Killing.
//
// Each slice above a unit repeats the first line: its counter counts what is below it.
var systemdProgram = program{
	name: Systemd,
	triggers: []string{
		"OOM kill", // A process of this unit has been killed by the OOM killer.
		"oomd kil", // systemd-oomd killed
		"oom-kill", // Failed with result 'oom-kill'.
	},
	deaths: []string{
		"s=9/KILL", // code=killed, status=9/KILL
		"lled sta", // code=killed status=9 (219, control process)
		"l SIGKIL", // with signal SIGKILL, Sent signal SIGKILL to
		"h SIGKIL", // Killed unit cgroup with SIGKILL on client request.
		"out. Kil", // timed out. Killing.
	},
	new: Func(readSystemd).New,
}

// systemdAuthor has no units: only [isInit] proves a manager.
var systemdAuthor = daemon{names: []string{Systemd}, comms: []string{Systemd}}

// The ids of systemd's messages (src/systemd/sd-messages.h).
const (
	messageOutOfMemory = "fe6faa94e7774663a0da52717891d8ef" // 243+
	messageOomdKill    = "d989611b15e44c9dbf31e3c81256e4ed" // 247+
	messageFailed      = "d9b373ed55a64feb8242e02dbe79a49c" // 240+
	messageExit        = "98e322203f7a4ed290d09fe03c09fe15" // 240+
)

// maxUnit is the most bytes of a unit's name (UNIT_NAME_MAX).
const maxUnit = 255

// readSystemd returns what a line of a service manager says.
func readSystemd(l *Line) Fact {
	a := &l.Author
	// What it prints to a stream is no message of its own.
	if ok, _ := systemdAuthor.wrote(l); !ok || a.Transport == "stdout" {
		return Fact{}
	}
	unit, said := cutUnit(strings.TrimRight(l.Text, " \r\n"))
	if unit == "" {
		return Fact{}
	}
	for _, name := range [...]string{"UNIT", "USER_UNIT"} {
		if field := a.Get(name); field != "" && field != unit {
			return Fact{}
		}
	}
	f := unitSays(said, a)
	if f.Kind == None {
		return Fact{}
	}
	f.Writer, f.Verified = Systemd, isInit(a)
	setUnit(&f.Keys, unit, a)
	if f.Kind == Sent {
		f.Signal, f.Sender = sigkill, senderOf(a, Systemd)
	}
	return f
}

// cutUnit cuts the name of the unit from the start of a message.
func cutUnit(text string) (unit, said string) {
	unit, said, ok := strings.Cut(text, " ")
	if !ok {
		return "", ""
	}
	if name, colon := strings.CutSuffix(unit, ":"); colon {
		unit = name
	} else if !strings.HasSuffix(said, timedOut) { // 219 has no colon there
		return "", ""
	}
	if !isUnit(unit) {
		return "", ""
	}
	return unit, said
}

const (
	sigkill  = "SIGKILL"
	timedOut = " timed out. Killing."
)

// unitSays returns the fact of what a manager said of a unit, without unit and writer.
func unitSays(said string, a *Author) Fact {
	id := a.Get("MESSAGE_ID")
	is := func(message string) bool { return id == "" || id == message }
	switch {
	case said == "A process of this unit has been killed by the OOM killer." && is(messageOutOfMemory):
		return Fact{Kind: Observation, Killer: Kernel}
	case said == "Failed with result 'oom-kill'.":
		if result := a.Get("UNIT_RESULT"); result != "" && result != "oom-kill" {
			return Fact{}
		}
		// The kernel, or systemd-oomd for services from 251 and scopes from 252 on.
		return Fact{Kind: Observation}
	case strings.HasPrefix(said, "systemd-oomd killed ") && is(messageOomdKill):
		return oomdKilled(said)
	case strings.Contains(said, " process exited, code="):
		return processExited(said, a)
	default:
		return managerSent(said)
	}
}

// oomdKilled reads what the manager found that systemd-oomd did. The number counts since the
// cgroup was made.
func oomdKilled(said string) Fact {
	number, ok := between(said, "systemd-oomd killed ", " process(es) in this unit.")
	if !ok {
		return Fact{}
	}
	f := Fact{Kind: Observation, Killer: SystemdOomd, VictimKind: VictimCgroup}
	if number == "some" { // 251+
		return f
	}
	n, ok := wholeNumber(number)
	f.Observed = report.Some(n)
	if !ok {
		return Fact{}
	}
	return f
}

// processExited reads the death of a unit's process. The line has no pid.
func processExited(said string, a *Author) Fact {
	role, how, _ := strings.Cut(said, " process exited, code=")
	switch role {
	case "Main", "Control", "Mount", "Swap", "main", "control": // small letters: 219
	default:
		return Fact{}
	}
	switch strings.TrimSuffix(how, " (success)") {
	case "killed, status=9/KILL", "killed status=9": // without a comma: 219
	default:
		return Fact{}
	}
	if status := a.Get("EXIT_STATUS"); status != "" && status != "9" {
		return Fact{}
	}
	return Fact{Kind: Death, Signal: sigkill}
}

// managerSent reads which SIGKILL the manager sent, and why.
func managerSent(said string) Fact {
	if said == "Killed unit cgroup with SIGKILL on client request." {
		return Fact{Kind: Sent, VictimKind: VictimCgroup, Reason: reasonClient}
	}
	if state, ok := strings.CutSuffix(said, timedOut); ok {
		// "State 'stop-sigterm'", "Stopping", "Remounting"; 219: "stop-sigterm".
		if len(state) == 0 || len(state) > 64 || strings.Contains(state, ": ") {
			return Fact{}
		}
		reason := reasonStop
		if strings.Contains(state, "watchdog") {
			reason = "watchdog"
		}
		return Fact{Kind: Sent, Reason: reason}
	}
	for _, form := range [...]struct{ before, after, reason string }{
		{"Killing process ", " with signal SIGKILL.", ""},
		{"Sent signal SIGKILL to main process ", " on client request.", reasonClient},
		{"Sent signal SIGKILL to control process ", " on client request.", reasonClient},
		{"Sending signal SIGKILL to process ", " on client request.", reasonClient},
		{"Sending signal SIGKILL to main process ", " on client request.", reasonClient},
		{"Sending signal SIGKILL to control process ", " on client request.", reasonClient},
	} {
		who, ok := between(said, form.before, form.after)
		if !ok {
			continue
		}
		f := Fact{Kind: Sent, Reason: form.reason}
		if f.Keys.PID, f.Keys.Comm, ok = pidAndComm(who); !ok {
			return Fact{}
		}
		f.Keys.HasPID = true
		return f
	}
	return Fact{}
}

// The reasons of a signal.
const (
	reasonClient = "client_request"
	reasonStop   = "stop_timeout"
)

// pidAndComm reads "PID (COMM)". A comm may hold any bytes.
func pidAndComm(s string) (pid int64, comm string, ok bool) {
	number, comm, _ := strings.Cut(s, " (")
	comm, ok = strings.CutSuffix(comm, ")")
	pid, isNumber := wholeNumber(number)
	return pid, comm, ok && isNumber && pid > 0
}

// setUnit sets the keys of a unit: that of the system's manager, or that of a user's.
func setUnit(k *Keys, unit string, a *Author) {
	if a.Get("USER_UNIT") != "" || a.HasPID && a.PID != 1 {
		k.UserUnit, k.Invocation = unit, a.Get("USER_INVOCATION_ID")
		if a.HasUID {
			k.UserID = report.Some(a.UID)
		}
		return
	}
	k.Unit, k.Invocation = unit, a.Get("INVOCATION_ID")
	if id := identity.Of("/" + unit); ids.IsContainerID(id.ContainerID) && !id.Monitor {
		k.ContainerID = id.ContainerID
	}
	if path := slicePath(unit); path != "" {
		k.PodUID = identity.Of(path).PodUID
	}
}

// isInit reports whether journald's own fields prove that the service manager of the system wrote
// the line. No field proves that of a user's manager: its user can set each of them.
func isInit(a *Author) bool {
	return a.Trusted && a.Transport == "journal" && a.Comm == Systemd &&
		a.HasPID && a.PID == 1 && a.HasUID && a.UID == 0
}

// senderOf returns the writer of the line as who sent a signal.
func senderOf(a *Author, name string) Sender {
	s := Sender{Name: name, Exe: a.Exe, Unit: a.Unit}
	if a.HasPID {
		s.PID = report.Some(a.PID)
	}
	if a.HasUID {
		s.UID = report.Some(a.UID)
	}
	return s
}

// requester returns the writer of the line as the program that had a signal sent. Its shim or OCI
// runtime sends it (crun, for podman 4.3.1), so that the writer's pid is not the sender's.
func requester(a *Author, name string) Sender { return Sender{Name: name, Unit: a.Unit} }

// slicePath returns the cgroup of a slice of the system's manager: the name of a slice has those
// of its parents (systemd.slice(5)).
func slicePath(unit string) string {
	name, ok := strings.CutSuffix(unit, ".slice")
	if !ok || strings.Count(name, "-") > 16 {
		return ""
	}
	var path strings.Builder
	for i := range len(name) + 1 {
		if i == len(name) || i > 0 && name[i] == '-' {
			path.WriteString("/" + name[:i] + ".slice")
		}
	}
	return path.String()
}

// isUnit reports whether s is the name of a unit that has processes, or of their slice
// (systemd.unit(5)).
func isUnit(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 || len(s) > maxUnit {
		return false
	}
	switch s[dot+1:] {
	case "service", "scope", "slice", "socket", "mount", "swap":
	default:
		return false
	}
	for i := range dot {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
		case strings.IndexByte(`:-_.\@`, c) >= 0:
		default:
			return false
		}
	}
	return true
}
