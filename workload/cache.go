// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"container/list"
	"sync"
	"time"
)

// maxAnswers is how many answers a cache keeps. The one that was not asked for the longest goes.
const maxAnswers = 1000

// retry is how long an answer is kept that lacks something, and how far two readings of one
// directory are apart.
const retry = time.Second

// cache keeps the latest answers, by uid or by id. It is safe for use by several goroutines.
type cache struct {
	mu    sync.Mutex
	max   int
	order *list.List // of *answer, the latest one first
	by    map[string]*list.Element
}

// answer is what is known of a key.
type answer struct {
	key   string
	value claim
	until time.Time // zero: for good
}

func newCache(max int) *cache {
	return &cache{max: max, order: list.New(), by: make(map[string]*list.Element)}
}

// get returns what is known of a key, unless it has to be asked for again.
func (c *cache) get(key string, now time.Time) (v claim, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[key]
	if e == nil {
		return v, false
	}
	a := e.Value.(*answer)
	if !a.until.IsZero() && !now.Before(a.until) {
		return v, false
	}
	c.order.MoveToFront(e)
	return a.value, true
}

// put keeps an answer and returns it: for good where it is whole, else until [retry] from now.
func (c *cache) put(key string, v claim, now time.Time) claim {
	var until time.Time
	if !v.whole() {
		until = now.Add(retry)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.by[key]; e != nil {
		a := e.Value.(*answer)
		a.value, a.until = v, until
		c.order.MoveToFront(e)
		return v
	}
	c.by[key] = c.order.PushFront(&answer{key: key, value: v, until: until})
	if c.order.Len() > c.max {
		last := c.order.Back()
		delete(c.by, last.Value.(*answer).key)
		c.order.Remove(last)
	}
	return v
}
