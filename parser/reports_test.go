// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestReadReports: each event comes with the record that ReadAll makes of it, each report after its
// events and with its lines; the first error of either function ends the reading.
func TestReadReports(t *testing.T) {
	log, err := os.ReadFile("../testdata/captures/6.12/f_oomgroup/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	var want, got [][]byte
	if err := ReadAll(bytes.NewReader(log), Options{}, func(r *Record) error { want = append(want, r.AppendJSON(nil)); return nil }); err != nil {
		t.Fatal(err)
	}
	kills, reports := 0, 0
	err = ReadReports(bytes.NewReader(log), Options{KeepLines: true}, Handler{
		Event: func(e *report.Event, r *Record) error {
			got = append(got, r.AppendJSON(nil))
			if pid, _ := r.Get("process.pid"); e.Victim() == nil || e.Victim().PID != pid.Int64() || e.Kind.String() != r.Text("event.name") {
				t.Errorf("%v of %+v is no event of %s", e.Kind, e.Victim(), r.Body)
			}
			return nil
		},
		Report: func(r *report.Report) error {
			kills, reports = kills+len(r.Kills), reports+1
			if int64(len(r.Lines)) != r.LineCount || len(r.Trace) == 0 || r.Lines[0].Number != r.First.Number || r.Lines[0].Kind != "invocation" {
				t.Errorf("%d lines kept of %d, %d of the stack; the first is %+v", len(r.Lines), r.LineCount, len(r.Trace), r.Lines[0])
			}
			lines := bytes.Split(log, []byte("\n"))
			if line := lines[r.First.Number-1]; !bytes.Contains(line, []byte("invoked oom-killer")) {
				t.Errorf("line %d is %q", r.First.Number, line)
			}
			return nil
		},
	})
	if err != nil || !slices.EqualFunc(got, want, bytes.Equal) || kills != len(want) || reports == 0 {
		t.Errorf("%d records, want %d; %d kills in %d reports, %v", len(got), len(want), kills, reports, err)
	}

	wrong, calls := errors.New("enough"), 0
	for _, h := range []Handler{
		{Event: func(*report.Event, *Record) error { calls++; return wrong }, Report: func(*report.Report) error { calls++; return nil }},
		{Report: func(*report.Report) error { calls++; return wrong }},
	} {
		if err := ReadReports(bytes.NewReader(slices.Concat(log, log)), Options{}, h); !errors.Is(err, wrong) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
		calls = 0
	}
}
