// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
)

func TestPrintRecords(t *testing.T) {
	logs := plog.NewLogs()
	oomlogs.Append(logs, (&record.Record{
		Body: "OOM kill: app (7)",
	}).With(
		record.Attr{Name: "event.name", Value: record.StringValue("oom.kill")},
		record.Attr{Name: "log.record.uid", Value: record.StringValue("a14531e0dda7391d69b2e06224e31222")},
		record.Attr{Name: "oom.record.version", Value: record.StringValue(record.Version)},
		record.Attr{Name: "process.title", Value: record.StringValue("app")},
		record.Attr{Name: "process.pid", Value: record.Int64Value(7)},
		record.Attr{Name: "k8s.pod.uid", Value: record.StringValue("0c1d")},
		record.Attr{Name: "oom.diagnosis.advice", Value: record.StringValue(strings.Repeat("word ", 30) + "end")},
	), oomlogs.Options{})
	logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr("a kernel line")
	line, err := (&plog.JSONMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)

	var out strings.Builder
	n, err := printRecords(&out, append(line, '\n'))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, `time unknown  oom.kill
OOM kill: app (7)
  do         word word word word word word word word word word word word word word word word word
             word word word word word word word word word word word word word end
  victim     app  7
  pod        0c1d
  record     a14531e0dda7391d69b2e06224e31222

`, out.String())
}

func TestPrintRecordsOfNoJSON(t *testing.T) {
	_, err := printRecords(&strings.Builder{}, []byte("{"))
	assert.Error(t, err)
	n, err := printRecords(&strings.Builder{}, []byte("\n"))
	assert.NoError(t, err)
	assert.Zero(t, n)
}
