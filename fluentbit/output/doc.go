// SPDX-License-Identifier: Apache-2.0

// Package output is the Fluent Bit output `oom_kill` behind its C functions: it takes chunks, finds
// the records of OOM kills in them (or makes them from the kernel's lines) and delivers these to
// Loki, to Elasticsearch or OpenSearch, or to standard output.
//
// What was delivered and what was not is kept for each chunk, so that a chunk which
// Fluent Bit sends again costs neither a lost record nor a second copy.
package output
