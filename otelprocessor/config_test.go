// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/internal/setting"
	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/otelprocessor/internal/metadata"
	"github.com/oomtrail/oomtrail/parser"
)

// loadConfig reads one entry of testdata/config.yaml over the defaults.
func loadConfig(t *testing.T, name string) *Config {
	t.Helper()
	cm, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := cm.Sub(component.NewIDWithName(metadata.Type, name).String())
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, sub.Unmarshal(cfg))
	return cfg
}

func TestLoadConfig(t *testing.T) {
	assert.Equal(t, createDefaultConfig(), loadConfig(t, ""))

	all := loadConfig(t, "all")
	assert.NoError(t, all.Validate())
	assert.Equal(t, &Config{
		Mode: "replace", Attribute: "message", Stream: []string{"host.id"}, MaxStreams: 100, MaxMemory: 64e6, ReportTimeout: 5 * time.Second, ReorderWait: time.Second,
		Trust: "kernel", TrustedSource: "journald", Location: "UTC", AcceptRecords: "any", HostFrom: "log", RootPath: "/host", Observations: "all", Sigkill: true, MemoryStat: "none", TasksTop: 0, MetricAttributes: []string{"host.name", "k8s.pod.name"}, IncludeLogRecordOriginal: true,
		ResourceAttributes: metadata.DefaultResourceAttributesConfig(),
	}, all)
	assert.Equal(t, parser.Options{
		Trust: parser.TrustKernel, TrustedSource: parser.TrustedJournald, Observations: parser.ObservationsAll, Sigkill: true, MemoryStat: parser.MemoryStatNone, NoTasks: true, IncludeOriginal: true,
		Source: "pipeline", ReportTimeout: 5 * time.Second, Location: time.UTC,
	}, all.options())
}

func TestValidateNamesEachWrongKey(t *testing.T) {
	err := loadConfig(t, "wrong").Validate()
	for _, want := range []string{
		`mode: "drop": use append, replace, only`,
		`stream: names an empty attribute`,
		`max_streams: 1: use 2 to 1000000`,
		`max_memory: 1000: use 1MiB or more, as in 256MiB`,
		`report_timeout: 1ns: use 100ms to 1h`,
		`reorder_wait: -1ns: use 0 (lines come in order) to 1m`,
		`trust: "nobody": use auto, kernel, any`,
		`trusted_source: unknown trusted source "dmesg": use kmsg, journald or syslog, or leave it out`,
		`location: "Nowhere/Town": unknown time zone Nowhere/Town; use a name such as Europe/Berlin or UTC`,
		`accept_records: "ours": use marked, any`,
		`host_from: "header": use resource, log`,
		`root_path: "host": use an absolute path, such as /host`,
		`memory_stat: "few": use main, all, none`,
		`metric_attributes: "process.pid": use container.name, host.name, k8s.container.name, k8s.namespace.name, k8s.pod.name, oom.constraint, oom.diagnosis.cause, oom.killer, oom.scope, systemd.unit.name`,
		`tasks_top: 51: use 0 (none) to 50`,
	} {
		assert.ErrorContains(t, err, want)
	}
}

// TestMaxMemory: a size is a number of bytes, or one with a unit; what is none is named with key
// and remedy.
func TestMaxMemory(t *testing.T) {
	bytes := loadConfig(t, "bytes")
	assert.NoError(t, bytes.Validate())
	assert.Equal(t, "1MiB", bytes.MaxMemory.String())
	assert.Equal(t, "256MiB", createDefaultConfig().(*Config).MaxMemory.String())
	assert.Equal(t, "64000001", Size(64000001).String())

	cm, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := cm.Sub(component.NewIDWithName(metadata.Type, "size").String())
	require.NoError(t, err)
	err = sub.Unmarshal(createDefaultConfig())
	assert.ErrorContains(t, err, "max_memory")
	assert.ErrorContains(t, err, `"much" is no size: use a number of bytes, or one with a unit, as in 256MiB`)
}

// TestSchema holds the schema against the struct: the same keys, types and defaults.
func TestSchema(t *testing.T) {
	raw, err := os.ReadFile("config.schema.yaml")
	require.NoError(t, err)
	var schema struct {
		Properties map[string]struct {
			Type    string
			Ref     string `yaml:"$ref"`
			Enum    []string
			Items   struct{ Enum []string }
			Default any
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &schema))

	cfg := reflect.ValueOf(*createDefaultConfig().(*Config))
	assert.Len(t, schema.Properties, cfg.NumField())
	for i := range cfg.NumField() {
		key := cfg.Type().Field(i).Tag.Get("mapstructure")
		property, ok := schema.Properties[key]
		if !assert.True(t, ok, "%s is not in the schema", key) {
			continue
		}
		if property.Ref != "" {
			continue
		}
		value := cfg.Field(i).Interface()
		assert.Equal(t, schemaType(value), property.Type, key)
		assert.Equal(t, fmt.Sprint(value), fmt.Sprint(property.Default), key)
	}
	assert.Equal(t, modes, schema.Properties["mode"].Enum)
	assert.Equal(t, trusts, schema.Properties["trust"].Enum)
	for _, source := range schema.Properties["trusted_source"].Enum {
		assert.NoError(t, setting.TrustedSource("trusted_source", source))
	}
	assert.Equal(t, accepts, schema.Properties["accept_records"].Enum)
	assert.Equal(t, tally.All, schema.Properties["metric_attributes"].Items.Enum)
	assert.Equal(t, memoryStats, schema.Properties["memory_stat"].Enum)
}

func schemaType(v any) string {
	switch v.(type) {
	case string, time.Duration, Size:
		return "string"
	case bool:
		return "boolean"
	case int:
		return "integer"
	case []string:
		return "array"
	}
	return fmt.Sprintf("%T", v)
}
