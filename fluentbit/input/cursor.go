// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg"
)

// cursorMark begins every cursor file, so that no other file is taken for one, and overwritten.
const cursorMark = `{"oomtrail_cursor":1,`

// place is where an instance goes on after a restart.
type place struct {
	Version int `json:"oomtrail_cursor"`
	kmsg.Cursor
	// Lines says that the lines before Read were made events of.
	Lines bool `json:"lines,omitempty"`
	// Delivered are the keys of the records that reading on from the cursor makes again.
	Delivered []string `json:"delivered,omitempty"`
}

// errTorn says that a cursor file is one, but cannot be read.
var errTorn = errors.New("it is torn")

// encode returns the content of the cursor file.
func (p place) encode() ([]byte, error) {
	p.Version = 1
	b, err := json.Marshal(p)
	return append(b, '\n'), err
}

// decodePlace reads the content of a cursor file. The error is errTorn for one that was not written
// to its end, or was damaged.
func decodePlace(b []byte) (p place, err error) {
	rest := bytes.Trim(b, "\x00\n ") // a disk that lost its power may give zeros
	whole := bytes.HasPrefix(rest, []byte(cursorMark))
	if !whole && !bytes.HasPrefix([]byte(cursorMark), rest) {
		return place{}, errors.New("it is no cursor of this input: name another file")
	}
	if err := json.Unmarshal(rest, &p); err != nil || !whole || !p.valid() {
		return place{}, errTorn
	}
	return p, nil
}

// valid reports whether an instance can have written a place.
func (p *place) valid() bool {
	const farDrift = int64(10 * 365 * 24 * time.Hour / time.Microsecond)
	if p.Sequence > math.MaxInt64 || p.Read > math.MaxInt64 || p.Read < p.Sequence {
		return false
	}
	for i, t := range p.Times {
		if i > 0 && t.From <= p.Times[i-1].From || t.Began < 0 || t.Began > math.MaxUint32*int64(1e6) || t.Drift < -farDrift || t.Drift > farDrift {
			return false
		}
	}
	return true
}
