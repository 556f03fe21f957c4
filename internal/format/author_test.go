// SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/parser/report"
)

// authorOf prints which program wrote a line, as far as the format shows it.
func authorOf(l *Line) string {
	s := fmt.Sprintf("%s[%d] %s", l.Tag, l.Process, l.Text)
	if l.Fields != nil {
		for _, name := range []string{"_TRANSPORT", "_PID", "_UID", "_COMM", "_EXE", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT", "MESSAGE_ID", "UNIT", "N_PROCESSES"} {
			if v := l.Fields.Field(name); v != nil {
				s += fmt.Sprintf(" %s=%s", name, v)
			}
		}
	}
	for i, set := range [...]bool{l.Contained, l.Apart, l.Trusted} {
		if set {
			s += [...]string{" contained", " apart", " trusted"}[i]
		}
	}
	return s
}

func authorsOf(f report.Format, source report.Source, lines ...string) (got []string) {
	d := NewDecoder(f).Trust(source)
	for _, line := range lines {
		d.Decode([]byte(line), func(l *Line) { got = append(got, authorOf(l)) })
	}
	d.Flush(func(l *Line) { got = append(got, authorOf(l)) })
	return got
}

// TestAuthors: who wrote a line, from every format.
func TestAuthors(t *testing.T) {
	const killed = "Killed /system.slice/a.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity"
	entry := `{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1777716001000000","PRIORITY":"5","_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd","_PID":"1","_UID":"0","_COMM":"systemd",` +
		`"_SYSTEMD_UNIT":"init.scope","UNIT":"a.service","MESSAGE_ID":"d989611b15e44c9dbf31e3c81256e4ed","N_PROCESSES":"4","MESSAGE":"a.service: systemd-oomd killed 4 process(es) in this unit."}`
	const ofEntry = "systemd[0] a.service: systemd-oomd killed 4 process(es) in this unit. _TRANSPORT=journal _PID=1 _UID=0 _COMM=systemd _SYSTEMD_UNIT=init.scope " +
		"MESSAGE_ID=d989611b15e44c9dbf31e3c81256e4ed UNIT=a.service N_PROCESSES=4"
	export := strings.NewReplacer(`{"`, "", `"}`, "\n", `":"`, "=", `","`, "\n").Replace(entry)
	for _, test := range []struct {
		name   string
		format report.Format
		source report.Source
		line   string
		want   string
	}{
		{"a journal", report.JournalJSON, report.SourceJournald, entry, ofEntry + " trusted"},
		{"a journal, exported", report.JournalExport, report.SourceJournald, export, ofEntry + " trusted"},
		{"a journal of which nothing is known", report.Auto, report.SourceNone, entry, ofEntry},
		{"a journal said to be syslog", report.Auto, report.SourceSyslog, entry, ofEntry},
		{"syslog", report.Auto, report.SourceSyslog, "May  2 10:00:01 node-1 systemd-oomd[812]: " + killed, "systemd-oomd[812] " + killed + " trusted"},
		{"syslog, RFC 5424", report.Auto, report.SourceNone, "<29>1 2026-05-02T10:00:01Z node-1 systemd-oomd 812 - - " + killed, "systemd-oomd[812] " + killed},
		{"syslog, RFC 5424 without an id", report.Auto, report.SourceNone, "<29>1 2026-05-02T10:00:01Z node-1 systemd-oomd - - - " + killed, "systemd-oomd[0] " + killed},
		{"short-monotonic", report.Auto, report.SourceNone, "[ 5678.901234] node-1 systemd-oomd[812]: " + killed, "systemd-oomd[812] " + killed},
		{"a container, CRI", report.Auto, report.SourceSyslog, "2026-05-02T10:00:01.123456789Z stdout F May  2 10:00:01 node-1 systemd-oomd[812]: " + killed, "systemd-oomd[812] " + killed + " contained"},
		{"a container, Docker", report.Auto, report.SourceJournald, `{"log":"TaskOOM event\n","stream":"stderr","time":"2026-05-02T10:00:01.1Z"}`, "[0] TaskOOM event contained"},
		{"a container, journald", report.Auto, report.SourceJournald, strings.Replace(entry, `"_PID"`, `"CONTAINER_NAME":"x","_PID"`, 1), ofEntry + " contained trusted"},
		{"a container, shipped", report.Auto, report.SourceNone, `{"message":"TaskOOM event","kubernetes":{"pod_name":"x"}}`, "[0] TaskOOM event contained apart"},
		{"a container, Fluent Bit", report.Auto, report.SourceNone, `{"log":"TaskOOM event","kubernetes":{"pod_name":"x"}}`, "[0] TaskOOM event contained"},
		{"a store", report.Auto, report.SourceJournald, `{"@timestamp":"2026-05-02T10:00:01Z","message":"` + killed + `","systemd":{"transport":"journal","unit":"systemd-oomd.service"},"process":{"name":"systemd-oomd","pid":812}}`,
			"systemd-oomd[812] " + killed + " _SYSTEMD_UNIT=systemd-oomd.service apart"},
		{"an object that names no program", report.Auto, report.SourceNone, `{"message":"TaskOOM event","level":"info"}`, `[0] {"message":"TaskOOM event","level":"info"}`},
		{"an event of Kubernetes", report.Auto, report.SourceNone, `{"involvedObject":{"kind":"Node"},"reason":"SystemOOM","message":"System OOM encountered"}`, `[0] {"involvedObject":{"kind":"Node"},"reason":"SystemOOM","message":"System OOM encountered"}`},
		{"an event of Docker", report.Auto, report.SourceNone, `{"status":"oom","id":"4f2a","Type":"container","Actor":{"ID":"4f2a"}}`, `[0] {"status":"oom","id":"4f2a","Type":"container","Actor":{"ID":"4f2a"}}`},
		{"logrus", report.Auto, report.SourceNone, `time="2026-05-02T10:00:01Z" level=info msg="TaskOOM event"`, `[0] time="2026-05-02T10:00:01Z" level=info msg="TaskOOM event"`},
		{"laurel", report.Auto, report.SourceNone, `{"ID":"1746097641.965:1704","SYSCALL":{"arch":"0xc000003e","comm":"kill"}}`, `[0] {"ID":"1746097641.965:1704","SYSCALL":{"arch":"0xc000003e","comm":"kill"}}`},
	} {
		if got := authorsOf(test.format, test.source, strings.Split(test.line, "\n")...); len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: got\n%q, want\n%q", test.name, got, test.want)
		}
	}
}

// TestAuthorOfFurtherLine: a further line of a message has the writer of its first line.
func TestAuthorOfFurtherLine(t *testing.T) {
	got := authorsOf(report.Auto, report.SourceNone, "May  2 10:00:01 node-1 nohang[530]: one", "May  2 10:00:01 node-1 app[7]: two", strings.Repeat(" ", len("May  2 10:00:01 node-1 app[7]: "))+"three")
	if want := []string{"nohang[530] one", "app[7] two", "app[7] three"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFieldsAreOfOneEntry: no field is left of the entry before, and of a field that comes twice
// the first value counts.
func TestFieldsAreOfOneEntry(t *testing.T) {
	head := `{"_TRANSPORT":"journal","MESSAGE":"x"`
	got := authorsOf(report.JournalJSON, report.SourceNone, head+`,"UNIT":"a","UNIT":"b","_UID":"1"}`, head+`}`, head+`,"UNIT":["c","d"]}`, head+`,"UNIT":"`+strings.Repeat("e", 2*longestValue)+`"}`)
	want := []string{"[0] x _TRANSPORT=journal _UID=1 UNIT=a", "[0] x _TRANSPORT=journal", "[0] x _TRANSPORT=journal UNIT=c", "[0] x _TRANSPORT=journal UNIT=" + strings.Repeat("e", longestValue)}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFieldsAreBounded: however many and however long the fields of an entry are, what is kept of
// them is bounded.
func TestFieldsAreBounded(t *testing.T) {
	var e entry
	for _, name := range moreNames {
		e.set(moreField([]byte(name)), make([]byte, 10*longestValue))
	}
	if n := len(e.more.text); n > longestMore {
		t.Errorf("%d bytes kept", n)
	}
}

// TestAuthorsOfEvents: who wrote a line, by the fields of an event.
func TestAuthorsOfEvents(t *testing.T) {
	oomd := []string{"MESSAGE", "x", "PRIORITY", "5", "_TRANSPORT", "journal", "SYSLOG_IDENTIFIER", "systemd-oomd", "_PID", "812", "_COMM", "systemd-oomd", "_SYSTEMD_UNIT", "systemd-oomd.service"}
	lower, stripped := make([]string, len(oomd)), make([]string, len(oomd))
	for i := range oomd {
		lower[i], stripped[i] = oomd[i], oomd[i]
		if i%2 == 0 {
			lower[i], stripped[i] = strings.ToLower(oomd[i]), strings.TrimLeft(oomd[i], "_")
		}
	}
	const whole = "systemd-oomd[0] x _TRANSPORT=journal _PID=812 _COMM=systemd-oomd _SYSTEMD_UNIT=systemd-oomd.service"
	for _, test := range []struct {
		name   string
		fields []string
		want   string
	}{
		{"in_systemd", oomd, whole + " trusted"},
		{"in_systemd, Lowercase", lower, whole + " trusted"},
		{"in_systemd, Strip_Underscores", stripped, "systemd-oomd[0] x trusted"},
		{"a container's", append([]string{"CONTAINER_NAME", "y"}, oomd...), whole + " contained trusted"},
		{"a field whose name lost its underscore", append([]string{"UID", "0", "COMM", "systemd"}, oomd...), whole + " trusted"},
		{"syslog", []string{"ident", "systemd-oomd", "pid", "812", "pri", "29", "message", "x"}, "systemd-oomd[812] x trusted"},
	} {
		var e event.Event
		for i := 0; i < len(test.fields); i += 2 {
			e.Add([]byte(test.fields[i]), event.Text([]byte(test.fields[i+1])))
		}
		form, field := e.Find()
		NewDecoder(report.Auto).DecodeEvent(&e, form, e.Text(field), time.Time{}, func(l *Line) {
			l.JudgeEvent(&e, true)
			if got := authorOf(l); got != test.want {
				t.Errorf("%s: got\n%q, want\n%q", test.name, got, test.want)
			}
		})
	}
}
