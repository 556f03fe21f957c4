// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"cmp"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser/record"
)

// evident are the attributes of a record that [parser.Evidence.Add] looks at.
var evident = [...]record.ID{
	record.EventName, record.LogRecordUID, record.Killer, record.Trust, record.BootID, record.ProcessPID, record.ProcessTitle, record.VictimCgroup, record.VictimTGID,
}

// addKill adds a record of ours to the evidence of this machine, where our input brought it, or
// where it has the mark and the id of this machine's boot: an output is not told which input it
// was. What the journal and files of the machine say of the kill, under other tags, joins it. One
// of another boot, which a file kept until now, joins nothing.
func (f *Filter) addKill(e *logevent.Event) {
	if f.settings.StreamKeys != nil || f.input != inputOwn && f.settings.Accept != logevent.AcceptMarked {
		return
	}
	r := &record.Record{Time: e.Time}
	var attrs []record.Attr
	for _, id := range evident {
		field := &record.Fields[id]
		value := e.Attribute(field.Name)
		switch {
		case value == nil:
		case field.Type == record.KindInt64:
			if n, _, err := msgp.ReadInt64Bytes(value); err == nil {
				attrs = append(attrs, record.Attr{Name: field.Name, Value: record.Int64Value(n)})
			}
		default:
			attrs = append(attrs, record.Attr{Name: field.Name, Value: record.StringValue(string(textOf(value)))})
		}
	}
	r = r.With(attrs...)
	boot := r.Text(record.Fields[record.BootID].Name)
	if boot == "" && f.input != inputOwn || boot != "" && boot != string(f.hosts.boot) {
		return
	}
	f.evidence.Add(cmp.Or(f.settings.HostName, f.hosts.thisOne("")), r)
}
