// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// firstSequence is the number of the first record in the kernel's ring.
const firstSequence = 1200

// BootID and MachineID are those of journal entries.
const (
	BootID    = "8a2c1d0e5f6b47a98a2c1d0e5f6b47a9"
	MachineID = "0123456789abcdef0123456789abcdef"
)

// kmsg puts records as read(2) from /dev/kmsg gives them; flags is what stands behind the stamp.
func (s *Stream) kmsg(flags string) {
	for i, r := range s.Records {
		if r.Gone {
			continue
		}
		fmt.Fprintf(&s.out, "%d,%d,%d%s;", r.Level, firstSequence+i, Uptime(i), flags)
		for _, c := range []byte(r.Text) {
			if c < ' ' || c >= 0x7f || c == '\\' {
				fmt.Fprintf(&s.out, "\\x%02x", c)
			} else {
				s.out.WriteByte(c)
			}
		}
		s.out.WriteByte('\n')
		if i%17 == 3 {
			s.out.WriteString(" SUBSYSTEM=cgroup\n")
		}
	}
}

// dmesgJSON puts records as dmesg -J does: one document over several lines.
func (s *Stream) dmesgJSON() {
	s.out.WriteString("{\n   \"dmesg\": [\n")
	for i, r := range s.Records {
		if i > 0 {
			s.out.WriteString(",{\n")
		} else {
			s.out.WriteString("      {\n")
		}
		fmt.Fprintf(&s.out, "         \"pri\": %d,\n         \"time\": %s,\n         \"msg\": %s\n      }", r.Level, seconds(Uptime(i)), jsonText(r.Text))
	}
	s.out.WriteString("\n   ]\n}\n")
}

// jsonText quotes a text, bytes that are not UTF-8 as they are.
func jsonText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// entry returns the fields of a journal entry but the message.
func entry(i int, r Record) [][2]string {
	return [][2]string{
		{"__CURSOR", fmt.Sprintf("s=1;i=%x", i)},
		{"__REALTIME_TIMESTAMP", fmt.Sprint(Wall(i).UnixMicro())},
		{"__MONOTONIC_TIMESTAMP", fmt.Sprint(Uptime(i) + 500)},
		{"_BOOT_ID", BootID}, {"_MACHINE_ID", MachineID}, {"_HOSTNAME", HostName},
		{"_TRANSPORT", "kernel"}, {"SYSLOG_FACILITY", "0"}, {"SYSLOG_IDENTIFIER", "kernel"},
		{"PRIORITY", fmt.Sprint(r.Level)},
		{"_SOURCE_MONOTONIC_TIMESTAMP", fmt.Sprint(Uptime(i))},
	}
}

// journalJSON puts records as journalctl -o json does: a message that is not UTF-8, or has control
// bytes but newlines, is an array of bytes.
func (s *Stream) journalJSON() {
	for i, r := range s.Records {
		fields := map[string]any{}
		for _, f := range entry(i, r) {
			fields[f[0]] = f[1]
		}
		fields["MESSAGE"] = r.Text
		if !utf8.ValidString(r.Text) {
			octets := make([]int, len(r.Text))
			for n, c := range []byte(r.Text) {
				octets[n] = int(c)
			}
			fields["MESSAGE"] = octets
		}
		line, err := json.Marshal(fields)
		if err != nil {
			panic(err)
		}
		s.out.Write(line)
		s.out.WriteByte('\n')
	}
}

// journalExport puts records as journalctl -o export does: a message of several lines is binary.
func (s *Stream) journalExport() {
	for i, r := range s.Records {
		for _, f := range entry(i, r) {
			s.out.WriteString(f[0] + "=" + f[1] + "\n")
		}
		if strings.Contains(r.Text, "\n") || !utf8.ValidString(r.Text) {
			s.out.WriteString("MESSAGE\n")
			var size [8]byte
			binary.LittleEndian.PutUint64(size[:], uint64(len(r.Text)))
			s.out.Write(size[:])
			s.out.WriteString(r.Text + "\n\n")
			continue
		}
		s.out.WriteString("MESSAGE=" + r.Text + "\n\n")
	}
}
