// SPDX-License-Identifier: Apache-2.0

// Package faults does to the collector and to Fluent Bit what happens to them at night: they are
// killed in the middle of a report, their disk is full, their backend is away, slow or lies, the
// log is rotated, the kernel's ring is overrun, and kills come by the thousand. Each scenario
// counts the kills that happened and the distinct ids that a real backend holds in the end; one
// table tells what was lost and what came twice.
package faults
