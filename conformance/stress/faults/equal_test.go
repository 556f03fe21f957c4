// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/frontends/equality"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// realCaptures returns the bundled captures of real kernels, and one with a table of 400 tasks.
func realCaptures(t *testing.T) []*captures.Capture {
	t.Helper()
	list, err := captures.Load("../../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/400-tasks.kmsg.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	kmsg, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return append(list, &captures.Capture{Kernel: "6.12", Scenario: "400-tasks", Kmsg: kmsg})
}

// writeCaptures writes each capture to a file @DIR@/NAME.kmsg, and returns what the parser makes of
// them.
func writeCaptures(t *testing.T, dir string, list []*captures.Capture) []contract.Record {
	t.Helper()
	for _, c := range list {
		write(t, filepath.Join(dir, strings.ReplaceAll(c.Name(), "/", "_")+".kmsg"), c.Kmsg)
	}
	want, err := equality.Expected(list, equality.Kmsg, parser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// uidsIn returns the ids of records, for tallies in which a record is its own kill.
func uidsIn(records []contract.Record) (uids []string) {
	for _, r := range records {
		uids = append(uids, r.UID())
	}
	return uids
}

// mapBack makes a record of an entry's fields: those that are ours, or that look as if they were.
// The servers here keep text only, so each value takes the type that it has to have.
func mapBack(fields map[string]string, body string, want []contract.Record) contract.Record {
	known := map[string]string{}
	sample := map[string]any{}
	know := func(name string, value any) {
		known[name], known[strings.ReplaceAll(name, ".", "_")] = name, name
		sample[name] = value
	}
	for _, f := range record.Fields {
		switch f.Type {
		case record.KindInt64, record.KindFloat64:
			know(f.Name, json.Number(""))
		case record.KindBool:
			know(f.Name, false)
		case record.KindString:
			know(f.Name, "")
		}
	}
	for _, r := range want { // not all names are in the table
		for name, value := range r {
			know(name, value)
		}
	}
	r := contract.Record{"body": body}
	for field, value := range fields {
		name := known[field]
		switch sample[name].(type) {
		case json.Number:
			r[name] = json.Number(value)
		case bool:
			r[name] = value == "true"
		case string:
			if name != "body" {
				r[name] = value
			}
		default:
			if strings.HasPrefix(field, "oom") {
				r[field] = value
			}
		}
	}
	return r
}

// rounded cuts fractions to what every JSON writer on the way keeps of them: Fluent Bit's writes 16
// digits of 17.
func rounded(records []contract.Record) []contract.Record {
	for _, r := range records {
		if n, ok := r["oom.victim.share"].(json.Number); ok {
			share, _ := n.Float64() // a number: it was read as one
			r["oom.victim.share"] = math.Round(share*1e12) / 1e12
		}
	}
	return records
}

// compare fails the test for each difference between what was queried back and what the parser
// says.
func compare(t *testing.T, got, want []contract.Record) {
	t.Helper()
	for i, d := range contract.Compare(got, want) {
		if i == 20 {
			t.Error("… and more")
			return
		}
		t.Error(d)
	}
}

// filesToBackend reads the files @DIR@/*.kmsg.
var filesToBackend = strings.Replace(fileToBackend, `include: ["@DIR@/kern.log"]`, `include: ["@DIR@/*.kmsg"], format: kmsg`, 1)

// kmsgFiles has Fluent Bit read them, a tag each.
var kmsgFiles = strings.NewReplacer("@DIR@/kern.log", "@DIR@/*.kmsg", "kern.log", "kern.*",
	"    Read_From_Head   true\n", "    Read_From_Head   true\n    Buffer_Max_Size  64k\n").Replace

// TestEqual: with nothing wrong, the records of real kernels that are queried back are those that
// the parser makes, field by field.
func TestEqual(t *testing.T) {
	for _, test := range []struct {
		name  string
		start func(t *testing.T, dir, backend string) *Process
		match Match
	}{
		{"collector, OTLP", func(t *testing.T, dir, backend string) *Process {
			return collector(t, dir, backend, filesToBackend)
		}, Match{UID: "log.record.uid"}},
		{"Fluent Bit's filter", func(t *testing.T, dir, backend string) *Process {
			return fluentBit(t, dir, backend, kmsgFiles(strings.Replace(withFilter, "Format           flat\n", "Format           flat\n    Mode             only\n", 1)))
		}, Match{UID: "log.record.uid"}},
		{"Fluent Bit's output", func(t *testing.T, dir, backend string) *Process {
			return fluentBit(t, dir, backend, kmsgFiles(withOutput))
		}, Match{UID: "log_record_uid"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			p := test.start(t, dir, server.URL)
			want := writeCaptures(t, dir, realCaptures(t))
			p.Start(t)
			test.match.By = test.match.UID
			row := settle(t, p, server, test.match, uidsIn(want), 0)
			row.Scenario = "no fault, every field compared, " + test.name
			row.Note = fmt.Sprintf("records of real kernels, %s", peak(p))
			report(t, p, row, 0)
			var got []contract.Record
			for _, entry := range server.WaitFor(t, test.match.filter(), row.Distinct+row.Repeated) {
				got = append(got, mapBack(entry, entry["_msg"], want))
			}
			got = rounded(got)
			compare(t, got, rounded(want))
		})
	}
}
