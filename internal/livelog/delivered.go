// SPDX-License-Identifier: Apache-2.0

package livelog

import (
	"slices"

	"github.com/oomtrail/oomtrail/parser/record"
)

// maxDelivered is how many records of open reports a Delivered remembers.
const maxDelivered = 1000

// Delivered are the records of reports that are open, oldest first. After a restart such a report
// is read again, whole, and would give them again.
type Delivered []delivered

// delivered is one of them: the id and the host that a store knows it by, and the position of its
// line.
type delivered struct {
	key      string
	position int64
}

// Add notes a record.
func (d *Delivered) Add(r *record.Record) {
	*d = append((*d)[max(0, len(*d)+1-maxDelivered):], delivered{r.Text("oom.record.key"), r.Position})
}

// ForgetBefore drops the records of lines that are not read again.
func (d *Delivered) ForgetBefore(position int64) {
	*d = slices.DeleteFunc(*d, func(r delivered) bool { return r.position < position })
	if len(*d) == 0 {
		*d = nil
	}
}

// AppendKeys adds the value of oom.record.key of each record.
func (d Delivered) AppendKeys(keys []string) []string {
	for i := range d {
		keys = append(keys, d[i].key)
	}
	return keys
}
