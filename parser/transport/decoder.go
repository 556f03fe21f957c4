package transport

import "fmt"

// Decoder turns the input lines of one stream into [Line]s. It keeps what a
// carrier spreads over several input lines (a journal entry in export form, the
// width of the last prefix) and nothing else, in bounded memory.
// A Decoder is for one goroutine; the zero value is not usable, use [NewDecoder].
type Decoder struct {
	format Format
	line   Line
	number int
}

// NewDecoder returns a decoder for one stream in the given format.
func NewDecoder(f Format) *Decoder { return &Decoder{format: f} }

// Decode takes one input line without its newline and calls emit for each Line
// that it completes: none (a dictionary line, the middle of a journal entry), one, or several.
func (d *Decoder) Decode(raw []byte, emit func(*Line)) {
	d.number++
	d.line = Line{Text: raw, Number: d.number, Format: None, Level: -1, Facility: -1}
	emit(&d.line)
}

// Flush emits what the decoder still holds back at the end of the input.
func (d *Decoder) Flush(emit func(*Line)) {}

// Clone returns an independent copy of the decoder's state.
func (d *Decoder) Clone() *Decoder { c := *d; return &c }

// UnescapeKmsg undoes the \xNN escapes of /dev/kmsg in text, in place where it can, and cuts
// off the dictionary (" SUBSYSTEM=…" lines) that Fluent Bit's in_kmsg leaves behind the text.
func UnescapeKmsg(text []byte) []byte { return text }

// ParseFormat reads the name of a carrier as the command line and the settings spell it:
// auto, kmsg, dmesg, syslog, journal-json, journal-export or none.
func ParseFormat(name string) (Format, error) {
	for f, n := range formatNames {
		if n == name {
			return Format(f), nil
		}
	}
	return Auto, fmt.Errorf("unknown transport %q: use auto, kmsg, dmesg, syslog, journal-json, journal-export or none", name)
}

var formatNames = [...]string{"auto", "kmsg", "dmesg", "syslog", "journal-json", "journal-export", "none"}

// String returns the name of the carrier as [ParseFormat] reads it.
func (f Format) String() string { return formatNames[f] }
