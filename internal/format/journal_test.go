// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

const journalKernel = `{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1682942400123456","_SOURCE_MONOTONIC_TIMESTAMP":"5678901234","_TRANSPORT":"kernel","PRIORITY":"3","SYSLOG_FACILITY":"0","SYSLOG_IDENTIFIER":"kernel","_BOOT_ID":"b00t","_MACHINE_ID":"mach","_HOSTNAME":"node1","MESSAGE":"Killed process 1 (a)\n b \u043c\ud83d\ude00 \"q\""}`

func TestJournalJSON(t *testing.T) {
	ids := func(t *testing.T, l *Line) {
		wall("2023-05-01T12:00:00.123456Z")(t, l)
		if string(l.BootID) != "b00t" || string(l.MachineID) != "mach" || string(l.Cursor) != "s=1;i=2" || l.Facility != 0 {
			t.Errorf("boot %q, machine %q, cursor %q, facility %d", l.BootID, l.MachineID, l.Cursor, l.Facility)
		}
	}
	want := line{text: "Killed process 1 (a)\n b м😀 \"q\"", format: report.JournalJSON, origin: report.OriginKernel, level: 3,
		uptime: 5678901234, stamp: "1682942400123456", host: "node1", tag: "kernel", more: ids}
	user := want
	user.origin = report.OriginUser
	user.more = nil
	bytesOnly := want
	bytesOnly.text = "a\xffb\n"
	message := journalKernel[strings.Index(journalKernel, `"MESSAGE"`):]
	checkTable(t, report.JournalJSON, []one{
		{"kernel", journalKernel, want},
		{"facility absent", strings.Replace(journalKernel, `"SYSLOG_FACILITY":"0",`, "", 1), func() line { w := want; w.more = nil; return w }()},
		{"a user wrote to /dev/kmsg", strings.Replace(journalKernel, `"SYSLOG_FACILITY":"0"`, `"SYSLOG_FACILITY":"1"`, 1), user},
		{"two times", strings.Replace(journalKernel, `"__REALTIME`, `"_SOURCE_REALTIME_TIMESTAMP":"1682942399000001","__REALTIME`, 1), want},
		{"two times, in the other order", strings.Replace(journalKernel, `"_TRANSPORT"`, `"_SOURCE_REALTIME_TIMESTAMP":"1682942399000001","_TRANSPORT"`, 1), want},
		{"a user wrote to the journal", strings.Replace(journalKernel, `"_TRANSPORT":"kernel"`, `"_TRANSPORT":"syslog"`, 1), user},
		{"two facilities", strings.Replace(journalKernel, `"SYSLOG_FACILITY":"0"`, `"SYSLOG_FACILITY":["0","3"]`, 1), user},
		{"two transports", strings.Replace(journalKernel, `"_TRANSPORT":"kernel"`, `"_TRANSPORT":"syslog","_TRANSPORT":"kernel"`, 1), user},
		{"array of bytes", strings.Replace(journalKernel, message, `"MESSAGE":[97,255,98,10]}`, 1), bytesOnly},
		{"array of bytes, first", `{"MESSAGE":[97, 255, 98 , 10],` + strings.Replace(journalKernel, ","+message, "}", 1)[1:], bytesOnly},
		{"nested fields are not the entry's", `{"x":{"MESSAGE":"no","_TRANSPORT":"syslog"},"y":[["no"],{"_TRANSPORT":"no"}],` + journalKernel[1:], want},
		{"null", strings.Replace(journalKernel, message, `"MESSAGE":null}`, 1), line{format: report.JournalJSON, origin: report.OriginKernel, level: 3,
			uptime: 5678901234, stamp: "1682942400123456", host: "node1", tag: "kernel", more: func(t *testing.T, l *Line) {
				if !l.Truncated {
					t.Error("not marked as truncated")
				}
			}}},
	})
}

func TestJournalJSONForms(t *testing.T) {
	pretty := strings.NewReplacer(`{"`, "{\n\t\"", `","`, "\",\n\t\"", `"}`, "\"\n}", `":"`, `" : "`).Replace(journalKernel)
	for name, in := range map[string]string{
		"json-pretty": pretty,
		"jq":          strings.Replace(pretty, `"Killed`, `"Killed`, 1),
		"json-sse":    "data: " + journalKernel + "\n",
		"json-seq":    "\x1e" + journalKernel,
	} {
		got := decodeAll(report.JournalJSON, strings.Split(in, "\n")...)
		if auto := decodeAll(report.Auto, strings.Split(strings.TrimSuffix(in, "\n"), "\n")...); texts(auto) != texts(got) {
			t.Errorf("%s: auto made %q, want %q", name, texts(auto), texts(got))
		}
		if len(got) != 1 || got[0].Origin != report.OriginKernel || got[0].Uptime != 5678901234 || !strings.HasPrefix(string(got[0].Text), "Killed process 1 (a)\n b") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestJournalJSONRecovers(t *testing.T) {
	for _, f := range []report.Format{report.JournalJSON, report.Auto} {
		for name, bad := range map[string]string{
			"cut in a string": journalKernel[:len(journalKernel)-10],
			"cut in a key":    journalKernel[:40],
			"open array":      `{"MESSAGE":[97,98`,
			"open object":     `{"a":{`,
			"brace":           "{",
			"deep":            "{" + strings.Repeat(`"a":{`, 100),
		} {
			got := decodeAll(f, bad, journalKernel)
			if len(got) == 0 || got[len(got)-1].Uptime != 5678901234 || got[len(got)-1].Number != 2 {
				t.Errorf("%v %s: %+v", f, name, got)
			}
		}
	}
}

func TestOtherJSONStaysText(t *testing.T) {
	for _, in := range []string{
		`{"level":"info","ts":1,"msg":"Killed process 1 (init)"}`,
		`{"MESSAGE":"Killed process 1 (init)"}`,
		`{"a":1}`, `{`, `{}`, `{"`, `{]`,
	} {
		got := decodeAll(report.Auto, in, "[    1.000000] next")
		if len(got) == 0 || string(got[len(got)-1].Text) != "next" {
			t.Errorf("%q: %q", in, texts(got))
		}
		if len(got) == 2 && string(got[0].Text) != in {
			t.Errorf("%q made %q", in, got[0].Text)
		}
	}
}

// export renders one entry as journalctl -o export does.
func export(message string, fields ...string) string {
	s := "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1682942400123456\n_SOURCE_MONOTONIC_TIMESTAMP=5678901234\n_HOSTNAME=node1\n" + strings.Join(fields, "\n") + "\n"
	if strings.ContainsFunc(message, func(r rune) bool { return r < ' ' }) {
		n := len(message)
		s += "MESSAGE\n" + string([]byte{byte(n), byte(n >> 8), byte(n >> 16), 0, 0, 0, 0, 0}) + message + "\n"
	} else {
		s += "MESSAGE=" + message + "\n"
	}
	return s + "PRIORITY=3\n\n"
}

func TestJournalExport(t *testing.T) {
	kernel := []string{"_TRANSPORT=kernel", "SYSLOG_FACILITY=0", "SYSLOG_IDENTIFIER=kernel"}
	for _, message := range []string{
		"Killed process 1 (a)",
		"active_anon:1\n active_file:2",
		"\n\n__CURSOR=x\nMESSAGE=Killed process 1 (init)\n\n_TRANSPORT=kernel\nx",
		"ten\nbytes!", // the length itself is a newline
		strings.Repeat("a\n", 1285) + "b",
		"\nx", "x\n\ny",
	} {
		for _, f := range []report.Format{report.JournalExport, report.Auto} {
			in := export(message, kernel...) + export("next", "_TRANSPORT=journal", "SYSLOG_IDENTIFIER=app")
			got := decodeAll(f, strings.Split(strings.TrimSuffix(in, "\n"), "\n")...)
			if len(got) != 2 {
				t.Errorf("%v %.40q: %d lines", f, message, len(got))
				continue
			}
			checkLine(t, got[0], line{text: message, format: report.JournalExport, origin: report.OriginKernel, level: 3,
				uptime: 5678901234, stamp: "1682942400123456", host: "node1", tag: "kernel", more: wall("2023-05-01T12:00:00.123456Z")})
			if string(got[1].Text) != "next" || got[1].Origin != report.OriginUser {
				t.Errorf("%v: %+v", f, got[1])
			}
		}
	}
}

func TestJournalExportAtTheEnd(t *testing.T) {
	in := strings.TrimSuffix(export("Killed process 1 (a)", "_TRANSPORT=kernel"), "\n\n")
	got := decodeAll(report.JournalExport, strings.Split(in, "\n")...)
	if len(got) != 1 || string(got[0].Text) != "Killed process 1 (a)" || got[0].Number != 6 {
		t.Errorf("%+v", got)
	}
}

func TestJournalExportBadLength(t *testing.T) {
	for _, f := range []report.Format{report.JournalExport, report.Auto} {
		got := decodeAll(f, "__CURSOR=x", "MESSAGE", "\xff\xff\xff\xff\xff\xff\xff\xffabc", "", "__CURSOR=y", "_TRANSPORT=kernel", "MESSAGE=next", "")
		if len(got) == 0 || string(got[len(got)-1].Text) != "next" || got[len(got)-1].Origin != report.OriginKernel {
			t.Errorf("%v: %+v", f, got)
		}
	}
}

func TestJournalOrigin(t *testing.T) {
	for _, c := range []struct {
		transport, facility string
		want                report.Origin
	}{
		{"kernel", "", report.OriginKernel},
		{"kernel", "0", report.OriginKernel},
		{"kernel", "1", report.OriginUser},
		{"kernel", "ambiguous", report.OriginUser},
		{"syslog", "0", report.OriginUser},
		{"journal", "", report.OriginUser},
		{"", "", report.OriginUnknown},
		{"", "0", report.OriginUnknown},
		{"", "3", report.OriginUser},
	} {
		if got := JournalOrigin(c.transport, c.facility); got != c.want {
			t.Errorf("JournalOrigin(%q, %q) = %d, want %d", c.transport, c.facility, got, c.want)
		}
	}
}
