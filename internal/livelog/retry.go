// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v7"
)

// pauseTick is how often Tick is called in a pause.
const pauseTick = time.Second

// NewBackOff paces the attempts to open a log again: from a second to half a minute.
func NewBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = time.Second
	b.MaxInterval = 30 * time.Second
	b.Reset()
	return b
}

// Pause waits, and goes on calling Tick. It returns the first error of the handler, nil also when
// ctx ends.
func Pause(ctx context.Context, pause time.Duration, h Handler) error {
	until := time.NewTimer(pause)
	defer until.Stop()
	ticker := time.NewTicker(pauseTick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-until.C:
			return nil
		case <-ticker.C:
			if err := h.Tick(ctx, false); err != nil {
				return err
			}
		}
	}
}
