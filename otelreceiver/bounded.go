// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"sync"
	"time"

	"go.uber.org/zap"
)

const (
	// boundedBurst is how many messages of one kind are logged in a boundedSpan.
	boundedBurst = 5
	boundedSpan  = time.Minute
)

// bounded logs messages that may come without end: boundedBurst of them in each boundedSpan, and
// with the next one how many were left out. The zero value is ready; it is safe for use by several
// goroutines.
type bounded struct {
	mu            sync.Mutex
	began         time.Time
	said, leftOut int
}

// log hands a message to write, a method of the logger, or counts it.
func (b *bounded) log(write func(string, ...zap.Field), message string, fields ...zap.Field) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); now.Sub(b.began) >= boundedSpan {
		b.began, b.said = now, 0
	}
	if b.said == boundedBurst {
		b.leftOut++
		return
	}
	b.said++
	if b.leftOut > 0 {
		fields = append(fields, zap.Int("left_out", b.leftOut))
		b.leftOut = 0
	}
	write(message, fields...)
}
