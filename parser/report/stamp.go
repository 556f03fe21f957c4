// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"time"

	"github.com/oomtrail/oomtrail/internal/enum"
)

// Stamp is what the log's format says about one line.
type Stamp struct {
	// Number is the input line, from 1; 0 where unknown. Position is the caller's own mark of the
	// line.
	Number   int
	Position int64
	// Format is how the line was encoded, Origin who wrote it.
	Format Format
	Origin Origin
	// Uptime is the kernel's timestamp in microseconds since boot, valid iff HasUptime.
	Uptime    int64
	HasUptime bool
	// Wall is the wall time, zero where date, year and zone are not all known. Text is the wall
	// timestamp as printed, "" where there is none.
	Wall time.Time
	Text string
	// Assumed is what of Wall the timestamp itself left open.
	Assumed Assumed
	// LogTime orders the lines of one log, valid iff HasLogTime: the kernel's timestamp, else the
	// wall timestamp.
	LogTime    time.Duration
	HasLogTime bool
	// Printed orders the lines of one log by their wall timestamps alone, as printed: also where
	// date, year or zone is not known. It is 0 where there is none.
	Printed time.Duration
	// Sequence is the kernel's sequence number of the record, valid iff HasSequence.
	Sequence    uint64
	HasSequence bool
	// Host is the host name, BootID and MachineID are the journal's ids, Caller is the printk
	// caller (5.1+); "" where the line has none.
	Host, BootID, MachineID, Caller string
	// Contained is set where a container's log brought the line.
	Contained bool
}

// Source is what an input is known to come from. Text alone proves nothing, any user can write it:
// the caller who opened the input knows. docs/trust.md says what each source proves.
type Source uint8

// The sources.
const (
	// SourceNone: nothing is known of the input. No line of it is OriginKernel.
	SourceNone Source = iota
	// SourceKmsg: the input is /dev/kmsg, or a copy of it.
	SourceKmsg
	// SourceJournald: the input is a journal as journalctl prints it, in JSON or in export form.
	SourceJournald
	// SourceSyslog: the input is the output of syslog(2) or dmesg, or of a syslog daemon that lets
	// only the kernel use facility 0.
	SourceSyslog
)

var sourceNames = enum.New[Source]("trusted source", "none", "kmsg", "journald", "syslog")

// String returns none, kmsg, journald or syslog, as the setting `trusted_source` spells it.
func (s Source) String() string { return sourceNames.String(s) }

// ParseSource returns the source with that name: the inverse of [Source.String]. The empty string
// is SourceNone.
func ParseSource(name string) (Source, error) {
	s, ok := sourceNames.Find(name)
	if !ok && name != "" {
		return SourceNone, fmt.Errorf("unknown trusted source %q: use kmsg, journald or syslog, or leave it out", name)
	}
	return s, nil
}

// SourceNames returns the names of all sources, by value.
func SourceNames() []string { return sourceNames.All() }

// Origin is who wrote a line, as far as the log's format shows it.
type Origin uint8

// The origins.
const (
	// OriginUnknown: the format does not show it, as in plain dmesg or a syslog file without PRI.
	OriginUnknown Origin = iota
	// OriginKernel: the kernel wrote the line. Its form says so (facility 0; _TRANSPORT=kernel),
	// and the input is known to come from a source of that form: see [Source].
	OriginKernel
	// OriginUser: the format shows that a user process wrote the line. Such a line makes no record.
	OriginUser
)

var originNames = enum.New[Origin]("origin", "unknown", "kernel", "user")

// String returns unknown, kernel or user.
func (o Origin) String() string { return originNames.String(o) }

// Trust is which lines may make a record.
type Trust uint8

// The levels of trust.
const (
	// TrustAuto takes a line unless its format shows that a user process wrote it. Records say
	// whether they are verified.
	TrustAuto Trust = iota
	// TrustKernel takes only lines that are known to be the kernel's.
	TrustKernel
	// TrustAny takes every line.
	TrustAny
)

var trustNames = enum.New[Trust]("trust", "auto", "kernel", "any")

// String returns auto, kernel or any, as the setting `trust` spells it.
func (t Trust) String() string { return trustNames.String(t) }

// TrustNames returns the names of all levels, by value.
func TrustNames() []string { return trustNames.All() }

// ParseTrust returns the level with that name: the inverse of [Trust.String]. The empty string is
// TrustAuto.
func ParseTrust(name string) (Trust, error) { return trustNames.ParseSetting(name) }

// Takes reports whether a line of that origin may make a record.
func (t Trust) Takes(o Origin) bool {
	switch t {
	case TrustAny:
		return true
	case TrustKernel:
		return o == OriginKernel
	}
	return o != OriginUser
}

// Assumed is what of a wall time the log itself does not say: a set of flags.
type Assumed uint8

// The flags.
const (
	AssumedZone      Assumed = 1 << iota // the zone is that of a setting
	AssumedYear                          // the year is the newest that fits
	AssumedBootClock                     // the kernel's timestamp was added to this machine's boot time
)

// assumedNames are the names of all sets, by their flags.
var assumedNames = enum.New[Assumed]("assumed", "", "zone", "year", "zone,year", "boot_clock", "zone,boot_clock", "year,boot_clock", "zone,year,boot_clock")

// String returns the flags' names joined by commas, zone, year, boot_clock, as `oom.time.assumed`
// has them; "" for none.
func (a Assumed) String() string { return assumedNames.String(a) }
