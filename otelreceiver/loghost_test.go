// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// TestResourceNamesTheHost: the host that the user names in resource is the host of records and
// lines; the log's name stands beside it.
func TestResourceNamesTheHost(t *testing.T) {
	var k printk
	var log strings.Builder
	for _, record := range k.report(100) {
		_, text, _ := strings.Cut(record, ";")
		fmt.Fprintf(&log, "2026-11-21T08:00:00.000000+00:00 ip-10-0-0-1 kernel: [   10.000000] %s\n", strings.TrimSpace(text))
	}
	file := filepath.Join(t.TempDir(), "kern.log")
	require.NoError(t, os.WriteFile(file, []byte(log.String()), 0o600))
	for from, want := range map[string]string{oomlogs.HostFromResource: "worker-a", oomlogs.HostFromLog: "ip-10-0-0-1"} {
		next := &sink{}
		run(t, quick(func(c *Config) {
			c.Source, c.File.Include, c.StartAt, c.Emit, c.HostFrom = sourceFile, []string{file}, "beginning", "all", from
			c.Resource = map[string]string{"host.name": "worker-a"}
		}), nil, next, newFileSource)
		next.waitFor(t, 100)
		for _, logs := range next.logs {
			for _, rl := range logs.ResourceLogs().All() {
				name, _ := rl.Resource().Attributes().Get("host.name")
				assert.Equal(t, want, name.Str())
				for _, lr := range rl.ScopeLogs().At(0).LogRecords().All() {
					logged, found := lr.Attributes().Get("oom.log_host")
					assert.Equal(t, from == oomlogs.HostFromResource, found)
					if found {
						assert.Equal(t, "ip-10-0-0-1", logged.Str())
					}
				}
			}
		}
	}
}

// TestResourceNamesTheHostOfKmsg: /dev/kmsg names no host, so that the user's name is the only one.
func TestResourceNamesTheHostOfKmsg(t *testing.T) {
	var k printk
	r := newRing(1000)
	next := &sink{}
	run(t, quick(func(c *Config) { c.Resource = map[string]string{"host.name": "worker-a", "host.id": "i-1"} }), nil, next, ringSource(r, "boot-1"))
	r.write(k.report(100)...)
	next.waitFor(t, 100)
	res := next.logs[0].ResourceLogs().At(0).Resource().Attributes().AsRaw()
	assert.Equal(t, "worker-a", res["host.name"])
	assert.Equal(t, "i-1", res["host.id"])
	_, found := next.records[0].Attributes().Get("oom.log_host")
	assert.False(t, found)
}
