// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

const (
	// maxStreams is how many streams of Loki an instance keeps in use: Loki takes 5,000 of a tenant
	// by default, and refuses everybody's new ones when there are more.
	maxStreams = 1000
	// maxKinds is how many more may be named by the kind of event alone: there are fewer kinds.
	maxKinds = 50
	// streamIdle is when a stream is in use no more: by then Loki has flushed it.
	streamIdle = time.Hour
)

// streams names the streams of Loki that events go to, and bounds how many there are. A gateway's
// senders choose the names of their hosts; one who claims ten thousand must not use up the streams
// of all. What comes in excess goes to a stream that is named by the kind of event and fixed values
// alone, and keeps the rest as structured metadata.
type streams struct {
	// levels are the labels to name a stream by, those for when there are too many streams behind
	// the others.
	levels  []level
	notices *notices

	mu   sync.Mutex
	used map[string]time.Time // when last, by name
}

// level is labels, and up to how many streams in use they may name another one.
type level struct {
	labels []label
	limit  int
}

func newStreams(labels []label, n *notices) *streams {
	kind := slices.DeleteFunc(slices.Clone(labels), func(l label) bool { return l.attribute != "" && l.attribute != "event.name" })
	fixed := slices.DeleteFunc(slices.Clone(labels), func(l label) bool { return l.attribute != "" })
	return &streams{
		levels:  []level{{labels, maxStreams}, {kind, maxStreams + maxKinds}, {fixed, math.MaxInt}},
		notices: n, used: make(map[string]time.Time),
	}
}

// of returns the labels of an event's stream, and its name.
func (s *streams) of(e *event) (labels []form.KV, name string) {
	for i, l := range s.levels {
		labels = labelSet(l.labels, e)
		if name = string(appendJSON(nil, labels)); s.use(name, l.limit) {
			break
		}
		if i == 0 {
			s.notices.say(filter.LevelWarn, "streams", fmt.Sprintf("more than %d streams of Loki within %v: what comes from further hosts or pods shares one and has their names in its structured metadata only",
				maxStreams, streamIdle))
		}
	}
	return labels, name
}

// use reports whether one more event may go to a stream.
func (s *streams) use(name string, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.notices.now()
	if _, known := s.used[name]; !known && len(s.used) >= limit {
		maps.DeleteFunc(s.used, func(_ string, last time.Time) bool { return now.Sub(last) >= streamIdle })
		if len(s.used) >= limit {
			return false
		}
	}
	s.used[name] = now
	return true
}
