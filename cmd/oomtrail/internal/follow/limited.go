// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"fmt"

	"github.com/oomtrail/oomtrail/internal/livelog"
)

// limited says what may come without end, and how much of it was left out.
type limited struct {
	note  func(string)
	burst livelog.Burst
}

func (l *limited) say(text string) {
	l.burst.Pass(func(leftOut int) {
		if leftOut > 0 {
			text = fmt.Sprintf("%s (and %d more before)", text, leftOut)
		}
		l.note(text)
	})
}
