// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// reportLines are the lines of a kill.
var reportLines = kmsgtest.ReportLines

// printk prints records as /dev/kmsg gives them, numbered and stamped.
type printk struct{ kmsgtest.Printk }

func (k *printk) print(prefixed string) string { return k.Print(prefixed) }
func (k *printk) report(pid int) []string      { return k.Report(pid) }

// ring is a kernel log of limited size in memory, which outlives its reader.
type ring struct{ *kmsgtest.Ring }

func newRing(size int) *ring               { return &ring{kmsgtest.NewRing(size)} }
func (r *ring) write(records ...string)    { r.Write(records...) }
func (r *ring) drained() bool              { return r.Drained() }
func (r *ring) host(boot string) kmsg.Host { return r.Host(boot) }

// ringSource is a kmsg source that reads the ring.
func ringSource(r *ring, boot string) func(*Config) source {
	return func(cfg *Config) source {
		return &kmsgSource{path: cfg.Kmsg.Path, beginning: cfg.startAtBeginning(), host: r.host(boot)}
	}
}

// capture returns a real kernel's log of one scenario.
func capture(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile("../testdata/captures/" + path)
	require.NoError(t, err)
	return b
}
