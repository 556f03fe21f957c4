// Package otelprocessor is an OpenTelemetry Collector processor for pipelines
// that already carry kernel logs: it finds the out-of-memory reports in them and
// adds one structured record for each killed process.
package otelprocessor

//go:generate mdatagen metadata.yaml
