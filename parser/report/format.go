// SPDX-License-Identifier: Apache-2.0

package report

import "github.com/oomtrail/oomtrail/internal/enum"

// Format is how a line of log is encoded.
type Format uint8

// The formats.
const (
	// Auto recognises the format line by line, and undoes what mail and web pages do to pasted
	// logs.
	Auto Format = iota
	// Kmsg is what read(2) from /dev/kmsg returns: "6,352,4274134,-;text".
	Kmsg
	// Dmesg is any output of dmesg(1), /proc/kmsg, syslog(2) or a serial console.
	Dmesg
	// Syslog is a syslog file or journalctl's short output: RFC 3164, RFC 5424, rsyslog's and
	// journald's variants.
	Syslog
	// JournalJSON is journalctl -o json, one entry a line.
	JournalJSON
	// JournalExport is journalctl -o export.
	JournalExport
	// None is the kernel's text alone.
	None
	NumFormats
)

// formats is the one list of formats, by value: settings, checks and texts range over it.
var formats = [NumFormats]struct {
	// name is how the setting `transport` spells the format, title how a sentence calls it.
	name, title string
	// source is the source whose lines have the format, SourceNone for a format that says nothing.
	source Source
	// whole is set for a format in which a record is one line or one entry, whatever its text
	// holds.
	whole bool
	// spans is set for a format with entries of several lines.
	spans bool
	// skips is set for a format whose lines can be skipped: none changes how a later one is read.
	skips bool
}{
	Auto:          {name: "auto", title: "any log format"},
	Kmsg:          {name: "kmsg", title: "/dev/kmsg", source: SourceKmsg, whole: true, skips: true},
	Dmesg:         {name: "dmesg", title: "dmesg", source: SourceSyslog, skips: true},
	Syslog:        {name: "syslog", title: "syslog", source: SourceSyslog, skips: true},
	JournalJSON:   {name: "journal-json", title: "journalctl -o json", source: SourceJournald, whole: true, skips: true},
	JournalExport: {name: "journal-export", title: "journalctl -o export", source: SourceJournald, whole: true, spans: true},
	None:          {name: "none", title: "no known log format", skips: true},
}

var formatNames = func() enum.Names[Format] {
	var names []string
	for i := range formats {
		names = append(names, formats[i].name)
	}
	return enum.New[Format]("transport", names...)
}()

// String returns the format's name, as the setting `transport` spells it.
func (f Format) String() string { return formatNames.String(f) }

// ParseFormat returns the format with that name: the inverse of [Format.String].
func ParseFormat(name string) (Format, error) { return formatNames.Parse(name) }

// FormatNames returns the names of all formats, by value.
func FormatNames() []string { return formatNames.All() }

// Title returns what a sentence calls the format: "journalctl -o json".
func (f Format) Title() string {
	if f >= NumFormats {
		return f.String()
	}
	return formats[f].title
}

// Source returns the source whose lines have the format, SourceNone for Auto and None.
func (f Format) Source() Source {
	if f >= NumFormats {
		return SourceNone
	}
	return formats[f].source
}

// IsWhole reports whether a record is one line or one entry in the format, whatever its text holds.
// Other formats split a record at its newlines, so that a line may be a piece of another program's
// record.
func (f Format) IsWhole() bool { return f < NumFormats && formats[f].whole }

// SpansLines reports whether the format has entries of several lines.
func (f Format) SpansLines() bool { return f < NumFormats && formats[f].spans }

// SkipsLines reports whether lines of the format can be skipped, since none changes how a later one
// is read.
func (f Format) SkipsLines() bool { return f < NumFormats && formats[f].skips }

// Has reports whether lines of the source have the format.
func (s Source) Has(f Format) bool { return s != SourceNone && f.Source() == s }
