// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// TestNamed: each field is known by its names, those of journald in the four spellings of
// in_systemd.
func TestNamed(t *testing.T) {
	spellings := func(name string) []string {
		bare := strings.TrimLeft(name, "_")
		return []string{name, bare, strings.ToLower(name), strings.ToLower(bare)}
	}
	for field, names := range map[Field][]string{
		Message: spellings("MESSAGE"), Priority: spellings("PRIORITY"), Facility: append(spellings("SYSLOG_FACILITY"), "facility", "facility_text", "syslogfacility", "syslogfacility-text", "facility_label"),
		Identifier: spellings("SYSLOG_IDENTIFIER"), Transport: spellings("_TRANSPORT"), Monotonic: spellings("_SOURCE_MONOTONIC_TIMESTAMP"),
		MonotonicEnd: spellings("__MONOTONIC_TIMESTAMP"), Realtime: spellings("__REALTIME_TIMESTAMP"), BootID: spellings("_BOOT_ID"), MachineID: spellings("_MACHINE_ID"),
		Hostname: spellings("_HOSTNAME"), JournalPID: append(spellings("SYSLOG_PID"), "_PID", "_pid"), Unit: append(spellings("_SYSTEMD_UNIT"), spellings("_SYSTEMD_USER_UNIT")...), PID: {"PID", "pid", "procid", "proc_id"}, Cursor: {"__CURSOR", "__cursor"},
		Program: {"ident", "appname", "app_name", "app-name", "program", "programname", "syslogtag"}, PRI: {"pri", "PRI"},
		Log: {"log"}, Body: {"body"}, Msg: {"msg"}, Sequence: {"sequence"}, Sec: {"sec"}, Usec: {"usec"}, Host: {"host"}, Time: {"time"}, File: {"log.file.path"},
		Node: {"node", "nodename", "k8s.node.name", "kubernetes.host"},
		None: {"", "_", "x", "Log", "_log", "cursor", "Time", strings.Repeat("x", 100), "_" + strings.Repeat("X", 100)},
	} {
		for _, name := range names {
			if got := Named([]byte(name)); got != field {
				t.Errorf("%q: field %d, want %d", name, got, field)
			}
		}
	}
}

// fields makes an event of names and values in turn.
func fields(pairs ...any) *Event {
	e := new(Event)
	for i := 0; i < len(pairs); i += 2 {
		v := Value{}
		switch x := pairs[i+1].(type) {
		case string:
			v = Text([]byte(x))
		case int:
			v = Int(int64(x))
		}
		e.Add([]byte(pairs[i].(string)), v)
	}
	return e
}

// TestJudgement: what the fields say of the program that wrote the text.
func TestJudgement(t *testing.T) {
	for _, test := range []struct {
		name                    string
		event                   *Event
		foreign, odd, container bool
	}{
		{"nothing", fields(), false, false, false},
		{"a unit", fields("MESSAGE", "x", "_SYSTEMD_UNIT", "a.service"), true, false, false},
		{"a unit's name that is empty", fields("MESSAGE", "x", "_SYSTEMD_UNIT", ""), false, false, false},
		{"the unit that systemd speaks of", fields("MESSAGE", "x", "UNIT", "a.service"), false, false, false},
		{"the kernel's", fields("appname", "kernel", "facility", 0, "priority", 3, "hostname", "node-1"), false, false, false},
		{"the kernel's, by rsyslog", fields("syslogtag", "kernel:", "syslogfacility-text", "kern"), false, false, false},
		{"empty", fields("appname", "", "ident", "-", "facility", "", "proc_id", "-", "pid", ""), false, false, false},
		{"another program", fields("appname", "evil"), true, false, false},
		{"another program, Logstash", fields("program", "evil"), true, false, false},
		{"another facility", fields("facility", 3), true, false, false},
		{"another facility in a string", fields("facility", "16"), true, false, false},
		{"another facility by name", fields("SYSLOG_FACILITY", "user"), true, false, false},
		{"two facilities", fields("SYSLOG_FACILITY", "0", "SYSLOG_FACILITY", "1"), true, false, false},
		{"no facility of syslog's", fields("facility", "Frankfurt"), false, true, false},
		{"another priority", fields("priority", 11), true, false, false},
		{"the name of a level", fields("priority", "err", "pri", "high"), false, false, false},
		{"a process of the kernel", fields("ident", "kernel", "pid", 12), true, false, false},
		{"a process with a priority", fields("pri", "3", "pid", "12"), true, false, false},
		{"a process, whose is unsaid", fields("pid", 12), false, false, false},
		{"a process beside no facility", fields("facility", "Frankfurt", "pid", 12), false, true, false},
		{"a process of the journal", fields("_TRANSPORT", "kernel", "_PID", "12"), true, false, false},
		{"a transport", fields("_TRANSPORT", "stdout"), true, false, false},
		{"two transports", fields("_TRANSPORT", "kernel", "TRANSPORT", "journal"), true, false, false},
		{"no transport of journald's", fields("transport", "tcp"), false, true, false},
		{"a stream", fields("stream", "stdout"), false, false, true},
		{"Kubernetes", fields("kubernetes.pod_name", "x"), false, false, true},
		{"a node of Kubernetes", fields("kubernetes.host", "x"), false, false, false},
		{"Docker", fields("CONTAINER_ID", "x"), false, false, true},
		{"a container's file", fields("log.file.path", "/var/log/pods/x/y/0.log"), false, false, true},
		{"an event of Kubernetes", fields("message", "x", "involvedObject", ""), true, false, false},
		{"an event of Kubernetes, the newer form", fields("note", "x", "regarding", ""), true, false, false},
		{"another file", fields("log.file.path", "/var/log/kern.log"), false, false, false},
	} {
		if e := test.event; e.Foreign() != test.foreign || e.Odd() != test.odd || e.FromContainer() != test.container {
			t.Errorf("%s: foreign %t, odd %t, container %t", test.name, e.Foreign(), e.Odd(), e.FromContainer())
		}
	}
}

// TestFind: the text and the form of an event, by the fields that are there.
func TestFind(t *testing.T) {
	for _, test := range []struct {
		name  string
		event *Event
		form  Form
		text  Field
	}{
		{"in_kmsg", fields("priority", 3, "sequence", 1, "sec", 2, "usec", 3, "msg", "x"), Kmsg, Msg},
		{"in_kmsg without a text", fields("sequence", 1, "sec", 2, "usec", 3, "log", "x"), Raw, Log},
		{"in_systemd", fields("MESSAGE", "x", "_TRANSPORT", "kernel"), Journal, Message},
		{"in_systemd, renamed", fields("message", "x", "transport", "kernel"), Journal, Message},
		{"in_syslog", fields("pri", "3", "message", "x"), Syslog, Message},
		{"syslog_parser", fields("appname", "kernel", "message", "x"), Syslog, Message},
		{"a parsed line beside the whole", fields("ident", "kernel", "message", "x", "log", "y"), Syslog, Message},
		{"a facility that is none", fields("facility", "Frankfurt", "message", "x"), Raw, Message},
		{"in_tail", fields("log", "x", "message", "y"), Raw, Log},
		{"a message", fields("message", "x"), Raw, Message},
		{"a body", fields("body", "x"), Raw, Body},
		{"msg alone", fields("msg", "x"), Raw, Msg},
		{"MESSAGE alone", fields("MESSAGE", "x", "log", "y"), Raw, Message},
		{"a part of an entry", fields("MESSAGE", "x", "PRIORITY", "3"), Journal, Message},
		{"no text", fields("log", 1, "other", "x"), Raw, None},
	} {
		if form, text := test.event.Find(); form != test.form || text != test.text {
			t.Errorf("%s: form %d, field %d; want %d, %d", test.name, form, text, test.form, test.text)
		}
	}
}

// TestHost: the name of a host goes before that of a node, and a name of several is none.
func TestHost(t *testing.T) {
	several := new(Event)
	several.Add([]byte("host"), Value{Text: []byte("a"), Several: true})
	for want, e := range map[string]*Event{
		"a": fields("node", "c", "host", "b", "_HOSTNAME", "a"), "b": fields("node", "c", "host", "b", "hostname", ""), "c": fields("k8s.node.name", "c"), "": several,
	} {
		if got := e.Host(); string(got) != want {
			t.Errorf("host %q, want %q", got, want)
		}
	}
}

// TestReset: of what was there before nothing is left.
func TestReset(t *testing.T) {
	e := fields("ident", "evil", "facility", "Frankfurt", "facility", 1, "stream", "stdout", "log", "x", "host", "a", "pid", 1, "MESSAGE", "x", "PRIORITY", "3")
	before := reflect.ValueOf(e.state)
	for i := range before.NumField() {
		if before.Field(i).IsZero() {
			t.Errorf("%s was not set", before.Type().Field(i).Name)
		}
	}
	e.Reset()
	if form, text := e.Find(); form != Raw || text != None || e.Foreign() || e.Odd() || e.FromContainer() || e.Host() != nil || e.Text(Log) != nil || e.Has(PID) {
		t.Errorf("%+v", e)
	}
}

// TestAllocations: a field costs none.
func TestAllocations(t *testing.T) {
	e, text := new(Event), bytes.Repeat([]byte("x"), 100)
	names := [][]byte{[]byte("_SOURCE_MONOTONIC_TIMESTAMP"), []byte("message"), []byte("container_id"), []byte("SYSLOG_FACILITY")}
	if n := testing.AllocsPerRun(100, func() {
		e.Reset()
		for _, name := range names {
			e.Add(name, Text(text))
		}
		e.Find()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
