// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"sync"
	"time"
)

// BurstSize is how many messages a [Burst] lets pass in each BurstSpan.
const (
	BurstSize = 5
	BurstSpan = time.Minute
)

// Burst bounds messages that may come without end. The zero value is ready; it is safe for use by
// several goroutines.
type Burst struct {
	// Now returns the present; nil is time.Now.
	Now func() time.Time

	mu            sync.Mutex
	began         time.Time
	said, leftOut int
}

// Pass hands a message to say, with the number of messages left out before it, or counts it as left
// out.
func (b *Burst) Pass(say func(leftOut int)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.Now != nil {
		now = b.Now()
	}
	if now.Sub(b.began) >= BurstSpan {
		b.began, b.said = now, 0
	}
	if b.said == BurstSize {
		b.leftOut++
		return
	}
	b.said++
	say(b.leftOut)
	b.leftOut = 0
}
