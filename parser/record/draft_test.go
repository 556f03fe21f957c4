// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"
)

// TestDraft: a record made by hand has what was added, in that order, and owns its memory; what is
// too long is named as left out.
func TestDraft(t *testing.T) {
	var d Draft
	d.AddKey() // of nothing
	d.Reset()
	d.AddWord(EventName, EventKill)
	d.AddText(LogRecordUID, "0\xff")
	d.AddInt64(ProcessPID, 7)
	d.AddText(ProcessTitle, "")
	d.AddText(KernelRelease, strings.Repeat("6", MaxValue+1))
	d.AddText(HostName, "node-1")
	d.AddBool(ReportComplete, true)
	d.AddFloat64(VictimShare, 0.5)
	id, isNew := d.Named("extra")
	d.AddInt64(id, 1)
	if again, isNewToo := d.Named("extra"); again != id || !isNew || isNewToo {
		t.Errorf("a name is %d, new %v, then %d, new %v", id, isNew, again, isNewToo)
	}
	d.AddKey()
	start := len(d.Text)
	d.Text = append(d.Text, "the body"...)
	r := d.Record(start, len(d.Text))
	d.Reset()
	d.AddWord(EventName, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	want := `{"severity_number":17,"body":"the body","event.name":"oom.kill","log.record.uid":"0\\xff","oom.record.key":"` + Key(`0\xff`, "", "node-1", "") +
		`","process.pid":7,"host.name":"node-1","oom.report.complete":true,"oom.victim.share":0.5,"extra":1}`
	if got := string(r.AppendJSON(nil)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestFit: the highest ranks go first, of equal ranks the last first, and the rank 0 never.
func TestFit(t *testing.T) {
	var d Draft
	for _, id := range []ID{EventName, VictimScore, TriggerCPU, ReportComplete, TriggerUID, MainStat(0), MainStat(1)} {
		d.AddInt64(id, 1)
	}
	d.Fit(3)
	var left []string
	for a := range d.Record(0, 0).Attrs() {
		left = append(left, a.Name)
	}
	if got := strings.Join(left, " "); got != "event.name oom.victim.score oom.report.complete" {
		t.Error(got)
	}
	if len(d.Truncated) != 3 || d.Truncated[0] != CgroupStat || d.Truncated[1] != TriggerUID || d.Truncated[2] != TriggerCPU {
		t.Error(d.Truncated)
	}
	if d.Fit(1); d.Record(0, 0).Len() != 2 {
		t.Error("a field of rank 0 went")
	}
}
