// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEntries(t *testing.T) {
	var r logRecord
	r.TimeUnixNano = "1795985158312920396"
	add := func(key, value string) {
		r.Attributes = append(r.Attributes, struct {
			Key   string `json:"key"`
			Value struct {
				StringValue string `json:"stringValue"`
			} `json:"value"`
		}{Key: key})
		r.Attributes[len(r.Attributes)-1].Value.StringValue = value
	}
	add("log.record.original", "first\nsecond")
	assert.Equal(t, "first\nsecond\n", string(r.entries()), "nobody knows that the kernel wrote them")
	add("oom.trust", "verified")
	assert.Equal(t, `{"MESSAGE":"first","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1795985158312920"}
{"MESSAGE":"second","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1795985158312920"}
`, string(r.entries()))
}

func TestPrintOfNoRecord(t *testing.T) {
	p := printer{oomtrail: "no-command"}
	_, err := p.print(context.Background(), []byte("{"))
	assert.Error(t, err)
	for _, line := range []string{"\n", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a kernel line"}}]}]}]}`} {
		n, err := p.print(context.Background(), []byte(line))
		require.NoError(t, err)
		assert.Zero(t, n, line)
	}
}
