// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// load returns the configuration testdata/config.yaml has under that name.
func load(t *testing.T, name string) *Config {
	t.Helper()
	conf, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := conf.Sub(component.NewIDWithName(typ, name).String())
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig()
	require.NoError(t, sub.Unmarshal(cfg))
	return cfg.(*Config)
}

func TestConfig(t *testing.T) {
	changed := func(change func(*Config)) *Config {
		cfg := createDefaultConfig().(*Config)
		change(cfg)
		return cfg
	}
	for name, want := range map[string]*Config{
		"": changed(func(*Config) {}),
		"kmsg": changed(func(c *Config) {
			c.StartAt, c.Storage, c.Emit, c.Trust, c.MemoryStat, c.TasksTop = "end", &storageID, "all", "kernel", "all", 0
			c.IncludeLogRecordOriginal, c.HostName, c.Names = true, "node-7", false
			c.Attributes, c.Resource = map[string]string{"team": "platform"}, map[string]string{"service.name": "kernel"}
			c.ReportTimeout, c.BufferSize, c.CollectionInterval = 5*time.Second, 1<<20, 30*time.Second
			c.RetryOnFailure.MaxElapsedTime = time.Hour
			c.MetricsBuilderConfig.Metrics.OomKillLines.Enabled = false
		}),
		"warnings": changed(func(c *Config) {
			c.Warnings = WarningsConfig{
				Enabled: true, Cgroups: []string{"/kubepods.slice/**", "/system.slice/*.service"},
				NearLimit: 0.8, Available: 0.05, Pressure: 0.3, PerMinute: 5,
			}
			c.CgroupMetrics = CgroupMetricsConfig{Include: []string{"/kubepods.slice/**"}, Limit: 20}
		}),
		"journald": changed(func(c *Config) {
			c.Source = sourceJournald
			c.Journald = JournaldConfig{JournalctlPath: "/usr/bin/journalctl", Directory: "/var/log/journal", Namespace: "audit", Units: witness.Units()}
			c.RootPath = "/host"
		}),
		"file": changed(func(c *Config) {
			c.Source, c.StartAt, c.HostFrom = sourceFile, "beginning", "log"
			c.File = FileConfig{
				Include: []string{"/var/log/kern.log", "/var/log/messages*"}, Exclude: []string{"*.bak"},
				Format: "syslog", TrustedSource: "syslog", Location: "Europe/Berlin", PollInterval: time.Second,
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			got := load(t, name)
			require.NoError(t, confmap.Validate(got))
			// The generated structs remember whether they were set.
			if got.MetricsBuilderConfig.Metrics.OomKillLines.Enabled == want.MetricsBuilderConfig.Metrics.OomKillLines.Enabled {
				got.MetricsBuilderConfig = want.MetricsBuilderConfig
			}
			assert.Equal(t, want, got)
		})
	}
}

// Each error names the key, the value and what would be right.
func TestConfigErrors(t *testing.T) {
	for name, want := range map[string][]string{
		"wrong": {
			`source: "dmesg": use kmsg, journald, file`, `start_at: "now": use beginning, end`, `emit: "none": use oom, all`, `host_from: "header": use resource, log`,
			`host_name: "node-7": resource names the host "node-8": remove one`,
			`trust: "nobody": use auto, kernel, any`, `memory_stat: "some": use main, all, none`, `tasks_top: 51: use 0 (none) to 50`,
			`report_timeout: 1ms: use 100ms or more`, `buffer_size: 5: use 262144 bytes or more`, `collection_interval: 0s: use a duration above 0`,
			`attributes: "event.name": event.name and oom.* are the record's own`, `resource: "oom.scope": event.name and oom.*`,
			`retry_on_failure: `,
		},
		"wrong_kmsg": {
			`kmsg::path: "kmsg": use the absolute path`,
		},
		"wrong_journald": {
			`journald::directory: "/var/log/journal": journalctl takes either directory or files`, `root_path: "host": use an absolute path`,
			`journald::journalctl_path: "journalctl": with root_path use the absolute path`,
			`journald::units: "kubelet service": use names of units`,
		},
		"wrong_journalctl": {`journald::journalctl_path: "": name the command`},
		"wrong_warnings": {
			`warnings::near_limit: 90: use 0.5 to 1`, `warnings::per_minute: -1: use 1 to`, `warnings::cgroups: "kubepods": begin it with "/"`,
			`cgroup_metrics::include: "/a//b": use single slashes`, `cgroup_metrics::limit: 0: use 1 to 1000`,
		},
		"wrong_file": {
			`file::include: []: name at least one file`, `file::exclude: "[": syntax error in pattern`, `file::exclude: "{a": syntax error in pattern`, `file::format: unknown transport "csv": use auto`,
			`file::trusted_source: unknown trusted source "dmesg": use kmsg, journald or syslog`,
			`file::location: "Nowhere/Town": unknown time zone`, `file::poll_interval: 0s: use a duration above 0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := confmap.Validate(load(t, name))
			require.Error(t, err)
			for _, line := range want {
				assert.ErrorContains(t, err, line)
			}
		})
	}
}

// refused returns what Unmarshal says of a configuration.
func refused(t *testing.T, text string) error {
	t.Helper()
	conf, err := confmap.NewRetrievedFromYAML([]byte(text))
	require.NoError(t, err)
	sub, err := conf.AsConf()
	require.NoError(t, err)
	return sub.Unmarshal(NewFactory().CreateDefaultConfig())
}

func TestConfigRefusesUnknownKeys(t *testing.T) {
	require.NoError(t, refused(t, "start_at: end"))
	assert.ErrorContains(t, refused(t, "start: end"), "start")
	assert.ErrorContains(t, refused(t, "source: file\nfile: {path: /var/log/kern.log}"), "path")
}

// A block is of the source of its name. An empty one, too, says where to read from.
func TestConfigRefusesBlocksOfOtherSources(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"kmsg:", ""},
		{"source: journald\njournald: {}", ""},
		{"journald:", `journald: has no effect with source "kmsg": set source to journald, or remove it`},
		{"journald: {}", `journald: has no effect with source "kmsg": set source to journald, or remove it`},
		{"file: {include: [/var/log/kern.log]}", `file: has no effect with source "kmsg": set source to file, or remove it`},
		{"source: file\nkmsg: {path: /dev/kmsg}\nfile: {include: [x]}", `kmsg: has no effect with source "file": set source to kmsg, or remove it`},
	} {
		if tc.want == "" {
			assert.NoError(t, refused(t, tc.text), tc.text)
		} else {
			assert.ErrorContains(t, refused(t, tc.text), tc.want, tc.text)
		}
	}
}

// A block whose settings nobody uses is refused, unless it says so itself.
func TestConfigRefusesWarningsThatAreOff(t *testing.T) {
	const want = "warnings: has no effect without enabled: set warnings::enabled to true, or to false to keep the block for later"
	assert.ErrorContains(t, refused(t, "warnings: {near_limit: 0.8}"), want)
	assert.ErrorContains(t, refused(t, "warnings:"), want)
	assert.NoError(t, refused(t, "warnings: {enabled: false, near_limit: 0.8}"))
	assert.NoError(t, refused(t, "warnings: {enabled: true}"))
}

// Each setting that once stood beside source is refused with the place where it is now.
func TestConfigNamesMovedKeys(t *testing.T) {
	for block, keys := range map[string]reflect.Type{
		"kmsg": reflect.TypeFor[KmsgConfig](), "journald": reflect.TypeFor[JournaldConfig](), "file": reflect.TypeFor[FileConfig](),
	} {
		for i := range keys.NumField() {
			if key := keys.Field(i).Tag.Get("mapstructure"); key != "" {
				assert.ErrorContains(t, refused(t, "source: "+block+"\n"+key+": x"), key+": is now "+block+"::"+key+": move it into the block "+block)
			}
		}
	}
	err := refused(t, "source: file\ninclude: [/var/log/kern.log]\nformat: kmsg")
	assert.ErrorContains(t, err, "include: is now file::include")
	assert.ErrorContains(t, err, "format: is now file::format")
}
