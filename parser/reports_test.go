// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestReportsGiveTheRecordsToo: beside the typed reports come the records that ReadAll gives, those
// of other programs among them.
func TestReportsGiveTheRecordsToo(t *testing.T) {
	for _, pattern := range []string{"../testdata/captures/*/*/kmsg.raw", "../testdata/witnesses/*/journal.json", "../testdata/cases/*.log"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(err, files)
		}
		for _, file := range files {
			log, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			all := ReadAll(bytes.NewReader(log), Options{}, func(r *Record) error {
				want = append(want, string(r.AppendJSON(nil)))
				return nil
			})
			reports := ReadReports(bytes.NewReader(log), Options{}, Handler{Record: func(r *Record) error {
				got = append(got, string(r.AppendJSON(nil)))
				return nil
			}})
			if all != nil || reports != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %d records, want %d (%v, %v)\n%s\n%s", file, len(got), len(want), all, reports, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// cutOff is an input that ends before its time.
type cutOff struct{ io.Reader }

func (c cutOff) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if err == io.EOF {
		err = ErrCutOff
	}
	return n, err
}

// TestCutOffInput: a report that is open where the input is cut off is unresolved, and no process
// is called spared.
func TestCutOffInput(t *testing.T) {
	const open = "6,100,4286000,-;app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	for name, read := range map[string]func(func(*Record) error) error{
		"ReadAll": func(fn func(*Record) error) error {
			return ReadAll(cutOff{strings.NewReader(open)}, Options{}, fn)
		},
		"ReadReports": func(fn func(*Record) error) error {
			return ReadReports(cutOff{strings.NewReader(open)}, Options{}, Handler{Record: fn})
		},
	} {
		var events []string
		err := read(func(r *Record) error {
			events = append(events, r.Text("event.name"))
			return nil
		})
		if !errors.Is(err, ErrCutOff) || !slices.Equal(events, []string{"oom.unresolved"}) {
			t.Errorf("%s: %v, %q", name, err, events)
		}
	}
}

// TestReportsHaveTheNumbersOfTheirLines: also behind lines that are not read, since they cannot
// matter.
func TestReportsHaveTheNumbersOfTheirLines(t *testing.T) {
	log, err := os.ReadFile("../testdata/captures/6.12/c_memcg_v2/syslog.raw")
	if err != nil {
		t.Fatal(err)
	}
	numbers := func(log []byte) (first int, all []int) {
		err := ReadReports(bytes.NewReader(log), Options{KeepLines: true}, Handler{Report: func(r *report.Report) error {
			first = r.First.Number
			for _, l := range r.Lines {
				all = append(all, l.Number)
			}
			return nil
		}})
		if err != nil || len(all) == 0 {
			t.Fatal(err, all)
		}
		return first, all
	}
	const before = 100_000
	first, all := numbers(log)
	later, others := numbers(append(bytes.Repeat([]byte("<6>[    0.100000] usb 1-1: new device\n"), before), log...))
	for i := range all {
		all[i] += before
	}
	if later != first+before || !slices.Equal(others, all) {
		t.Errorf("line %d, want %d", later, first+before)
	}
}
