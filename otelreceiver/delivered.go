// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/oomtrail/oomtrail/parser/record"
)

// deliveredPart is what the intake adds to the checkpoint of a source.
type deliveredPart struct {
	Delivered []string `json:"delivered"`
}

// checkpoint returns the checkpoint of the source, with the records that reading on from there
// would give again. The checkpoint of each source is a JSON object.
func (in *intake) checkpoint() []byte {
	checkpoint := in.source.checkpoint()
	if len(checkpoint) == 0 {
		return checkpoint
	}
	var part deliveredPart
	for key := range in.restored {
		part.Delivered = append(part.Delivered, key)
	}
	for _, s := range in.streams {
		s.delivered.ForgetBefore(s.safe())
		part.Delivered = s.delivered.AppendKeys(part.Delivered)
	}
	if len(part.Delivered) == 0 {
		return checkpoint
	}
	slices.Sort(part.Delivered)
	part.Delivered = slices.Compact(part.Delivered)
	added, err := json.Marshal(part)
	if err != nil {
		return checkpoint // strings cannot fail
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
	in.restored = map[string]bool{}
	for _, key := range part.Delivered {
		in.restored[key] = true
	}
}

// wasDelivered reports whether a record was delivered before the restart.
func (in *intake) wasDelivered(r *record.Record) bool {
	return len(in.restored) > 0 && in.restored[r.Text("oom.record.key")]
}

// forgetRestored is called when the source has read all there is: what has not come again by then
// does not.
func (in *intake) forgetRestored() {
	for _, s := range in.streams {
		if s.parser.Open() || s.evidence.Waits() {
			return
		}
	}
	in.restored = nil
}
