// SPDX-License-Identifier: Apache-2.0

package format

import (
	"reflect"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestKmsg(t *testing.T) {
	checkTable(t, report.Kmsg, []one{
		{"plain", "4,1533,16713564,-;mysqld invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			line{text: "mysqld invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 16713564,
				more: func(t *testing.T, l *Line) {
					if !l.HasSequence || l.Sequence != 1533 || l.Facility != 0 || l.Fragment {
						t.Errorf("sequence %d (%t), facility %d, fragment %t", l.Sequence, l.HasSequence, l.Facility, l.Fragment)
					}
				}}},
		{"caller", "4,1201,71146532014,-,caller=T177;kworker/u8:2 invoked oom-killer: x",
			line{text: "kworker/u8:2 invoked oom-killer: x", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 71146532014, caller: "T177"}},
		{"indented text", "4,1537,16713905,-; <TASK>",
			line{text: " <TASK>", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 16713905}},
		{"utf-8 name", `4,1200,91234567897,-;\xd0\xbc\xd0\xb8\xd1\x80 invoked oom-killer: x`,
			line{text: "мир invoked oom-killer: x", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 91234567897}},
		{"newline in a name", `3,4258,33623681,-;Memory cgroup out of memory: Killed process 210 (new\x0aline) total-vm:12964kB`,
			line{text: "Memory cgroup out of memory: Killed process 210 (new\nline) total-vm:12964kB", format: report.Kmsg, origin: report.OriginKernel, level: 3, uptime: 33623681}},
		{"backslash", `4,4064,32899519,-;back\x5cslash invoked oom-killer`,
			line{text: `back\slash invoked oom-killer`, format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 32899519}},
		{"escaped escape", `4,1,2,-;a\x5cx2db`,
			line{text: `a\x2db`, format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 2}},
		{"no escape of the kernel's", `4,1,2,-;a\x41\xg0\x4`,
			line{text: `a\x41\xg0\x4`, format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 2}},
		{"fragment", "4,2000,5000,c;,task=java,pid=1,uid=0",
			line{text: ",task=java,pid=1,uid=0", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 5000,
				more: func(t *testing.T, l *Line) {
					if !l.Fragment {
						t.Error("not marked as a fragment")
					}
				}}},
		{"fragment up to 4.8", "4,2001,5000,+; free:1",
			line{text: " free:1", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 5000,
				more: func(t *testing.T, l *Line) {
					if !l.Fragment {
						t.Error("not marked as a fragment")
					}
				}}},
		{"3.5 has no flag", "4,1234,5678901;text",
			line{text: "text", format: report.Kmsg, origin: report.OriginKernel, level: 4, uptime: 5678901}},
		{"a user's line", "12,900,5000000,-;Out of memory: Killed process 1 (init) total-vm:1kB",
			line{text: "Out of memory: Killed process 1 (init) total-vm:1kB", format: report.Kmsg, origin: report.OriginUser, level: 4, uptime: 5000000,
				more: func(t *testing.T, l *Line) {
					if l.Facility != 1 {
						t.Errorf("facility %d", l.Facility)
					}
				}}},
		{"semicolon and comma in the text", "6,1,2,-;a;b,c",
			line{text: "a;b,c", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2}},
		{"further fields", "6,1,2,-,x=1,caller=C0,y;t",
			line{text: "t", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2, caller: "C0"}},
		{"trailing blank and carriage return", "6,1,2,-;Code: \r",
			line{text: "Code: ", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2}},
		{"a whole read", "6,1,2,-;usb 1-1: new\n SUBSYSTEM=usb\n DEVICE=c189:1\n",
			line{text: "usb 1-1: new", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2}},
		{"cut by the kernel", "6,1,2,-;oom-kill:constraint=CONS<truncated>",
			line{text: "oom-kill:constraint=CONS", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2,
				more: func(t *testing.T, l *Line) {
					if !l.Truncated {
						t.Error("not marked as truncated")
					}
				}}},
		{"a task called like the mark", "6,1,2,-;[    205]  1000   205     1294 0 <truncated>",
			line{text: "[    205]  1000   205     1294 0 <truncated>", format: report.Kmsg, origin: report.OriginKernel, level: 6, uptime: 2}},
	})
}

func TestKmsgDictionary(t *testing.T) {
	for _, f := range []report.Format{report.Kmsg, report.Auto} {
		got := decodeAll(f, "6,1,2,-;usb 1-1: new", " SUBSYSTEM=usb", " DEVICE=c189:1", "6,2,3,-;next")
		if s := texts(got); s != "usb 1-1: new|next" {
			t.Errorf("%v: %q", f, s)
		}
		if got[1].Number != 4 {
			t.Errorf("%v: number %d", f, got[1].Number)
		}
	}
}

func TestUnescapeKmsg(t *testing.T) {
	for in, want := range map[string]string{
		``:      ``,
		`plain`: `plain`,
		`active_anon:1 inactive_anon:2\x0a active_file:3`: "active_anon:1 inactive_anon:2\n active_file:3",
		`back\x5cslash \x5cx0a`:                           `back\slash \x0a`,
		"e1000: up\n SUBSYSTEM=pci\n DEVICE=+pci:0000":    "e1000: up",
		"e1000: up\n SUBSYSTEM=pci\n":                     "e1000: up",
		"two\n lines":                                     "two\n lines",
		"text\n":                                          "text",
		`half \x0`:                                        `half \x0`,
		`\`:                                               `\`,
	} {
		if got := string(UnescapeKmsg([]byte(in))); got != want {
			t.Errorf("UnescapeKmsg(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRecordsBeginAfresh: whatever the one whom a line is given does to it, nothing of it is in the
// next.
func TestRecordsBeginAfresh(t *testing.T) {
	spoiled := Line{order: 77, hasOrder: true}
	v := reflect.ValueOf(&spoiled).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.SetBytes([]byte("spoiled"))
		case reflect.Struct:
			f.Set(reflect.ValueOf(time.Unix(1, 2)))
		case reflect.Uint8, reflect.Uint32, reflect.Uint64:
			f.SetUint(1)
		case reflect.Interface:
			f.Set(reflect.ValueOf(new(entry)))
		default:
			f.SetInt(77)
		}
	}
	record := []byte("6,352,4274134,-;text")
	var want Line
	NewDecoder(report.Kmsg).Decode(record, func(l *Line) { want = *l })
	for i := range v.NumField() {
		d := NewDecoder(report.Kmsg)
		d.Decode(record, func(l *Line) {
			l.order, l.hasOrder = spoiled.order, spoiled.hasOrder
			if v.Type().Field(i).IsExported() {
				reflect.ValueOf(l).Elem().Field(i).Set(v.Field(i))
			}
		})
		d.stream.number = 0
		d.Decode(record, func(l *Line) {
			if !reflect.DeepEqual(*l, want) {
				t.Errorf("%s: %+v, want %+v", v.Type().Field(i).Name, *l, want)
			}
		})
	}
}
