// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // for Location in an image without the time zone database

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// Mode says what becomes of the lines of a report.
type Mode uint8

const (
	// Append lets every line pass and adds the record.
	Append Mode = iota
	// Replace drops the lines of a report as they are recognised, once its head was seen.
	Replace
	// Only drops everything but records.
	Only
)

var modeNames = [...]string{Append: "append", Replace: "replace", Only: "only"}

// String returns the mode's name as the setting spells it.
func (m Mode) String() string { return modeNames[m] }

// Settings are the settings of one instance.
type Settings struct {
	// Key is the field that holds the kernel's text; "" finds it by itself.
	Key string
	// Format is the form of the records.
	Format form.Format
	// Mode says what becomes of the lines of a report.
	Mode Mode
	// StreamKeys are the fields that tell hosts apart, besides the tag; nil finds the host by itself.
	StreamKeys []string
	// IncludeOriginal adds the report's lines to its records.
	IncludeOriginal bool
	// TasksTop is how many of the largest tasks a record lists, 0..50.
	TasksTop int
	// MemoryStat says how many memory.stat figures a record carries.
	MemoryStat parser.MemoryStat
	// Trust says which lines may make a record.
	Trust parser.Trust
	// TrustedSource says what the input is known to come from: lines in a form of that source can
	// be verified.
	TrustedSource parser.TrustedSource
	// Accept says which events that come in are records of ours.
	Accept logevent.Accept
	// HostName is the host of records whose source names none.
	HostName string
	// Location is the time zone of stamps that name none; nil is the machine's own.
	Location *time.Location
	// MaxMemory bounds what the streams of all instances of the process hold together, in bytes; 0 means [parser.DefaultMaxMemory].
	MaxMemory int64
}

var (
	acceptNames = [...]string{logevent.AcceptMarked: "marked", logevent.AcceptAny: "any", logevent.AcceptNone: "none"}
)

// Keys are the settings of the filter, as its documentation spells them.
var Keys = []string{"Key", "Format", "Mode", "Stream_Keys", "Include_Original", "Tasks_Top", "Memory_Stat", "Trust", "Trusted_Source", "Accept_Records", "Host_Name", "Location", "Max_Memory"}

// hostKeys are what Fluent Bit itself keeps among the properties of a filter.
var hostKeys = []string{"active"}

// ParseSettings reads the settings of one instance. get returns the value of a key, "" when it is not given;
// an empty value means the default. given lists the keys that the configuration really has, nil when the
// host does not tell. The error names every key that is wrong, its value and what would be right.
func ParseSettings(get func(key string) string, given []string) (Settings, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	s := Settings{Key: get("Key"), HostName: get("Host_Name")}
	var err error

	if v := get("Format"); v != "" {
		if s.Format, err = form.Parse(v); err != nil {
			fail("Format %q is not known: use oom, flat or ecs", v)
		}
	}
	s.Mode = Mode(choice("Mode", get("Mode"), modeNames[:], fail))
	s.MemoryStat = parser.MemoryStat(choice("Memory_Stat", get("Memory_Stat"), parser.MemoryStatNames(), fail))
	s.Trust = parser.Trust(choice("Trust", get("Trust"), parser.TrustNames(), fail))
	s.TrustedSource = parser.TrustedSource(choice("Trusted_Source", get("Trusted_Source"), parser.TrustedSourceNames(), fail))
	s.Accept = logevent.Accept(choice("Accept_Records", get("Accept_Records"), acceptNames[:], fail))
	if v := get("Location"); v != "" {
		if s.Location, err = time.LoadLocation(v); err != nil {
			fail("Location %q is no time zone: use a name such as Europe/Berlin or UTC", v)
		}
	}
	if v := get("Include_Original"); v != "" {
		if s.IncludeOriginal, err = onOff(v); err != nil {
			fail("Include_Original %q is not a switch: use on or off", v)
		}
	}
	s.TasksTop = parser.DefaultTasksTop
	if v := get("Tasks_Top"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > parser.MaxTasksTop {
			fail("Tasks_Top %q is out of range: use a number from 0 (none) to 50", v)
		}
		s.TasksTop = n
	}
	if v := get("Stream_Keys"); v != "" {
		s.StreamKeys = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		if len(s.StreamKeys) == 0 {
			fail("Stream_Keys %q names no field: list the fields that tell hosts apart, as in _HOSTNAME,_BOOT_ID", v)
		}
	}
	if v := get("Max_Memory"); v != "" {
		if s.MaxMemory, err = parser.ParseMaxMemory(v); err != nil {
			fail("Max_Memory %v", err)
		}
	}
	errs = append(errs, unknownKeys(given)...)
	return s, errors.Join(errs...)
}

// choice returns the index of a value among names, the first when it is not given.
func choice(key, value string, names []string, fail func(string, ...any)) int {
	if value == "" {
		return 0
	}
	for i, name := range names {
		if strings.EqualFold(name, value) {
			return i
		}
	}
	fail("%s %q is not known: use %s or %s", key, value, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
	return 0
}

// onOff reads a switch in the words that Fluent Bit takes.
func onOff(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	}
	return false, errors.New("not a switch")
}

// unknownKeys returns an error for each key that is no setting, or stands twice.
func unknownKeys(given []string) []error {
	var errs []error
	seen := make(map[string]bool)
	for _, key := range given {
		lower := strings.ToLower(key)
		switch {
		case !has(Keys, key) && !has(hostKeys, key):
			errs = append(errs, fmt.Errorf("%s is no setting of this filter: use %s", key, strings.Join(Keys, ", ")))
		case seen[lower]:
			errs = append(errs, fmt.Errorf("%s is given twice: keep one", key))
		}
		seen[lower] = true
	}
	return errs
}

// has reports whether keys holds key in any case of letters, as Fluent Bit compares them.
func has(keys []string, key string) bool {
	for _, k := range keys {
		if strings.EqualFold(k, key) {
			return true
		}
	}
	return false
}

// String returns the settings in force, for the line at start.
func (s Settings) String() string {
	key, streams, original := "auto", "auto", "off"
	if s.Key != "" {
		key = s.Key
	}
	if s.StreamKeys != nil {
		streams = strings.Join(s.StreamKeys, ",")
	}
	if s.IncludeOriginal {
		original = "on"
	}
	location := "machine"
	if s.Location != nil {
		location = s.Location.String()
	}
	return fmt.Sprintf("key=%s format=%s mode=%s stream_keys=%s include_original=%s tasks_top=%d memory_stat=%s trust=%s trusted_source=%s accept_records=%s host_name=%q location=%s max_memory=%d",
		key, s.Format, s.Mode, streams, original, s.TasksTop, s.MemoryStat, s.Trust, s.TrustedSource, acceptNames[s.Accept], s.HostName, location, cmp.Or(s.MaxMemory, parser.DefaultMaxMemory))
}

// dating says how stamps are dated that leave something open.
func (s Settings) dating(writtenBy func() time.Time) format.Dating {
	d := format.Dating{Location: s.Location, Reference: writtenBy}
	if d.Location == nil {
		d.Location = time.Local
	}
	return d
}

// options are the parser's options of these settings.
func (s Settings) options() parser.Options {
	o := parser.Options{
		Trust:           s.Trust,
		MemoryStat:      s.MemoryStat,
		TasksTop:        s.TasksTop,
		NoTasks:         s.TasksTop == 0,
		IncludeOriginal: s.IncludeOriginal || s.Mode == Replace, // a report without a victim gives back what was dropped
		HostName:        s.HostName,
		ReportTimeout:   reportTimeout,
	}
	return o
}
