// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/oomtrail/oomtrail/parser/record"
)

// record makes the record of a finding.
func (w *Watcher) record(f *Finding) *record.Record {
	path := ""
	if f.Cgroup != nil {
		path = f.Cgroup.Path
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", f.Cause, path, f.At.UnixNano()))
	d := &record.Draft{Text: []byte("Memory is about to run out")}
	body := len(d.Text)
	d.AddWord(record.EventName, record.EventWarning)
	d.AddWord(record.WarningID, hex.EncodeToString(id[:16]))
	d.AddWord(record.WarningCause, string(f.Cause))
	d.AddWord(record.CgroupPath, path)
	rec := d.Record(0, body)
	rec.Time = f.At
	return rec
}
