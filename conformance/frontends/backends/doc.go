// SPDX-License-Identifier: Apache-2.0

// Package backends runs the servers that conformance tests deliver to, on this machine's loopback:
// VictoriaLogs as it is, built from its module, which takes what Loki, Elasticsearch and OTLP take;
// and a recorder that answers _bulk as Elasticsearch does and keeps the documents. A [Gate] in
// front of either makes it fail.
package backends
