// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/workload"
)

// The modes: what becomes of the lines of a report.
const (
	modeAppend  = "append"
	modeReplace = "replace"
	modeOnly    = "only"
)

// The records of other components that count: the values of accept_records.
const (
	acceptMarked = "marked"
	acceptAny    = "any"
)

// Config is the configuration of the processor.
type Config struct {
	// Mode says what becomes of the kernel's lines: append keeps them and adds the record, replace
	// leaves out the lines of a report from its head on, only leaves out everything but records.
	Mode string `mapstructure:"mode"`
	// Attribute is the log attribute that holds the kernel's text; "" looks in the body.
	Attribute string `mapstructure:"attribute"`
	// Stream lists the attributes, of the resource or else of the log record, that tell one host's
	// log from another's.
	Stream []string `mapstructure:"stream"`
	// MaxStreams is how many streams are held at most, 2..1000000.
	MaxStreams int `mapstructure:"max_streams"`
	// MaxMemory is what the streams of all processors of the collector hold together at most.
	MaxMemory Size `mapstructure:"max_memory"`
	// ReportTimeout is how long an open report waits for its next line.
	ReportTimeout time.Duration `mapstructure:"report_timeout"`
	// ReorderWait is how long lines that come over the network wait to be put in order; 0 reads
	// them as they come. Not in mode replace.
	ReorderWait time.Duration `mapstructure:"reorder_wait"`
	// Trust says which lines may make a record: auto, kernel or any.
	Trust string `mapstructure:"trust"`
	// TrustedSource names where all that comes in is known to come from: kmsg, journald or syslog.
	// Only then can a record be verified, where its lines have the form of that source; "" trusts
	// nothing.
	TrustedSource string `mapstructure:"trusted_source"`
	// Location is the time zone of stamps that name none, as in the IANA database; empty is the
	// machine's own, in a container UTC.
	Location string `mapstructure:"location"`
	// AcceptRecords says which log records count as records of a component before this one: marked,
	// those under the scope and the schema of the receiver and the processor; any, all that can be
	// records.
	AcceptRecords string `mapstructure:"accept_records"`
	// HostFrom says which host a record is of where both the resource of its lines and the lines
	// name one: resource or log.
	HostFrom string `mapstructure:"host_from"`
	// EventNameAttribute repeats the event's name in the attribute event.name, for backends that
	// drop the field EventName.
	EventNameAttribute bool `mapstructure:"event_name_attribute"`
	// Names says whether a record carries the names that the files of this machine give its pod,
	// its container or its job. Of another machine's they have none.
	Names bool `mapstructure:"names"`
	// RootPath is the root directory of the machine whose lines come in, such as the host's file
	// system mounted in a container; "" is the processor's own.
	RootPath string `mapstructure:"root_path"`
	// Observations says which of what other programs say of a memory kill makes a record:
	// unmatched, what joins no kill that the lines show; all; or none.
	Observations string `mapstructure:"observations"`
	// Sigkill adds a record of each death by SIGKILL that the lines show, with its verdict.
	Sigkill bool `mapstructure:"sigkill"`
	// MemoryStat says how many figures of memory.stat a record carries: main, all or none.
	MemoryStat string `mapstructure:"memory_stat"`
	// TasksTop is how many of the largest tasks a record lists, 0..50.
	TasksTop int `mapstructure:"tasks_top"`
	// MetricAttributes are the attributes that kills are counted by in the processor's own metrics.
	MetricAttributes []string `mapstructure:"metric_attributes"`
	// IncludeLogRecordOriginal adds the report's lines to the record, at most 32,000 bytes.
	IncludeLogRecordOriginal bool `mapstructure:"include_log_record_original"`
	// ResourceAttributes switches single resource attributes of records off.
	ResourceAttributes metadata.ResourceAttributesConfig `mapstructure:"resource_attributes"`
}

var (
	_                     component.Config = (*Config)(nil)
	modes                                  = []string{modeAppend, modeReplace, modeOnly}
	trusts                                 = parser.TrustNames()
	memoryStats                            = parser.MemoryStatNames()
	accepts                                = []string{acceptMarked, acceptAny}
	hostsFrom                              = []string{oomlogs.HostFromResource, oomlogs.HostFromLog}
	defaultStream                          = []string{"host.name", "host.id", "k8s.node.name", "k8s.node.uid", "service.instance.id", "hostname", "net.host.name", "node", "nodename", "kubernetes.host", "log.file.path", "log.file.name"}
	errMissingStreamValue                  = errors.New(`stream: names an empty attribute: remove it`)
)

const (
	minStreams, maxStreams = 2, 1_000_000
)

func createDefaultConfig() component.Config {
	return &Config{
		Mode:               modeAppend,
		Stream:             slices.Clone(defaultStream),
		MaxStreams:         parser.DefaultMaxStreams,
		MaxMemory:          parser.DefaultMaxMemory,
		ReportTimeout:      10 * time.Second,
		ReorderWait:        2 * time.Second,
		Trust:              trusts[0],
		AcceptRecords:      acceptMarked,
		HostFrom:           oomlogs.HostFromResource,
		EventNameAttribute: true,
		Names:              true,
		Observations:       parser.ObservationNames()[0],
		MemoryStat:         memoryStats[0],
		TasksTop:           parser.DefaultTasksTop,
		MetricAttributes:   slices.Clone(tally.Usual),
		ResourceAttributes: metadata.DefaultResourceAttributesConfig(),
	}
}

// Validate returns one error that names each wrong key, its value and what would be right.
func (c *Config) Validate() error {
	errs := []error{
		setting.OneOf("mode", c.Mode, modes...),
		setting.OneOf("trust", c.Trust, trusts...),
		setting.TrustedSource("trusted_source", c.TrustedSource),
		setting.OneOf("accept_records", c.AcceptRecords, accepts...),
		setting.OneOf("host_from", c.HostFrom, hostsFrom...),
		setting.OneOf("observations", c.Observations, parser.ObservationNames()...),
		setting.OneOf("memory_stat", c.MemoryStat, memoryStats...),
		setting.Location("location", c.Location),
		setting.RootPath("root_path", c.RootPath),
	}
	if slices.Contains(c.Stream, "") {
		errs = append(errs, errMissingStreamValue)
	}
	for _, name := range c.MetricAttributes {
		errs = append(errs, setting.OneOf("metric_attributes", name, tally.All...))
	}
	if c.MaxStreams < minStreams || c.MaxStreams > maxStreams {
		errs = append(errs, fmt.Errorf("max_streams: %d: use %d to %d", c.MaxStreams, minStreams, maxStreams))
	}
	if c.MaxMemory < parser.LeastMaxMemory {
		errs = append(errs, fmt.Errorf("max_memory: %v: use 1MiB or more, as in 256MiB", c.MaxMemory))
	}
	if c.ReportTimeout < 100*time.Millisecond || c.ReportTimeout > time.Hour {
		errs = append(errs, fmt.Errorf("report_timeout: %v: use 100ms to 1h", c.ReportTimeout))
	}
	if c.ReorderWait < 0 || c.ReorderWait > time.Minute {
		errs = append(errs, fmt.Errorf("reorder_wait: %v: use 0 (lines come in order) to 1m", c.ReorderWait))
	}
	return errors.Join(append(errs, setting.TasksTop("tasks_top", c.TasksTop))...)
}

// Size is a number of bytes, in a configuration one with a unit, too: 64M, 256MiB.
type Size int64

// String returns the size with the largest binary unit that it is whole in.
func (s Size) String() string {
	for i, unit := range [...]string{"GiB", "MiB", "KiB"} {
		if bytes := Size(1) << (30 - 10*i); s > 0 && s%bytes == 0 {
			return fmt.Sprintf("%d%s", s/bytes, unit)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalText reads a size with or without a unit.
func (s *Size) UnmarshalText(text []byte) error {
	n, err := parser.ParseMaxMemory(string(text))
	*s = Size(n)
	return err
}

// search is what a text is looked for.
func (c *Config) search() parser.Search { return parser.Search{Deaths: c.Sigkill} }

// options returns the settings of the parsers. In mode replace they keep the lines, since a report
// that killed no process has to hold what was left out.
func (c *Config) options() parser.Options {
	trust, _ := parser.ParseTrust(c.Trust) // Validate has checked these
	trusted, _ := parser.ParseTrustedSource(c.TrustedSource)
	memoryStat, _ := parser.ParseMemoryStat(c.MemoryStat)
	observations, _ := parser.ParseObservations(c.Observations)
	o := parser.Options{
		Observations:    observations,
		Sigkill:         c.Sigkill,
		Trust:           trust,
		TrustedSource:   trusted,
		MemoryStat:      memoryStat,
		TasksTop:        c.TasksTop,
		NoTasks:         c.TasksTop == 0,
		IncludeOriginal: c.IncludeLogRecordOriginal || c.Mode == modeReplace,
		Source:          "pipeline",
		ReportTimeout:   c.ReportTimeout,
		Location:        time.Local,
	}
	if c.Location != "" {
		o.Location, _ = time.LoadLocation(c.Location) // Validate has looked
	}
	return o
}

// withNames adds to the parser's options what finds names. An error says why none is found, and
// what to do; the processor works without.
func (c *Config) withNames(o parser.Options) (parser.Options, error) {
	if !c.Names {
		return o, nil
	}
	resolver, err := workload.New(workload.Options{Root: c.RootPath})
	o.Names = resolver.Lookup
	return o, err
}

// strip takes the lines off a record of a kill that has them only because of [Config.options].
func (c *Config) strip(r *parser.Record) {
	if c.IncludeLogRecordOriginal || c.Mode != modeReplace {
		return
	}
	switch r.Text("event.name") {
	case "oom.no_victim", "oom.unresolved", "oom.panic":
		return
	}
	*r = *r.Without("log.record.original")
}
