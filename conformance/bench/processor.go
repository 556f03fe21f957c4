// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	oomkillprocessor "github.com/oomtrail/oomtrail/otelprocessor"
)

// batchSize is how many records a batch has: what the collector's own batch processor makes is
// of 8192.
const batchSize = 8192

// measureProcessor measures what the processor costs a batch in which nothing is of interest,
// beside what else one could do with the batch.
func measureProcessor(rounds int) error {
	factory := oomkillprocessor.NewFactory()
	p, err := factory.CreateLogs(context.Background(), processortest.NewNopSettings(factory.Type()), factory.CreateDefaultConfig(), consumertest.NewNop())
	if err != nil {
		return err
	}
	if err := p.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		return err
	}
	defer func() { _ = p.Shutdown(context.Background()) }()
	text, batch := ordinaryBatch()
	ours := &candidate{name: "the processor", text: text, read: func([]byte) { _ = p.ConsumeLogs(context.Background(), batch) }}
	compare(fmt.Sprintf("Collector processor: a batch of %d records of ordinary syslog", batchSize), rounds,
		ours,
		&candidate{name: "one needle in each body", text: text, read: func([]byte) { lookInto(batch) }},
		&candidate{name: "a copy of the batch", text: text, read: func([]byte) { batch.CopyTo(plog.NewLogs()) }})
	fmt.Printf("%.1f ns a record\n", 1e9*float64(len(text))/median(ours.rates)/batchSize)
	return nil
}

// ordinaryBatch returns a batch of records with ordinary lines, and these lines.
func ordinaryBatch() (text []byte, batch plog.Logs) {
	batch = plog.NewLogs()
	rl := batch.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("host.name", "node-1")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for line := range bytes.Lines(ordinary.Log(ordinary.Syslog, batchSize*160, 5)) {
		if records.Len() == batchSize {
			break
		}
		text = append(text, line...)
		records.AppendEmpty().Body().SetStr(strings.TrimSuffix(string(line), "\n"))
	}
	return text, batch
}

// lookInto looks for one needle in each body.
func lookInto(batch plog.Logs) {
	for _, rl := range batch.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				if strings.Contains(lr.Body().Str(), "Killed process") {
					sink++
				}
			}
		}
	}
}
