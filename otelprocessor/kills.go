// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/oomtrail/oomtrail/internal/tally"
	"github.com/oomtrail/oomtrail/parser/record"
)

// countKills counts the kills among records, each under a resource of its own.
func (p *oomProcessor) countKills(records []plog.ResourceLogs) {
	for _, rl := range records {
		lr := rl.ScopeLogs().At(0).LogRecords().At(0)
		if lr.EventName() != record.EventKill {
			continue
		}
		p.kills.Add(time.Now(), func(name string) string {
			for _, m := range []pcommon.Map{lr.Attributes(), rl.Resource().Attributes()} {
				if v, ok := m.Get(name); ok {
					return v.AsString()
				}
			}
			return ""
		})
	}
}

// observeKills observes each series of kills, by the id of the processor, too.
func (p *oomProcessor) observeKills(o metric.Int64Observer, id string) {
	for _, s := range p.kills.Read(time.Now()) {
		attributes := append(make([]attribute.KeyValue, 0, len(s.Attributes)+1), attribute.String("processor", id))
		for _, a := range s.Attributes {
			attributes = append(attributes, attribute.String(a.Name, a.Value))
		}
		if s.Overflow {
			attributes = append(attributes, attribute.Bool(tally.Overflow, true))
		}
		o.Observe(s.Kills, metric.WithAttributeSet(attribute.NewSet(attributes...)))
	}
}
