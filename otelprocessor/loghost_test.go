// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
)

// syslogKill returns the lines of testdata/kill.kmsg as a syslog daemon writes them for a host.
func syslogKill(t *testing.T, host string) (lines []string) {
	for _, line := range captured(t, "kill.kmsg") {
		_, _, usec, text := kernelText(t, line)
		lines = append(lines, fmt.Sprintf("2026-11-21T08:00:00.000000+00:00 %s kernel: [%5d.%06d] %s", host, usec/1e6, usec%1e6, text))
	}
	return lines
}

// TestResourceNamesTheHost: the user's name for a node stays, beside the one in the log.
func TestResourceNamesTheHost(t *testing.T) {
	ours, _ := split(run(t, nil, fromHost("worker-a", syslogKill(t, "ip-10-0-0-1")...))...)
	require.Len(t, ours, 1)
	assert.Equal(t, "worker-a", ours[0].resource["host.name"])
	assert.Equal(t, "ip-10-0-0-1", ours[0].attrs["oom.log_host"])

	ours, _ = split(run(t, func(c *Config) { c.HostFrom = oomlogs.HostFromLog }, fromHost("logs", syslogKill(t, "ip-10-0-0-1")...))...)
	require.Len(t, ours, 1)
	assert.Equal(t, "ip-10-0-0-1", ours[0].resource["host.name"])
	assert.NotContains(t, ours[0].attrs, "oom.log_host")
}

// TestClonesBehindAGateway: two machines of one image die alike. What names them in the resource is
// the gateway's, so that only the log keeps them apart; each has a record, with a key of its own.
func TestClonesBehindAGateway(t *testing.T) {
	for _, from := range hostsFrom {
		for _, attr := range []string{"host.id", "host.name"} {
			var batches []plog.Logs
			for _, host := range []string{"node-1", "node-2"} {
				ld := fromHost("", syslogKill(t, host)...)
				ld.ResourceLogs().At(0).Resource().Attributes().PutStr(attr, "gateway")
				batches = append(batches, ld)
			}
			ours, _ := split(run(t, func(c *Config) { c.HostFrom = from }, batches...)...)
			require.Len(t, ours, 2, "%s %s", from, attr)
			assert.Equal(t, ours[0].attrs["log.record.uid"], ours[1].attrs["log.record.uid"])
			assert.NotEqual(t, ours[0].attrs["oom.record.key"], ours[1].attrs["oom.record.key"], "%s %s", from, attr)
		}
	}
}

// TestCloneHidesNoKill: a record of one machine does not stand for the kill of another, which has
// the same id.
func TestCloneHidesNoKill(t *testing.T) {
	only := func(c *Config) { c.Mode = modeOnly }
	made := plog.NewLogs()
	run(t, only, fromHost("node-1", captured(t, "kill.kmsg")...))[0].CopyTo(made)
	together := plog.NewLogs()
	made.CopyTo(together)
	addHost(together, "node-2", captured(t, "kill.kmsg")...)
	for name, batches := range map[string][]plog.Logs{
		"before it":    {made, fromHost("node-2", captured(t, "kill.kmsg")...)},
		"in one batch": {together},
	} {
		ours, _ := split(run(t, only, batches...)...)
		require.Len(t, ours, 2, name)
		assert.Equal(t, "node-1", ours[0].resource["host.name"], name)
		assert.Equal(t, "node-2", ours[1].resource["host.name"], name)
	}
	ours, _ := split(run(t, only, made, fromHost("node-1", captured(t, "kill.kmsg")...))...)
	assert.Len(t, ours, 1, "its own lines make no second record")
}
