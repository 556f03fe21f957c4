// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configretry"

	"github.com/oomtrail/oomtrail/internal/warning"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/otelreceiver/internal/metadata"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser"
)

// Where the kernel log is read from: the values of the setting source.
const (
	sourceKmsg     = "kmsg"
	sourceJournald = "journald"
	sourceFile     = "file"
)

// Config is the configuration of the receiver.
type Config struct {
	// Source says where the kernel log is read from: kmsg, journald or file. The settings of that
	// source are in the block of its name; a block of another source is an error.
	Source string `mapstructure:"source"`
	// Kmsg are the settings of source kmsg.
	Kmsg KmsgConfig `mapstructure:"kmsg"`
	// Journald are the settings of source journald.
	Journald JournaldConfig `mapstructure:"journald"`
	// File are the settings of source file.
	File FileConfig `mapstructure:"file"`

	// StartAt says where to begin when there is no checkpoint: beginning or end. Empty means
	// beginning for kmsg, whose ring is short, and end for the others.
	StartAt string `mapstructure:"start_at"`
	// Storage names the storage extension that keeps the checkpoint. Without one a restart begins
	// at StartAt.
	Storage *component.ID `mapstructure:"storage"`

	// Names says whether a record carries the names that the node's files give its pod, its
	// container or its job.
	Names bool `mapstructure:"names"`
	// RootPath is the root directory of the machine whose log is read, such as the host's file
	// system mounted in a container: for names, for the host's name and id, and to run journalctl
	// in. Empty is the receiver's own root.
	RootPath string `mapstructure:"root_path"`

	// Warnings are the settings of warnings before a kill.
	Warnings WarningsConfig `mapstructure:"warnings"`

	// Emit says what goes to the logs pipeline: oom (records only) or all (also the kernel's
	// lines).
	Emit string `mapstructure:"emit"`
	// Trust says which lines may make a record: auto, kernel or any.
	Trust string `mapstructure:"trust"`
	// Observations says which of what other programs say of a memory kill makes a record:
	// unmatched, what joins no kill that the log shows; all; or none.
	Observations string `mapstructure:"observations"`
	// Sigkill adds a record of each death by SIGKILL that the log shows, with its verdict.
	Sigkill bool `mapstructure:"sigkill"`
	// MemoryStat says how many memory.stat figures a record carries: main, all or none.
	MemoryStat string `mapstructure:"memory_stat"`
	// TasksTop is how many of the largest tasks a record lists, 0 to 50.
	TasksTop int `mapstructure:"tasks_top"`
	// IncludeLogRecordOriginal adds the report's own lines to a record.
	IncludeLogRecordOriginal bool `mapstructure:"include_log_record_original"`
	// HostName is put in records of lines that name no host.
	HostName string `mapstructure:"host_name"`
	// HostFrom says which host a record is of where both Resource and the line name one: resource
	// or log.
	HostFrom string `mapstructure:"host_from"`
	// EventNameAttribute repeats the event's name in the attribute event.name, for backends that
	// drop the field EventName.
	EventNameAttribute bool `mapstructure:"event_name_attribute"`
	// Attributes are added to each log record.
	Attributes map[string]string `mapstructure:"attributes"`
	// Resource is added to the resource of each log record and metric.
	Resource map[string]string `mapstructure:"resource"`

	// ReportTimeout closes a report that no further line of came for so long.
	ReportTimeout time.Duration `mapstructure:"report_timeout"`
	// BufferSize bounds, in bytes, what is held while the next component refuses.
	BufferSize int `mapstructure:"buffer_size"`
	// RetryOnFailure says how refused data is sent again. MaxElapsedTime 0, the default, never
	// gives up.
	RetryOnFailure configretry.BackOffConfig `mapstructure:"retry_on_failure"`

	// CollectionInterval is how often metrics are sent, when the receiver is in a metrics pipeline.
	CollectionInterval time.Duration `mapstructure:"collection_interval"`
	// CgroupMetrics chooses the cgroups that have metrics of their own.
	CgroupMetrics CgroupMetricsConfig `mapstructure:"cgroup_metrics"`
	// MetricsBuilderConfig switches single metrics, and single resource attributes of records,
	// lines and metrics.
	MetricsBuilderConfig metadata.MetricsBuilderConfig `mapstructure:",squash"`
}

// KmsgConfig are the settings of source kmsg.
type KmsgConfig struct {
	// Path is the kernel log device.
	Path string `mapstructure:"path"`
}

// JournaldConfig are the settings of source journald.
type JournaldConfig struct {
	// JournalctlPath is the command to run, looked up in PATH (within RootPath, if that is set).
	JournalctlPath string `mapstructure:"journalctl_path"`
	// Directory is the journal directory to read instead of the system's.
	Directory string `mapstructure:"directory"`
	// Files are journal files to read instead; globs are allowed.
	Files []string `mapstructure:"files"`
	// Namespace is the journal namespace.
	Namespace string `mapstructure:"namespace"`
	// Units are the units whose entries are read besides the kernel's and the service manager's:
	// those of the programs that kill for memory, and of those that see such kills. An empty list
	// reads the kernel's entries alone.
	Units []string `mapstructure:"units"`
	// audit is set where the audit system's entries are read too: those about SIGKILL.
	audit bool
}

// FileConfig are the settings of source file.
type FileConfig struct {
	// Include are the globs of files to read.
	Include []string `mapstructure:"include"`
	// Exclude are globs of files to leave out.
	Exclude []string `mapstructure:"exclude"`
	// Format is what carries the kernel's text in them: auto, kmsg, dmesg, syslog, journal-json,
	// journal-export or none.
	Format string `mapstructure:"format"`
	// TrustedSource says what the files are known to hold: kmsg, journald or syslog. Empty trusts
	// none, and no record is verified.
	TrustedSource string `mapstructure:"trusted_source"`
	// Location is the time zone of stamps that name none, as in the IANA database; empty is the
	// machine's own.
	Location string `mapstructure:"location"`
	// PollInterval is how often files are looked at.
	PollInterval time.Duration `mapstructure:"poll_interval"`
}

// WarningsConfig are the settings of warnings before a kill: of this machine, whatever log is read.
type WarningsConfig struct {
	// Enabled has the machine watched, and a record made of each warning.
	Enabled bool `mapstructure:"enabled"`
	// Cgroups are patterns of the paths of cgroups that are watched, none for all that have a
	// limit.
	Cgroups []string `mapstructure:"cgroups"`
	// NearLimit is the share of its limit from which on a cgroup is near it.
	NearLimit float64 `mapstructure:"near_limit"`
	// Available is the share of RAM, and of swap, below which the host has little left.
	Available float64 `mapstructure:"available"`
	// Pressure is the share of ten seconds in which all tasks waited for memory.
	Pressure float64 `mapstructure:"pressure"`
	// PerMinute is the most warnings about cgroups in a minute.
	PerMinute int `mapstructure:"per_minute"`
}

// settings returns the settings as all frontends have them.
func (w *WarningsConfig) settings() warning.Settings {
	return warning.Settings{Cgroups: w.Cgroups, NearLimit: w.NearLimit, Available: w.Available, Pressure: w.Pressure, PerMinute: w.PerMinute}
}

// CgroupMetricsConfig chooses the cgroups of this machine that have metrics of their own.
type CgroupMetricsConfig struct {
	// Include are patterns of their paths, none for none.
	Include []string `mapstructure:"include"`
	// Limit is how many have metrics at most.
	Limit int `mapstructure:"limit"`
}

// createDefaultConfig returns the settings of a receiver that nothing was configured for.
func createDefaultConfig() component.Config {
	retry := configretry.NewDefaultBackOffConfig()
	retry.InitialInterval = time.Second
	retry.MaxElapsedTime = 0
	warnings := warning.DefaultSettings()
	return &Config{
		Source:   sourceKmsg,
		Kmsg:     KmsgConfig{Path: "/dev/kmsg"},
		Journald: JournaldConfig{JournalctlPath: "journalctl", Units: witness.Units()},
		File:     FileConfig{Format: "auto", PollInterval: 200 * time.Millisecond},
		Names:    true,
		Warnings: WarningsConfig{
			Cgroups: warnings.Cgroups, NearLimit: warnings.NearLimit, Available: warnings.Available,
			Pressure: warnings.Pressure, PerMinute: warnings.PerMinute,
		},
		Emit:                 "oom",
		Trust:                "auto",
		HostFrom:             oomlogs.HostFromResource,
		EventNameAttribute:   true,
		Observations:         "unmatched",
		MemoryStat:           "main",
		TasksTop:             parser.DefaultTasksTop,
		ReportTimeout:        10 * time.Second,
		BufferSize:           16 << 20,
		RetryOnFailure:       retry,
		CollectionInterval:   time.Minute,
		CgroupMetrics:        CgroupMetricsConfig{Limit: 100},
		MetricsBuilderConfig: metadata.NewDefaultMetricsBuilderConfig(),
	}
}

// startAtBeginning reports whether a source without a checkpoint begins with what is already there.
func (c *Config) startAtBeginning() bool {
	if c.StartAt == "" {
		return c.Source == sourceKmsg
	}
	return c.StartAt == "beginning"
}
