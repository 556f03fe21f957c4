// SPDX-License-Identifier: Apache-2.0

package input

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/internal/enum"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/watch"
)

// Emit says what an instance makes events of.
type Emit uint8

const (
	// EmitOOM makes events of the records only.
	EmitOOM Emit = iota
	// EmitAll makes one of each line, too.
	EmitAll
)

var emitNames = enum.New[Emit]("emit", "oom", "all")

// String returns the name of the value as the setting spells it.
func (e Emit) String() string { return emitNames.String(e) }

// Settings are the settings of one instance.
type Settings struct {
	// Emit says what makes an event.
	Emit Emit
	// Path is the kernel log device.
	Path string
	// Cursor is the file that keeps the place up to which the host has taken all, "" for none.
	Cursor string
	// Warnings makes events of warnings before a kill, by the settings Watch.
	Warnings bool
	Watch    warning.Settings
	// Records are the settings by which lines become records, those of the filter.
	Records filter.Settings
}

// ownSetting is one setting that only the input has.
type ownSetting struct {
	filter.Setting
	// read returns what is wrong with a value that is not empty, "" for nothing.
	read func(s *Settings, v string) (wrong string)
	show func(s *Settings) string
}

// table is the settings that only the input has, in the order of its documentation.
var table = []ownSetting{
	{
		Setting: filter.Setting{
			Key: "Emit", Type: "`oom`, `all`", Default: "`oom`", Example: "all",
			Meaning: "`oom`: nothing but records. `all`: also each line of the kernel log, as `in_kmsg` gives it (`priority`, `sequence`, `sec`, `usec`, `msg`), with `facility` and `boot_id`; a record follows the line that completes it.",
		},
		read: func(s *Settings, v string) string {
			emit, ok := emitNames.Find(strings.ToLower(v))
			if !ok {
				return "is not known: use " + enum.Or(emitNames.All())
			}
			s.Emit = emit
			return ""
		},
		show: func(s *Settings) string { return s.Emit.String() },
	},
	{
		Setting: filter.Setting{
			Key: "Path", Type: "device", Default: "`" + kmsg.Path + "`", Example: "/host/dev/kmsg",
			Meaning: "The kernel log device. Opening it takes root or `CAP_SYSLOG`; in a container it has to be mounted. A named pipe is read, too, and what is written into it counts as the kernel's.",
		},
		read: func(s *Settings, v string) string { s.Path = v; return "" },
		show: func(s *Settings) string { return strconv.Quote(s.Path) },
	},
	{
		Setting: filter.Setting{
			Key: "Cursor", Type: "file", Default: "none", Example: "/var/lib/fluent-bit/oom_kill.cursor",
			Meaning: "Where the input keeps how far it has read, for one instance alone; its directory has to exist. Without it each start reads all that the kernel still has, and the kills of this boot come again, with the same `log.record.uid` and time; a hot reload repeats nothing either way. A file that is torn, or of another boot, is said, and all of the ring is read. One that cannot be written, is in use or is no cursor refuses the start.",
		},
		read: func(s *Settings, v string) string { s.Cursor = v; return "" },
		show: func(s *Settings) string { return strconv.Quote(s.Cursor) },
	},
	{
		Setting: filter.Setting{
			Key: "Warnings", Type: "switch", Default: "`off`", Example: "on",
			Meaning: "Watch this machine and its cgroups, and give an `oom.warning` before memory runs out; a kill after it names it. See [below](#warnings). What is watched is below `Root_Path`.",
		},
		read: func(s *Settings, v string) string {
			on, ok := setting.Switch(v)
			if !ok {
				return "is not a switch: use on or off"
			}
			s.Warnings = on
			return ""
		},
		show: func(s *Settings) string {
			if s.Warnings {
				return "on"
			}
			return "off"
		},
	},
	{
		Setting: filter.Setting{
			Key: "Warnings_Cgroups", Type: "list of patterns", Default: "all with a limit", Example: "/kubepods/**,/system.slice/*.service",
			Meaning: "Which cgroups are watched, by their paths from the root of their hierarchy: `*` is any text without a slash, `**` any text. Several are separated by commas or spaces. The host is watched in any case.",
		},
		read: func(s *Settings, v string) string {
			s.Watch.Cgroups = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
			return ""
		},
		show: func(s *Settings) string { return strconv.Quote(strings.Join(s.Watch.Cgroups, ",")) },
	},
	share("Warnings_Near_Limit", "0.8", "The share of its limit from which on a cgroup is near it, without page cache that can be dropped.",
		func(s *warning.Settings) *float64 { return &s.NearLimit }),
	share("Warnings_Available", "0.05", "The share of RAM, and of swap where there is any, below which the host has little left.",
		func(s *warning.Settings) *float64 { return &s.Available }),
	share("Warnings_Pressure", "0.6", "The share of ten seconds in which all tasks waited for memory.",
		func(s *warning.Settings) *float64 { return &s.Pressure }),
	{
		Setting: filter.Setting{
			Key: "Warnings_Per_Minute", Type: "number", Default: "`" + strconv.Itoa(warning.DefaultSettings().PerMinute) + "`", Example: "60",
			Meaning: "The most warnings about cgroups in a minute. Those beyond it are counted, and that is logged.",
		},
		read: func(s *Settings, v string) string {
			n, err := strconv.Atoi(v)
			if err != nil {
				return "is no number: use one such as " + strconv.Itoa(warning.DefaultSettings().PerMinute)
			}
			s.Watch.PerMinute = n
			return ""
		},
		show: func(s *Settings) string { return strconv.Itoa(s.Watch.PerMinute) },
	},
}

// share is a setting of the watching that is a share, 0 to 1.
func share(key, example, meaning string, at func(*warning.Settings) *float64) ownSetting {
	byDefault := warning.DefaultSettings()
	show := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	return ownSetting{
		Setting: filter.Setting{Key: key, Type: "share", Default: "`" + show(*at(&byDefault)) + "`", Example: example, Meaning: meaning},
		read: func(s *Settings, v string) string {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return "is no share: use a number such as " + show(*at(&byDefault))
			}
			*at(&s.Watch) = n
			return ""
		},
		show: func(s *Settings) string { return show(*at(&s.Watch)) },
	}
}

// watchKeys is how this input spells the keys of [warning.Wrong].
var watchKeys = map[string]string{
	"cgroups": "Warnings_Cgroups", "near_limit": "Warnings_Near_Limit", "available": "Warnings_Available",
	"pressure": "Warnings_Pressure", "per_minute": "Warnings_Per_Minute",
}

// shared are the filter's settings that the input has, too. The others say what chunks hold: here
// it is known.
var shared = []string{
	"Format", "Include_Original", "Tasks_Top", "Observations", "Sigkill", "Memory_Stat", "Host_Name", "Names", "Root_Path", "Max_Memory",
}

// Keys returns the names of the settings, as the documentation spells them.
func Keys() (keys []string) {
	for _, s := range table {
		keys = append(keys, s.Key)
	}
	return append(keys, shared...)
}

// Markdown returns the table of the settings, for fluentbit/README.md.
func Markdown() string {
	var rows []filter.Setting
	for _, s := range table {
		rows = append(rows, s.Setting)
	}
	for _, row := range filter.Rows(shared...) {
		if row.Key == "Host_Name" {
			row.Default = "the machine's own"
			row.Meaning = "The host in the records. In a container the machine's own name is that of `Root_Path`, else `NODE_NAME` of the environment, from `spec.nodeName`; without both it is not known."
		}
		rows = append(rows, row)
	}
	return filter.MarkdownOf(rows)
}

// ParseSettings reads the settings of one instance. get returns the value of a key, "" when it is
// not given; an empty value means the default. given lists the keys that the configuration really
// has, nil when the host does not list them. The error names every key that is wrong, its value and
// what would be right.
func ParseSettings(get func(key string) string, given []string) (Settings, error) {
	s := Settings{Path: kmsg.Path, Watch: warning.DefaultSettings()}
	var errs []error
	for _, t := range table {
		if v := get(t.Key); v != "" {
			if wrong := t.read(&s, v); wrong != "" {
				errs = append(errs, fmt.Errorf("%s %q %s", t.Key, v, wrong))
			}
		}
	}
	for _, w := range s.Watch.Check() {
		errs = append(errs, fmt.Errorf("%s %s: %s", watchKeys[w.Key], w.Value, w.Remedy))
	}
	var err error
	s.Records, err = filter.ParseSettings(func(key string) string {
		if slices.Contains(shared, key) {
			return get(key)
		}
		return ""
	}, nil)
	errs = append(append(errs, err), filter.UnknownKeys(given, Keys(), nil, "input")...)
	return s, errors.Join(errs...)
}

// String returns the settings in force, for the line at start.
func (s Settings) String() string {
	var b strings.Builder
	for _, t := range table {
		b.WriteString(strings.ToLower(t.Key) + "=" + t.show(&s) + " ")
	}
	return b.String() + s.Records.Show(shared)
}

// options returns the parser's options of these settings. An error says why no names are found, and
// what to do; the options work without.
func (s Settings) options(env func(string) string) (parser.Options, error) {
	o, unnamed := s.Records.Options()
	contained := machine.InContainer("/", env)
	name := s.Records.HostName
	if name == "" && contained && s.Records.RootPath == "" {
		name = env("NODE_NAME")
	}
	o.HostName, o.HostID = machine.Identify(name, s.Records.RootPath, env)
	o.UserNames = s.Records.Names && (s.Records.RootPath != "" || !contained)
	o.Source = parser.TrustedKmsg.String()
	return o, unnamed
}

// idle returns the settings of warnings that are set though Warnings is off.
func (s Settings) idle() (keys []string) {
	byDefault := Settings{Watch: warning.DefaultSettings()}
	for _, t := range table {
		if !s.Warnings && strings.HasPrefix(t.Key, "Warnings_") && t.show(&s) != t.show(&byDefault) {
			keys = append(keys, t.Key)
		}
	}
	return keys
}

// warnings returns the options of the watching, beside the parser's.
func (s Settings) warnings(o parser.Options) warning.Options {
	return warning.Options{
		System: watch.At(s.Records.RootPath), Settings: s.Watch, Names: o.Names, HostName: o.HostName, HostID: o.HostID,
		Key: func(key string) string { return watchKeys[key] },
	}
}

func environment(name string) string { return os.Getenv(name) }
