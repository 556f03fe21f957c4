// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Format puts records into the form in which a log carries them.
type Format struct {
	Name string
	// Uptime, Wall, Caller, Sequence and Facility tell what the form keeps of the kernel's stamp,
	// of the wall clock (with date and zone), of the caller, of the ring's sequence and of who
	// wrote a line.
	Uptime, Wall, Sequence, Facility bool
	// Local is set where the form prints a wall clock without its zone or year.
	Local bool
	// Host tells that it names the host.
	Host bool
	// Coarse tells that its stamps are too coarse to tell two records from the pieces of one.
	Coarse bool
	// SplitsRecords tells that each line of a record comes with its own prefix, within printk's
	// buffer.
	SplitsRecords bool
	put           func(s *Stream)
}

// Stream is records on their way into a format.
type Stream struct {
	Records []Record
	out     bytes.Buffer
	// Lost counts, by record, the lines that printk's buffer has no room for.
	Lost map[int]int
}

// HostName is the host in formats that name one.
const HostName = "node-7.example"

// Caller is the printk caller in formats that name it.
const Caller = "T177"

// The stamps of a stream: microseconds since boot, and the wall clock at the first record.
const firstUptime = 5678901234

var firstWall = time.Date(2023, time.May, 1, 12, 0, 0, 123456000, time.UTC)

// Uptime returns the kernel's stamp of a record.
func Uptime(record int) int64 { return firstUptime + int64(record)*37 }

// Wall returns the wall clock of a record.
func Wall(record int) time.Time { return firstWall.Add(time.Duration(record) * 37 * time.Microsecond) }

// Put returns the records in the format's form, and how many lines of which record printk's buffer
// has no room for.
func (t Format) Put(records []Record) (text []byte, lost map[int]int) {
	s := &Stream{Records: records, Lost: map[int]int{}}
	t.put(s)
	return s.out.Bytes(), s.Lost
}

// Formats are all forms.
var Formats = []Format{
	{Name: "kmsg", Uptime: true, Sequence: true, Facility: true, put: func(s *Stream) { s.kmsg(",-") }},
	{Name: "kmsg caller", Uptime: true, Sequence: true, Facility: true, put: func(s *Stream) { s.kmsg(",-,caller=" + Caller) }},
	{Name: "kmsg 3.5", Uptime: true, Sequence: true, Facility: true, put: func(s *Stream) { s.kmsg("") }},
	{Name: "dmesg", Uptime: true, put: indented(dmesgStamp)},
	{Name: "dmesg caller", Uptime: true, put: indented(func(i int) string { return dmesgStamp(i) + fmt.Sprintf("[%6s] ", Caller) })},
	{Name: "dmesg -T", Local: true, Coarse: true, put: indented(func(i int) string { return Wall(i).Format("[Mon Jan _2 15:04:05 2006] ") })},
	{Name: "dmesg -d", Uptime: true, put: indented(func(i int) string { return fmt.Sprintf("[%s <    0.000037>] ", seconds(Uptime(i))) })},
	{Name: "dmesg iso", Wall: true, put: indented(func(i int) string { return Wall(i).Format("2006-01-02T15:04:05,000000-07:00 ") })},
	{Name: "dmesg delta", Coarse: true, put: indented(func(int) string { return "[<    0.000037>] " })},
	{Name: "dmesg reltime", Local: true, Coarse: true, put: indented(func(i int) string {
		if i == 0 {
			return "[May 1 12:00] "
		}
		return "[  +0.000037] "
	})},
	{Name: "dmesg -x", Uptime: true, Facility: true, put: func(s *Stream) {
		s.indented(func(i int) string {
			return fmt.Sprintf("%-6s:%-6s: ", facilityWord(s.Records[i].Level), levelWord(s.Records[i].Level)) + dmesgStamp(i)
		})
	}},
	{Name: "dmesg -r", Uptime: true, Facility: true, put: func(s *Stream) {
		s.indented(func(i int) string { return pri(s.Records[i]) + dmesgStamp(i) })
	}},
	{Name: "dmesg -p", Uptime: true, put: split(dmesgStamp, false)},
	{Name: "dmesg -J", Uptime: true, put: (*Stream).dmesgJSON},
	{Name: "syslog(2)", Uptime: true, Facility: true, SplitsRecords: true, put: func(s *Stream) {
		s.split(func(i int) string { return pri(s.Records[i]) + dmesgStamp(i) }, true)
	}},
	{Name: "syslog(2) caller", Uptime: true, Facility: true, SplitsRecords: true, put: func(s *Stream) {
		s.split(func(i int) string { return pri(s.Records[i]) + callerStamp(i) }, true)
	}},
	{Name: "console", Uptime: true, SplitsRecords: true, put: split(dmesgStamp, true)},
	{Name: "console caller", Uptime: true, SplitsRecords: true, put: split(callerStamp, true)},
	{Name: "rsyslog imklog", Local: true, Uptime: true, Host: true, SplitsRecords: true, put: split(func(i int) string {
		return Wall(i).Format("Jan _2 15:04:05 ") + HostName + " kernel: " + dmesgStamp(i)
	}, true)},
	{Name: "rsyslog imjournal", Local: true, Coarse: true, Host: true, put: escaped(func(i int) string { return Wall(i).Format("Jan _2 15:04:05 ") + HostName + " kernel: " })},
	{Name: "rsyslog FileFormat", Uptime: true, Wall: true, Host: true, SplitsRecords: true, put: split(func(i int) string {
		return Wall(i).Format("2006-01-02T15:04:05.000000-07:00 ") + HostName + " kernel: " + dmesgStamp(i)
	}, true)},
	{Name: "RFC 5424", Wall: true, Host: true, Facility: true, put: func(s *Stream) {
		s.escaped(func(i int) string {
			return fmt.Sprintf("<%d>1 %s %s kernel - - - ", s.Records[i].Level, Wall(i).Format("2006-01-02T15:04:05.000000-07:00"), HostName)
		})
	}},
	{Name: "journalctl short", Local: true, Coarse: true, Host: true, put: journal("Jan 02 15:04:05 ")},
	{Name: "journalctl short-precise", Local: true, Host: true, put: journal("Jan 02 15:04:05.000000 ")},
	{Name: "journalctl short-iso", Coarse: true, Wall: true, Host: true, put: journal("2006-01-02T15:04:05-0700 ")},
	{Name: "journalctl short-iso-precise", Wall: true, Host: true, put: journal("2006-01-02T15:04:05.000000-07:00 ")},
	{Name: "journalctl short-full", Coarse: true, Wall: true, Host: true, put: journal("Mon 2006-01-02 15:04:05 MST ")},
	{Name: "journalctl short-unix", Wall: true, Host: true, put: indented(func(i int) string {
		return fmt.Sprintf("%d.%06d %s kernel: ", Wall(i).Unix(), Wall(i).Nanosecond()/1000, HostName)
	})},
	{Name: "journalctl short-monotonic", Uptime: true, Host: true, put: indented(func(i int) string { return dmesgStamp(i) + HostName + " kernel: " })},
	{Name: "journalctl short-delta", Uptime: true, Host: true, put: indented(func(i int) string {
		return fmt.Sprintf("[%s <    0.000037 >] %s kernel: ", seconds(Uptime(i)), HostName)
	})},
	{Name: "journalctl cat", Coarse: true, put: split(func(int) string { return "" }, false)},
	{Name: "journalctl json", Uptime: true, Wall: true, Host: true, Facility: true, put: (*Stream).journalJSON},
	{Name: "journalctl export", Uptime: true, Wall: true, Host: true, Facility: true, put: (*Stream).journalExport},
}

// FormatNamed returns the form of that name.
func FormatNamed(name string) Format {
	for _, t := range Formats {
		if t.Name == name {
			return t
		}
	}
	panic("no format " + name)
}

// seconds prints microseconds as printk prints seconds.
func seconds(usec int64) string {
	return fmt.Sprintf("%5d.%06d", usec/1000000, usec%1000000)
}

func dmesgStamp(i int) string  { return "[" + seconds(Uptime(i)) + "] " }
func callerStamp(i int) string { return fmt.Sprintf("[%s][%6s] ", seconds(Uptime(i)), Caller) }
func pri(r Record) string      { return fmt.Sprintf("<%d>", r.Level) }

func levelWord(level int) string {
	return [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}[level&7]
}

func facilityWord(priority int) string {
	return [...]string{"kern", "user", "mail", "daemon"}[priority>>3&3]
}

// journal is a short form of journalctl, with its stamp as a layout of package time.
func journal(layout string) func(*Stream) {
	return indented(func(i int) string { return Wall(i).Format(layout) + HostName + " kernel: " })
}

// indented puts a prefix before each record, and as many blanks before its further lines.
func indented(prefix func(record int) string) func(*Stream) {
	return func(s *Stream) { s.indented(prefix) }
}

func (s *Stream) indented(prefix func(record int) string) {
	for i, r := range s.Records {
		if r.Gone {
			continue
		}
		head := prefix(i)
		indent := strings.Repeat(" ", len(head))
		s.out.WriteString(head + strings.ReplaceAll(r.Text, "\n", "\n"+indent) + "\n")
	}
}

// split puts a prefix before each line. The kernel does so in a buffer of 1024 bytes, and drops
// whole lines at its end.
func split(prefix func(record int) string, inKernel bool) func(*Stream) {
	return func(s *Stream) { s.split(prefix, inKernel) }
}

func (s *Stream) split(prefix func(record int) string, inKernel bool) {
	for i, r := range s.Records {
		head, room := prefix(i), 1024
		for n, line := range strings.Split(r.Text, "\n") {
			room -= len(head) + len(line) + 1
			if inKernel && n > 0 && room < 0 {
				s.Lost[i]++
				continue
			}
			s.out.WriteString(head + line + "\n")
		}
	}
}

// escaped puts a prefix before each record and writes control bytes as rsyslog does.
func escaped(prefix func(record int) string) func(*Stream) {
	return func(s *Stream) { s.escaped(prefix) }
}

func (s *Stream) escaped(prefix func(record int) string) {
	for i, r := range s.Records {
		s.out.WriteString(prefix(i))
		for _, c := range []byte(r.Text) {
			if c < ' ' || c == 0x7f {
				fmt.Fprintf(&s.out, "#%03o", c)
			} else {
				s.out.WriteByte(c)
			}
		}
		s.out.WriteByte('\n')
	}
}
