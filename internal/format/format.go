// SPDX-License-Identifier: Apache-2.0

package format

import "fmt"

var formatNames = [...]string{"auto", "kmsg", "dmesg", "syslog", "journal-json", "journal-export", "none"}

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

// String returns the name of the carrier as [ParseFormat] reads it.
func (f Format) String() string {
	if int(f) >= len(formatNames) {
		return fmt.Sprintf("transport %d", uint8(f))
	}
	return formatNames[f]
}
