// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/format"
)

// carrier names what brought the text of a record, by the form of its fields. Anybody can give an
// event these fields.
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
	case text != nil && (f.value[fieldPRI] != nil || f.value[fieldIdent] != nil || f.value[fieldFacility] != nil):
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
	if h := f.name(fieldHostname); len(h) > 0 {
		return h
	}
	if h := f.name(fieldHost); len(h) > 0 {
		return h
	}
	if h := f.name(fieldNode); len(h) > 0 {
		return h
	}
	return nil
}

// kmsgLine makes the line of an in_kmsg record. in_kmsg masks the facility off, so that nothing
// tells the kernel's lines from a user's; text must be the caller's own, it is changed.
func (f *fields) kmsgLine(l *format.Line, text []byte, at time.Time) {
	sec, hasSec := f.number(fieldSec)
	usec, hasUsec := f.number(fieldUsec)
	sequence, hasSequence := f.number(fieldSequence)
	*l = format.Line{
		Text:        format.UnescapeKmsg(text),
		Format:      format.Kmsg,
		Level:       -1,
		Facility:    -1,
		Wall:        at,
		Assumed:     format.AssumedBootClock, // by in_kmsg
		Sequence:    uint64(sequence),
		HasSequence: hasSequence,
	}
	f.setPriority(l, fieldPriority)
	if hasSec && hasUsec {
		setUptime(l, sec*1e6+usec)
	}
}

// journalLine makes the line of an in_systemd record.
func (f *fields) journalLine(l *format.Line, text []byte, at time.Time) {
	*l = format.Line{
		Text:      text,
		Format:    format.JournalJSON,
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
	f.setFacility(l)
	if string(f.text(fieldTransport)) == "kernel" {
		l.Origin = format.OriginKernel
	}
	if usec, ok := f.number(fieldMonotonic); ok && usec >= 0 {
		setUptime(l, usec)
	}
}

// syslogLine completes a line whose text a decoder has already freed of the kernel's stamp.
func (f *fields) syslogLine(l *format.Line, at time.Time) {
	l.Format = format.Syslog
	l.Wall = at
	l.Stamp = f.text(fieldTime)
	l.Tag = f.text(fieldIdent)
	if l.Origin != format.OriginUser { // a facility in the text proves nothing: that is for the fields to say
		l.Origin, l.Facility = format.OriginUnknown, -1
	}
	f.setFacility(l)
	if f.value[fieldPRI] != nil {
		f.setPriority(l, fieldPRI)
	} else if n, ok := f.number(fieldPriority); ok && n >= 0 && n <= 1023 { // the level, or with another facility than 0 the same number
		l.Level = int8(n & 7)
		if n > 7 {
			l.Origin = format.OriginUser
		}
	}
	switch pid := f.text(fieldPID); {
	case len(pid) > 0 && string(pid) != "-": // the kernel has none
		l.Origin = format.OriginUser
	case l.Facility == 0 && l.Origin == format.OriginUnknown:
		l.Origin = format.OriginKernel
	}
}

// setFacility reads the facility where a field of its own gives it.
func (f *fields) setFacility(l *format.Line) {
	if n, ok := facility(f.value[fieldFacility]); ok {
		l.Facility = int16(n)
	}
}

// setPriority reads a priority, facility*8 + level, and what it says about who wrote the line.
func (f *fields) setPriority(l *format.Line, id field) {
	pri, ok := f.number(id)
	if !ok || pri < 0 || pri > 1023 {
		return
	}
	l.Level, l.Facility = int8(pri&7), int16(pri>>3)
	switch {
	case l.Facility != 0:
		l.Origin = format.OriginUser
	case l.Origin == format.OriginUnknown:
		l.Origin = format.OriginKernel
	}
}

// setUptime sets the kernel's stamp, in microseconds since boot.
func setUptime(l *format.Line, usec int64) {
	l.Uptime, l.HasUptime = usec, true
}
