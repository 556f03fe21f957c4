// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/parser"
)

// value is how the value of a setting is read and shown.
type value struct {
	// read reads a value that is not empty. It returns what is wrong with it and what would be
	// right, "" for nothing.
	read func(s *Settings, v string) (wrong string)
	// show returns the value in force.
	show func(s *Settings) string
	// words are what a setting of one of several words takes, the default first.
	words []string
}

// text is a name: any text that is no longer than a host's.
func text(at func(*Settings) *string, show func(string) string) value {
	return value{
		read: func(s *Settings, v string) string {
			if len(v) > setting.MaxHostName {
				return fmt.Sprintf("has %d bytes: use %d at most", len(v), setting.MaxHostName)
			}
			*at(s) = v
			return ""
		},
		show: func(s *Settings) string { return show(*at(s)) },
	}
}

// oneOf is one of several words, in any case of letters.
func oneOf[T ~uint8](at func(*Settings) *T, words []string) value {
	return value{
		words: words,
		read: func(s *Settings, v string) string {
			i := slices.IndexFunc(words, func(word string) bool { return strings.EqualFold(word, v) })
			if i < 0 {
				return "is not known: use " + enum.Or(words)
			}
			*at(s) = T(i)
			return ""
		},
		show: func(s *Settings) string { return words[*at(s)] },
	}
}

// onOff is a switch, in the words that Fluent Bit takes.
func onOff(at func(*Settings) *bool) value {
	return value{
		read: func(s *Settings, v string) string {
			on, ok := setting.Switch(v)
			if !ok {
				return "is not a switch: use on or off"
			}
			*at(s) = on
			return ""
		},
		show: func(s *Settings) string {
			if *at(s) {
				return "on"
			}
			return "off"
		},
	}
}

func readStreamKeys(s *Settings, v string) string {
	s.StreamKeys = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
	if len(s.StreamKeys) == 0 {
		return "names no field: list the fields that differ between hosts, as in _HOSTNAME,_BOOT_ID"
	}
	return ""
}

func showStreamKeys(s *Settings) string {
	if s.StreamKeys == nil {
		return "auto"
	}
	return strings.Join(s.StreamKeys, ",")
}

func readTasksTop(s *Settings, v string) string {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > parser.MaxTasksTop {
		return fmt.Sprintf("is out of range: use a number from 0 (none) to %d", parser.MaxTasksTop)
	}
	s.TasksTop = n
	return ""
}

func readLocation(s *Settings, v string) string {
	var err error
	if s.Location, err = time.LoadLocation(v); err != nil {
		return "is no time zone: use a name such as Europe/Berlin or UTC"
	}
	return ""
}

func showLocation(s *Settings) string {
	if s.Location == nil {
		return "machine"
	}
	return s.Location.String()
}

func readRootPath(s *Settings, v string) string {
	if !filepath.IsAbs(v) {
		return "is no absolute path: use one such as /host"
	}
	s.RootPath = v
	return ""
}

func readMaxMemory(s *Settings, v string) string {
	var err error
	if s.MaxMemory, err = parser.ParseMaxMemory(v); err != nil {
		return strings.TrimPrefix(err.Error(), strconv.Quote(v)+" ")
	}
	return ""
}
