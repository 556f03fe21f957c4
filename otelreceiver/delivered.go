// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/oomtrail/oomtrail/parser/record"
)

// maxDelivered is how many records of open reports one stream remembers.
const maxDelivered = 1000

// delivered are the records of reports that are open, oldest first. After a restart such a report
// is read again, whole, and would give them again.
type delivered []deliveredRecord

// deliveredRecord is one of them: the id and the host that a store knows it by, and the position of
// its line.
type deliveredRecord struct {
	key      string
	position int64
}

// add notes a record.
func (d *delivered) add(r *record.Record) {
	*d = append((*d)[max(0, len(*d)+1-maxDelivered):], deliveredRecord{r.Text("oom.record.key"), r.Position})
}

// forgetBefore drops the records of lines that are not read again.
func (d *delivered) forgetBefore(position int64) {
	*d = slices.DeleteFunc(*d, func(r deliveredRecord) bool { return r.position < position })
	if len(*d) == 0 {
		*d = nil
	}
}

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
		s.delivered.forgetBefore(s.safe())
		for i := range s.delivered {
			part.Delivered = append(part.Delivered, s.delivered[i].key)
		}
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
		if s.parser.Open() {
			return
		}
	}
	in.restored = nil
}
