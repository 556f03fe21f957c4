// SPDX-License-Identifier: Apache-2.0

// Package setting checks the settings that several frontends have. An error names the key, the
// value and what would be right.
package setting

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for Location in an image without the time zone database

	"github.com/oomtrail/oomtrail/parser"
)

// OneOf returns an error when value is none of the words. An empty word stands for a setting that
// is not given.
func OneOf(key, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
	return fmt.Errorf("%s: %q: use %s", key, value, strings.Join(words, ", "))
}

// Location returns an error when value names no time zone. Empty is the machine's own.
func Location(key, value string) error {
	if _, err := time.LoadLocation(value); err != nil {
		return fmt.Errorf("%s: %q: %w; use a name such as Europe/Berlin or UTC", key, value, err)
	}
	return nil
}

// TrustedSource returns an error when value names no source.
func TrustedSource(key, value string) error {
	if _, err := parser.ParseTrustedSource(value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// RootPath returns an error when value is no absolute path. Empty is the process's own root.
func RootPath(key, value string) error {
	if value != "" && !filepath.IsAbs(value) {
		return fmt.Errorf("%s: %q: use an absolute path, such as /host", key, value)
	}
	return nil
}

// MaxHostName is how long a host's name can be, in bytes: the longest name of a node of Kubernetes.
// Linux's own names are shorter.
const MaxHostName = 253

// HostName returns an error when value is too long for the name of a host.
func HostName(key, value string) error {
	if len(value) > MaxHostName {
		return fmt.Errorf("%s: %.40q…: has %d bytes: use a name of %d at most", key, value, len(value), MaxHostName)
	}
	return nil
}

// TasksTop returns an error when value is no number of tasks that a record can list.
func TasksTop(key string, value int) error {
	if value < 0 || value > parser.MaxTasksTop {
		return fmt.Errorf("%s: %d: use 0 (none) to %d", key, value, parser.MaxTasksTop)
	}
	return nil
}

// Switch reads a switch in the words that Fluent Bit takes; ok is false for another word.
func Switch(value string) (on, ok bool) {
	switch strings.ToLower(value) {
	case "on", "true", "yes", "1":
		return true, true
	case "off", "false", "no", "0":
		return false, true
	}
	return false, false
}
