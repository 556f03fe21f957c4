// SPDX-License-Identifier: Apache-2.0

// Package oomkillprocessor is an OpenTelemetry Collector processor for pipelines
// that already carry kernel logs: it finds the out-of-memory reports in them and
// adds one structured record for each killed process.
package oomkillprocessor

//go:generate mdatagen metadata.yaml
//go:generate sed -i "s/processor%2Fotel%20/processor%2Foomkill%20/g; s/processor%2Fotel)/processor%2Foomkill)/g" README.md
//go:generate sed -i "s/^package otelprocessor$/package oomkillprocessor/" generated_component_test.go generated_package_test.go
