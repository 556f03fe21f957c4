// SPDX-License-Identifier: Apache-2.0

package format

import "fmt"

// TrustedSource names what an input is known to come from. Text alone proves nothing, anybody can write it: only who opened
// the input, or the operator who chose it, knows. The zero value trusts nothing.
type TrustedSource uint8

const (
	// TrustedNone: nobody vouches for the input. None of its lines is OriginKernel.
	TrustedNone TrustedSource = iota
	// TrustedKmsg: the input is /dev/kmsg, or a copy of what it gave.
	TrustedKmsg
	// TrustedJournald: the input is a journal as journalctl prints it, in JSON or in the export form.
	TrustedJournald
	// TrustedSyslog: the input is what syslog(2) or dmesg gives, or what a syslog daemon wrote that lets nobody but the
	// kernel use facility 0.
	TrustedSyslog
)

var trustedNames = [...]string{"none", "kmsg", "journald", "syslog"}

// ParseTrustedSource reads the setting `trusted_source`: kmsg, journald or syslog; empty, or none, trusts nothing.
func ParseTrustedSource(name string) (TrustedSource, error) {
	if name == "" {
		return TrustedNone, nil
	}
	for s, n := range trustedNames {
		if n == name {
			return TrustedSource(s), nil
		}
	}
	return TrustedNone, fmt.Errorf("unknown trusted source %q: use kmsg, journald or syslog, or leave it out", name)
}

// String returns none, kmsg, journald or syslog.
func (s TrustedSource) String() string {
	if int(s) >= len(trustedNames) {
		return fmt.Sprintf("trusted source %d", uint8(s))
	}
	return trustedNames[s]
}

// Gives reports whether a line of format f is one that the source gives.
func (s TrustedSource) Gives(f Format) bool { return f.Source() == s && s != TrustedNone }

// Source returns the source whose lines have the format; TrustedNone for Auto and None, which say nothing.
func (f Format) Source() TrustedSource {
	switch f {
	case Kmsg:
		return TrustedKmsg
	case JournalJSON, JournalExport:
		return TrustedJournald
	case Dmesg, Syslog:
		return TrustedSyslog
	}
	return TrustedNone
}
