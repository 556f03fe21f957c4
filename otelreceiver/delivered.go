// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"encoding/json"

	"github.com/oomtrail/oomtrail/internal/livelog"
)

// deliveredPart is what the intake adds to the checkpoint of a source.
type deliveredPart struct {
	Delivered []string  `json:"delivered,omitempty"`
	Kills     *lostPart `json:"kernel_kills,omitempty"`
}

// checkpoint returns the checkpoint of the source, with the records that reading on from there
// would give again, and how many kills the kernel had counted. The checkpoint of each source is a
// JSON object.
func (in *intake) checkpoint() []byte {
	checkpoint := in.source.checkpoint()
	if len(checkpoint) == 0 {
		return checkpoint
	}
	var keys []string
	for _, s := range in.streams {
		keys = s.AppendDelivered(keys)
	}
	part := deliveredPart{Delivered: in.restored.With(keys)}
	if len(in.streams) == 1 { // the log of this machine is one
		part.Kills = in.counts.lost.saved(in.streams[0].Safe())
	}
	if len(part.Delivered) == 0 && part.Kills == nil {
		return checkpoint
	}
	added, err := json.Marshal(part)
	if err != nil {
		return checkpoint // strings and numbers cannot fail
	}
	head := bytes.TrimSuffix(checkpoint, []byte("}"))
	if len(head) > len("{") {
		head = append(head, ',')
	}
	return append(head, added[1:]...)
}

// restore takes up what a stored checkpoint says of records that were delivered. One that cannot be
// read costs repetitions.
func (in *intake) restore(saved []byte) {
	var part deliveredPart
	if json.Unmarshal(saved, &part) != nil {
		return
	}
	in.restored = livelog.NewRestored(part.Delivered)
	in.counts.lost.restore(part.Kills)
}

// forgetRestored is called when the source has read all there is: what has not come again by then
// does not.
func (in *intake) forgetRestored() {
	for _, s := range in.streams {
		if !s.Settled() {
			return
		}
	}
	in.restored = nil
}
