// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// The collector's logger lets only the first ten of equal messages through every ten seconds; what
// is dropped is told all the same.
func TestEveryDropIsTold(t *testing.T) {
	core, logs := observer.New(zap.ErrorLevel)
	set := settingsOf(t)
	set.Logger = zap.New(zapcore.NewSamplerWithOptions(core, 10*time.Second, 10, 100))
	next := &sink{answer: func() error { return consumererror.NewPermanent(errRefused) }}
	var k printk
	r := newRing(1000)
	rcv, err := newFactory(ringSource(r, "boot-1")).CreateLogs(t.Context(), set, quick(nil), next)
	require.NoError(t, err)
	require.NoError(t, rcv.Start(t.Context(), componenttest.NewNopHost()))
	const kills = 30
	for i := range kills {
		r.write(k.report(100 + i)...)
		time.Sleep(10 * time.Millisecond) // a batch of its own
	}
	told := map[any]bool{}
	require.Eventually(t, func() bool {
		for _, entry := range logs.All() {
			uids, _ := entry.ContextMap()["log.record.uid"].([]any)
			for _, uid := range uids {
				told[uid] = true
			}
		}
		return len(told) == kills
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, rcv.Shutdown(t.Context()))
}
