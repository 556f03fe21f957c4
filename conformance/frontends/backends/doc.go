// SPDX-License-Identifier: Apache-2.0

// Package backends runs the servers that conformance tests deliver to, on this machine's loopback:
// VictoriaLogs as it is, built from its module, which takes what Loki, Elasticsearch and OTLP take,
// and vmalert, which evaluates alert rules on it; a recorder that answers _bulk as Elasticsearch
// does and keeps the documents; the Loki that the user names; and the Prometheus that is installed.
// A [Gate] in front of any makes it fail.
package backends
