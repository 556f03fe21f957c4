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
}

// TestSchema holds the schema against the struct: the same keys, types and defaults, and Validate
// takes exactly the values that it lists.
func TestSchema(t *testing.T) {
	raw, err := os.ReadFile("config.schema.yaml")
	require.NoError(t, err)
	var schema struct{ Properties map[string]schemaProperty }
	require.NoError(t, yaml.Unmarshal(raw, &schema))

	fields := map[string]reflect.Value{}
	settings(reflect.ValueOf(createDefaultConfig()).Elem(), fields)
	for key, p := range schema.Properties {
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
		assert.Contains(t, schema.Properties, key, "a setting that the schema does not have")
	}
}

// The README's table names every setting.
func TestReadmeNamesEverySetting(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	fields := map[string]reflect.Value{}
	settings(reflect.ValueOf(createDefaultConfig()).Elem(), fields)
	for key := range fields {
		assert.Contains(t, string(readme), "| `"+key+"` |")
	}
}

// settings collects the fields of a configuration by their keys.
func settings(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		key, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("mapstructure"), ",")
		switch {
		case option == "squash":
			settings(v.Field(i), into)
		case key != "":
			into[key] = v.Field(i)
		}
	}
}

// errorWith returns what Validate says of a configuration of the source that key belongs to.
func errorWith(key string, change func(*Config)) string {
	cfg := createDefaultConfig().(*Config)
	if key == "format" || key == "trusted_source" {
		cfg.Source, cfg.Include = sourceFile, []string{"x"}
	}
	change(cfg)
	if err := cfg.Validate(); err != nil {
		return err.Error()
	}
	return ""
}

func setString(c *Config, key, value string) {
	fields := map[string]reflect.Value{}
	settings(reflect.ValueOf(c).Elem(), fields)
	fields[key].SetString(value)
}

func setInt(c *Config, key string, value int) {
	fields := map[string]reflect.Value{}
	settings(reflect.ValueOf(c).Elem(), fields)
	fields[key].SetInt(int64(value))
}

func schemaType(v any) string {
	switch v.(type) {
	case string, time.Duration, *component.ID:
		return "string"
	case bool:
		return "boolean"
	case int:
		return "integer"
	case []string:
		return "array"
	case map[string]string:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}
