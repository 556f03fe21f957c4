// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v7"
)

// newReopenBackOff paces the attempts to open a source again: from a second to half a minute.
func newReopenBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = time.Second
	b.MaxInterval = 30 * time.Second
	b.Reset()
	return b
}

// pauseWithTicks waits while the checkpoint goes on moving. It returns false when reading is to
// end.
func pauseWithTicks(ctx context.Context, pause time.Duration, in *intake) bool {
	until := time.NewTimer(pause)
	defer until.Stop()
	ticker := time.NewTicker(checkpointInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-until.C:
			return true
		case <-ticker.C:
			if in.tick(ctx, false) != nil {
				return false
			}
		}
	}
}
