// SPDX-License-Identifier: Apache-2.0

package filter

// Level is the importance of a log line, in Fluent Bit's numbers.
type Level int

// The levels.
const (
	LevelError Level = 1
	LevelWarn  Level = 2
	LevelInfo  Level = 3
	LevelDebug Level = 4
)

// Logger writes one line to the log of the host. It may be called from any thread.
type Logger func(level Level, line string)
