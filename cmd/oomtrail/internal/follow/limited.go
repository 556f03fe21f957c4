// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"fmt"
	"sync"
	"time"
)

// limitedBurst is how many texts are said in a limitedSpan.
const (
	limitedBurst = 5
	limitedSpan  = time.Minute
)

// limited says what may come without end: limitedBurst texts in each limitedSpan, and with the next
// one how many were left out. It is safe for use by several goroutines.
type limited struct {
	note          func(string)
	mu            sync.Mutex
	began         time.Time
	said, leftOut int
}

func (l *limited) say(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.began) >= limitedSpan {
		l.began, l.said = now, 0
	}
	if l.said == limitedBurst {
		l.leftOut++
		return
	}
	l.said++
	if l.leftOut > 0 {
		text = fmt.Sprintf("%s (and %d more before)", text, l.leftOut)
		l.leftOut = 0
	}
	l.note(text)
}
