// SPDX-License-Identifier: Apache-2.0

// Package oomkillreceiver is an OpenTelemetry Collector receiver that reads the
// Linux kernel log, from /dev/kmsg, the journal or files, and turns its
// out-of-memory reports into one structured event for each killed process.
package oomkillreceiver

//go:generate mdatagen metadata.yaml
//go:generate sed -i "s/receiver%2Fotel%20/receiver%2Foomkill%20/g; s/receiver%2Fotel)/receiver%2Foomkill)/g" README.md
//go:generate sed -i "s/^package otelreceiver$/package oomkillreceiver/" generated_component_test.go generated_package_test.go
