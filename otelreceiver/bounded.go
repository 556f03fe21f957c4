// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/livelog"
)

// bounded logs messages that may come without end, and how many of them were left out. The zero
// value is ready; it is safe for use by several goroutines.
type bounded struct{ burst livelog.Burst }

// log hands a message to write, a method of the logger, or counts it.
func (b *bounded) log(write func(string, ...zap.Field), message string, fields ...zap.Field) {
	b.burst.Pass(func(leftOut int) {
		if leftOut > 0 {
			fields = append(fields, zap.Int("left_out", leftOut))
		}
		write(message, fields...)
	})
}
