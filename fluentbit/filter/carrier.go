package filter

import (
	"time"

	"github.com/oomtrail/oomtrail/parser/transport"
)

// carrier names what brought the text of a record.
type carrier uint8

const (
	carrierNone    carrier = iota // the record has no text of interest
	carrierKmsg                   // in_kmsg
	carrierJournal                // in_systemd
	carrierSyslog                 // in_syslog, or a parser of syslog lines behind in_tail
	carrierRaw                    // a line of text as it stood in a file
)

// carrier tells a record's carrier by the fields beside the text, and returns the text.
func (f *fields) carrier(key string) (carrier, []byte) {
	text := f.text(fieldKey)
	kmsg := f.value[fieldSequence] != nil && f.value[fieldSec] != nil && f.value[fieldUsec] != nil
	if key == "" {
		text = f.text(fieldMessage)
		if kmsg {
			text = f.text(fieldMsg)
		}
	}
	switch {
	case text != nil && kmsg:
		return carrierKmsg, text
	case text != nil && (f.value[fieldTransport] != nil || f.value[fieldBootID] != nil || f.value[fieldMonotonic] != nil):
		return carrierJournal, text
	case text != nil && (f.value[fieldPRI] != nil || f.value[fieldIdent] != nil):
		return carrierSyslog, text
	}
	if key == "" {
		for _, id := range [...]field{fieldLog, fieldMessage, fieldBody} {
			if text = f.text(id); text != nil {
				break
			}
		}
	}
	if text == nil {
		return carrierNone, nil
	}
	return carrierRaw, text
}

// host returns the name of the host that the record's fields tell, or nil.
func (f *fields) host() []byte {
	if h := f.text(fieldHostname); len(h) > 0 {
		return h
	}
	if h := f.text(fieldHost); len(h) > 0 {
		return h
	}
	return nil
}

// kmsgLine makes the line of an in_kmsg record. in_kmsg masks the facility off, so that nothing
// tells the kernel's lines from a user's; text must be the caller's own, it is changed.
func (f *fields) kmsgLine(l *transport.Line, text []byte, at time.Time) {
	sec, hasSec := f.number(fieldSec)
	usec, hasUsec := f.number(fieldUsec)
	sequence, hasSequence := f.number(fieldSequence)
	*l = transport.Line{
		Text:        transport.UnescapeKmsg(text),
		Format:      transport.Kmsg,
		Level:       -1,
		Facility:    -1,
		Wall:        at,
		Sequence:    uint64(sequence),
		HasSequence: hasSequence,
	}
	f.setPriority(l, fieldPriority)
	if l.Facility == 0 { // what is left of any facility
		l.Facility, l.Origin = -1, transport.OriginUnknown
	}
	if hasSec && hasUsec {
		setUptime(l, sec*1e6+usec)
	}
}

// journalLine makes the line of an in_systemd record.
func (f *fields) journalLine(l *transport.Line, text []byte, at time.Time) {
	*l = transport.Line{
		Text:      text,
		Format:    transport.JournalJSON,
		Level:     -1,
		Facility:  -1,
		Wall:      at,
		Tag:       f.text(fieldIdentifier),
		BootID:    f.text(fieldBootID),
		MachineID: f.text(fieldMachineID),
	}
	if level, ok := f.number(fieldPriority); ok && level >= 0 && level <= 7 {
		l.Level = int8(level)
	}
	if facility, ok := f.number(fieldFacility); ok && facility >= 0 && facility <= 127 {
		l.Facility = int16(facility)
	}
	switch {
	case f.foreign:
		l.Origin = transport.OriginUser
	case f.value[fieldTransport] != nil:
		l.Origin = transport.OriginKernel
	}
	if usec, ok := f.number(fieldMonotonic); ok && usec >= 0 {
		setUptime(l, usec)
	}
}

// syslogLine completes a line whose text a decoder has already freed of the kernel's stamp.
func (f *fields) syslogLine(l *transport.Line, at time.Time) {
	l.Format = transport.Syslog
	l.Wall = at
	l.Stamp = f.text(fieldTime)
	l.Tag = f.text(fieldIdent)
	f.setPriority(l, fieldPRI)
}

// setPriority reads a priority, facility*8 + level, and what it says about who wrote the line.
func (f *fields) setPriority(l *transport.Line, id field) {
	pri, ok := f.number(id)
	if !ok || pri < 0 || pri > 1023 {
		return
	}
	l.Level, l.Facility = int8(pri&7), int16(pri>>3)
	l.Origin = transport.OriginUser
	if l.Facility == 0 {
		l.Origin = transport.OriginKernel
	}
}

// setUptime sets the kernel's stamp, in microseconds since boot.
func setUptime(l *transport.Line, usec int64) {
	l.Uptime, l.HasUptime = usec, true
	l.LogTime, l.HasLogTime = time.Duration(usec)*time.Microsecond, true
}
