// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

// schemaProperty is what the schema says of one setting.
type schemaProperty struct {
	Type    string
	Ref     string `yaml:"$ref"`
	Enum    []string
	Minimum *int
	Maximum *int
	Default any

	Properties map[string]schemaProperty // of a block
}

// TestSchema holds the schema against the struct: the same keys, types and defaults, and Validate
// takes exactly the values that it lists.
func TestSchema(t *testing.T) {
	raw, err := os.ReadFile("config.schema.yaml")
	require.NoError(t, err)
	var schema struct{ Properties map[string]schemaProperty }
	require.NoError(t, yaml.Unmarshal(raw, &schema))

	fields := settings(createDefaultConfig().(*Config))
	listed := map[string]schemaProperty{}
	for key, p := range schema.Properties {
		if p.Properties == nil {
			listed[key] = p
		}
		for inner, p := range p.Properties {
			listed[key+"::"+inner] = p
		}
	}
	for key, p := range listed {
		field, ok := fields[key]
		if !assert.True(t, ok, "%s is in the schema only", key) || p.Ref != "" {
			continue
		}
		assert.Equal(t, schemaType(field.Interface()), p.Type, key)
		if p.Default != nil {
			assert.Equal(t, fmt.Sprint(field.Interface()), fmt.Sprint(p.Default), key)
		} else {
			assert.True(t, field.IsZero(), "%s has a default that the schema does not name", key)
		}
		for _, value := range p.Enum {
			assert.NotContains(t, errorWith(key, func(c *Config) { setString(c, key, value) }), key+": ", value)
		}
		if len(p.Enum) > 0 {
			assert.Contains(t, errorWith(key, func(c *Config) { setString(c, key, "?") }), key+": ")
		}
		if p.Minimum != nil {
			assert.NotContains(t, errorWith(key, func(c *Config) { setInt(c, key, *p.Minimum) }), key)
			assert.Contains(t, errorWith(key, func(c *Config) { setInt(c, key, *p.Minimum-1) }), key)
		}
		if p.Maximum != nil {
			assert.NotContains(t, errorWith(key, func(c *Config) { setInt(c, key, *p.Maximum) }), key)
			assert.Contains(t, errorWith(key, func(c *Config) { setInt(c, key, *p.Maximum+1) }), key)
		}
	}
	for key := range fields {
		assert.Contains(t, listed, key, "a setting that the schema does not have")
	}
}

// The README's tables name every setting, those of a block after the block's name.
func TestReadmeNamesEverySetting(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for key := range settings(createDefaultConfig().(*Config)) {
		assert.Contains(t, string(readme), "| `"+key+"` |")
	}
}

// Each configuration that the pages show is one that the receiver takes.
func TestReadmeExamples(t *testing.T) {
	for _, page := range []string{"README.md", "../docs/warnings.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks := strings.Split(string(text), "```yaml\n")[1:]
		require.NotEmpty(t, blocks)
		for _, block := range blocks {
			block, _, _ = strings.Cut(block, "```")
			retrieved, err := confmap.NewRetrievedFromYAML([]byte(block))
			require.NoError(t, err, block)
			conf, err := retrieved.AsConf()
			require.NoError(t, err, block)
			require.True(t, conf.IsSet("receivers::oom_kill"), block)
			sub, err := conf.Sub("receivers::oom_kill")
			require.NoError(t, err, block)
			cfg := createDefaultConfig()
			require.NoError(t, sub.Unmarshal(cfg), block)
			require.NoError(t, confmap.Validate(cfg), block)
		}
	}
}

// settings returns the fields of a configuration by their keys, those of a source's block as
// kmsg::path.
func settings(c *Config) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	collect(reflect.ValueOf(c).Elem(), "", fields)
	return fields
}

func collect(v reflect.Value, prefix string, into map[string]reflect.Value) {
	for i := range v.NumField() {
		key, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("mapstructure"), ",")
		switch {
		case key == sourceKmsg || key == sourceJournald || key == sourceFile || key == "warnings" || key == "cgroup_metrics":
			collect(v.Field(i), prefix+key+"::", into)
		case option == "squash":
			collect(v.Field(i), prefix, into)
		case key != "":
			into[prefix+key] = v.Field(i)
		}
	}
}

// errorWith returns what Validate says of a configuration of the source that key belongs to.
func errorWith(key string, change func(*Config)) string {
	cfg := createDefaultConfig().(*Config)
	switch block, _, ok := strings.Cut(key, "::"); {
	case block == "warnings":
		cfg.Warnings.Enabled = true
	case ok && block != "cgroup_metrics":
		cfg.Source, cfg.File.Include = block, []string{"x"}
	}
	change(cfg)
	if err := cfg.Validate(); err != nil {
		return err.Error()
	}
	return ""
}

func setString(c *Config, key, value string) { settings(c)[key].SetString(value) }

func setInt(c *Config, key string, value int) { settings(c)[key].SetInt(int64(value)) }

func schemaType(v any) string {
	switch v.(type) {
	case string, time.Duration, *component.ID:
		return "string"
	case bool:
		return "boolean"
	case int:
		return "integer"
	case float64:
		return "number"
	case []string:
		return "array"
	case map[string]string:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}
