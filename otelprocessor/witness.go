// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/format"
)

// writer says who wrote a text, as far as what stands beside it shows.
type writer uint8

const (
	unknownWriter writer = iota // nothing stands beside it
	kernelWriter                // the fields of a syslog message name the kernel
	containerLog                // a container's log carried it: whoever writes there can write anything
	otherWriter                 // the fields of a syslog message or of a journal entry name somebody else
)

// witness is what stands beside a text: the fields that parsing a syslog message leaves, and the marks of a container's log.
type witness struct {
	container bool
	other     bool
	kernel    bool   // the program is the kernel
	name      string // the program, where it is another
	process   bool   // the program has a process id, and the kernel has none
	facility0 bool   // the facility is the kernel's
	level     uint8  // of a priority whose facility is the kernel's
	host      string // which host the message is of
}

// writer returns what the fields that were looked at show together.
func (w *witness) writer() writer {
	switch {
	case w.other, w.kernel && w.process:
		return otherWriter
	case w.container:
		return containerLog
	case w.kernel:
		return kernelWriter
	}
	return unknownWriter
}

// look takes in the attributes of a log record, or the fields of a body that is a map.
func (w *witness) look(fields pcommon.Map) {
	for name, v := range fields.All() {
		switch name {
		case "appname", "ident", "programname", "SYSLOG_IDENTIFIER", "syslog_identifier":
			w.program(textOf(v))
		case "facility", "facility_text", "SYSLOG_FACILITY", "syslog_facility", "syslogfacility", "syslogfacility-text":
			w.facility(v)
		case "priority":
			w.priority(v)
		case "pri": // syslog's own number, where priority may have been reduced to the level
			w.facility0 = w.priority(v) || w.facility0
		case "_TRANSPORT", "_transport":
			w.other = w.other || textOf(v) != "kernel"
		case "proc_id", "pid":
			text := textOf(v)
			w.process = w.process || text != "" && text != "-" || v.Type() == pcommon.ValueTypeInt
		case "hostname", "host":
			w.host = textOf(v)
		case "log.file.path":
			w.container = w.container || ofContainer(textOf(v))
		default:
			w.container = w.container || marksContainer(name)
		}
	}
}

// program takes in the name of a program.
func (w *witness) program(name string) {
	switch name {
	case "":
	case "kernel":
		w.kernel = true
	default:
		w.other, w.name = true, name
	}
}

// facility takes in a facility, a number or a name.
func (w *witness) facility(v pcommon.Value) {
	n, ok := numberOf(v)
	switch text := textOf(v); {
	case ok && n == 0, text == "kern":
		w.facility0 = true
	case ok, text != "":
		w.other = true
	}
}

// priority takes in a syslog priority, facility times eight plus level, and reports whether its facility is the kernel's. The name
// of a level says nothing.
func (w *witness) priority(v pcommon.Value) bool {
	n, ok := numberOf(v)
	if !ok || n < 0 {
		return false
	}
	if n > 7 {
		w.other = true
		return false
	}
	w.level = uint8(n)
	return true
}

// appendSyslog appends the syslog message that text and what stands beside it once were; other says that it is not the kernel's.
// Control bytes are written as rsyslog writes them: one message stays one line.
func (w *witness) appendSyslog(dst []byte, when pcommon.Timestamp, text []byte, other bool) []byte {
	program := "kernel"
	switch {
	case other:
		program = w.name
		dst = append(dst, "<15>"...) // any facility but the kernel's
	case w.facility0:
		dst = append(dst, '<', '0'+w.level, '>')
	}
	dst = append(dst, "1 "...)
	if when != 0 {
		dst = when.AsTime().AppendFormat(dst, time.RFC3339Nano)
	} else {
		dst = append(dst, '-')
	}
	dst = appendWord(append(dst, ' '), w.host)
	dst = appendWord(append(dst, ' '), program)
	dst = append(dst, " - - - "...)
	for _, c := range text {
		if c < ' ' && c != '\t' || c == 0x7f {
			dst = append(dst, '#', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendWord appends a field of a syslog message, "-" for one that is no word.
func appendWord(dst []byte, word string) []byte {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return append(dst, '-')
	}
	return append(dst, word...)
}

// isSyslog reports whether text begins as a syslog message does.
func isSyslog(text []byte) (is bool) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	format.NewDecoder(format.Auto).Decode(line, func(l *format.Line) { is = l.Format == format.Syslog })
	return is
}

// marksContainer reports whether an attribute of that name says that a container's log carried the text: the names of the
// container operator, of Fluent Bit and of Docker's drivers.
func marksContainer(name string) bool {
	switch name {
	case "stream", "log.iostream", "logtag":
		return true
	}
	return hasAnyPrefix(name, "kubernetes", "docker", "container_", "container.", "CONTAINER_", "k8s.container.", "k8s.pod.")
}

// ofContainer reports whether a file is where the runtimes keep the logs of containers.
func ofContainer(path string) bool {
	return strings.Contains(path, "/log/pods/") || strings.Contains(path, "/log/containers/") || strings.Contains(path, "/docker/containers/")
}

// fromContainer reports whether a resource is a container. That of a node's agent may be a pod, not one of its containers.
func fromContainer(res pcommon.Map) bool {
	for name := range res.All() {
		if hasAnyPrefix(name, "k8s.container.", "container.") {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// numberOf returns a number, or one that stands in a string.
func numberOf(v pcommon.Value) (n int, ok bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return int(v.Int()), true
	case pcommon.ValueTypeDouble:
		n = int(v.Double())
		return n, float64(n) == v.Double()
	case pcommon.ValueTypeStr:
		n, err := strconv.Atoi(v.Str())
		return n, err == nil
	}
	return 0, false
}

// textOf returns a string value's text, "" for another value.
func textOf(v pcommon.Value) string {
	if v.Type() != pcommon.ValueTypeStr {
		return ""
	}
	return v.Str()
}
