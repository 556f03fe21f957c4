// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/parser"
)

// pieces gives its bytes in reads of a size.
type pieces struct {
	r    *bytes.Reader
	size int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.size)]) }

// TestReadsOfAnySize: the records of an input are the same in however small pieces it is read, and
// with a line too long to be one.
func TestReadsOfAnySize(t *testing.T) {
	if testing.Short() {
		t.Skip("runs in one goroutine, which cannot race: make unit runs it")
	}
	report, err := os.ReadFile("../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []ordinary.Format{ordinary.Syslog, ordinary.Dmesg, ordinary.Kmsg, ordinary.Journal} {
		w := ordinary.NewWriter(c, 3)
		for i := range 3 {
			w.Ordinary(100 + 50*i)
			for line := range bytes.Lines(report) {
				_, text, _ := bytes.Cut(bytes.TrimSpace(line), []byte(";"))
				if len(line) > 0 && line[0] != ' ' {
					w.Line(4, string(text))
				}
			}
			w.Ordinary(400)
			if i == 1 {
				w.Line(6, string(bytes.Repeat([]byte("x"), parser.MaxLine+3)))
			}
		}
		read := func(r io.Reader) (all []*parser.Record) {
			if err := parser.ReadAll(r, parser.Options{}, func(r *parser.Record) error { all = append(all, r); return nil }); err != nil {
				t.Fatal(err)
			}
			return all
		}
		want := read(bytes.NewReader(w.Log))
		if len(want) != 3 {
			t.Fatalf("%v: %d records, want 3", c, len(want))
		}
		for _, size := range []int{100, 4000, 70_000, 300_000} {
			got := read(pieces{bytes.NewReader(w.Log), size})
			if len(got) != len(want) {
				t.Errorf("%v in reads of %d: %d records, want %d", c, size, len(got), len(want))
				continue
			}
			for i := range got {
				for a := range want[i].Attrs() {
					if v, _ := got[i].Get(a.Name); v != a.Value {
						t.Errorf("%v in reads of %d: record %d: %s is %v, want %v", c, size, i, a.Name, v.Any(), a.Value.Any())
					}
				}
			}
		}
	}
}
