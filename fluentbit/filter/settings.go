// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for Location in an image without the time zone database

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/workload"
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

var modeNames = enum.New[Mode]("mode", "append", "replace", "only")

// String returns the mode's name as the setting spells it.
func (m Mode) String() string { return modeNames.String(m) }

// Setting is one setting of the filter.
type Setting struct {
	// Key is its name as the documentation spells it.
	Key string
	// Type and Default say in Markdown what it takes; empty for one of several words, the first of
	// which is the default.
	Type, Default string
	// Example is a value other than the default.
	Example string
	// Meaning is what it does, in Markdown.
	Meaning string
	value
}

// Keys are the names of the settings, as the documentation spells them.
var Keys = func() (keys []string) {
	for _, s := range table {
		keys = append(keys, s.Key)
	}
	return keys
}()

// hostKeys are what Fluent Bit itself keeps among the properties of a filter.
var hostKeys = []string{"active"}

// ParseSettings reads the settings of one instance. get returns the value of a key, "" when it is
// not given; an empty value means the default. given lists the keys that the configuration really
// has, nil when the host does not list them. The error names every key that is wrong, its value and
// what would be right.
func ParseSettings(get func(key string) string, given []string) (Settings, error) {
	var errs []error
	s := Settings{TasksTop: parser.DefaultTasksTop, Names: true}
	for _, t := range table {
		if v := get(t.Key); v != "" {
			if wrong := t.read(&s, v); wrong != "" {
				errs = append(errs, fmt.Errorf("%s %q %s", t.Key, v, wrong))
			}
		}
	}
	errs = append(errs, UnknownKeys(given, Keys, hostKeys, "filter")...)
	return s, errors.Join(errs...)
}

// UnknownKeys returns an error for each given key that is none of a plugin's settings, or is given
// twice. reserved are keys that the host keeps to itself.
func UnknownKeys(given, keys, reserved []string, plugin string) (errs []error) {
	seen := make(map[string]bool)
	for _, key := range given {
		lower := strings.ToLower(key)
		switch {
		case !has(keys, key) && !has(reserved, key):
			errs = append(errs, fmt.Errorf("%s is no setting of this %s: use %s", key, plugin, strings.Join(keys, ", ")))
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
func (s Settings) String() string { return s.Show(Keys) }

// Show returns the values in force of some settings, as [Settings.String] does of all.
func (s Settings) Show(keys []string) string {
	var shown []string
	for _, t := range table {
		if slices.Contains(keys, t.Key) {
			shown = append(shown, strings.ToLower(t.Key)+"="+t.show(&s))
		}
	}
	return strings.Join(shown, " ")
}

// dating says how stamps are dated that leave something open.
func (s Settings) dating(writtenBy func() time.Time) format.Dating {
	d := format.Dating{Location: s.Location, Reference: writtenBy}
	if d.Location == nil {
		d.Location = time.Local
	}
	return d
}

// Options returns the parser's options of these settings. An error says why no names are found, and
// what to do; the options work without.
func (s Settings) Options() (parser.Options, error) {
	o := s.options()
	if !s.Names {
		return o, nil
	}
	resolver, err := workload.New(workload.Options{Root: s.RootPath, Setting: "Root_Path"})
	o.Names = resolver.Lookup
	return o, err
}

// search is what a line is looked for.
func (s *Settings) search() parser.Search { return parser.Search{Deaths: s.Sigkill} }

// options are the parser's options of these settings.
func (s Settings) options() parser.Options {
	o := parser.Options{
		Trust:           s.Trust,
		Observations:    s.Observations,
		Sigkill:         s.Sigkill,
		MemoryStat:      s.MemoryStat,
		TasksTop:        s.TasksTop,
		NoTasks:         s.TasksTop == 0,
		IncludeOriginal: s.IncludeOriginal || s.Mode == Replace, // a report without a victim gives back what was dropped
		HostName:        s.HostName,
		ReportTimeout:   reportTimeout,
	}
	return o
}
