// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// inputs are the bundled captures by path, each line of them apart.
func inputs(t *testing.T, name string) map[string][][]byte {
	t.Helper()
	files, _ := filepath.Glob("../testdata/captures/*/*/" + name)
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	logs := make(map[string][][]byte, len(files))
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		logs[file] = bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	}
	return logs
}

// batch feeds lines and returns the records that they complete.
func batch(p *parser.Parser, lines [][]byte) (records []*parser.Record) {
	for _, line := range lines {
		records = append(records, p.Feed(bytes.Clone(line)).Records...)
	}
	return records
}

func newParser(t *testing.T) *parser.Parser {
	t.Helper()
	p, err := parser.New(parser.Options{IncludeOriginal: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ahead is how many lines a try goes on: each report's end, with what closes it, lies ahead of many
// cuts.
const ahead = 80

// TestRefusedBatches: wherever a log is cut into batches, a batch that is tried on a clone and
// refused leaves nothing behind in the parser that it was cloned from, in other clones of it, and
// in what they read later. A clone that waits while the others go on reads what they read.
func TestRefusedBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("runs in one goroutine, which cannot race: make unit runs it")
	}
	for _, name := range []string{"kmsg.raw", "syslog.raw"} {
		for file, lines := range inputs(t, name) {
			if name != "kmsg.raw" && len(lines) > 300 {
				continue
			}
			plain, p := newParser(t), newParser(t)
			var wanted, got []*parser.Record
			var made []int               // by line, how many records there were before it
			var waiting []*parser.Parser // by line, one that has read up to it and no further
			for at, line := range lines {
				made = append(made, len(wanted))
				wanted = append(wanted, batch(plain, [][]byte{line})...)

				refused, waits := p.Clone(), p.Clone()
				next := lines[at:min(at+ahead, len(lines))]
				_ = append(batch(refused, next), refused.Flush()...)
				_ = batch(refused, next[:min(len(next), 10)])
				p = p.Clone()
				got = append(got, batch(p, [][]byte{line})...)
				if !reflect.DeepEqual(got[made[at]:], wanted[made[at]:]) {
					t.Fatalf("%s: refused behind line %d: %d records, want %d%s", file, at, len(got), len(wanted), difference(got[made[at]:], wanted[made[at]:]))
				}

				waiting = append(waiting, waits)
				if cut := at + 1 - ahead; cut >= 0 {
					if late := batch(waiting[cut], lines[cut:at+1]); !reflect.DeepEqual(late, wanted[made[cut]:]) && len(late)+len(wanted[made[cut]:]) > 0 {
						t.Fatalf("%s: a clone made before line %d: %d records, want %d%s", file, cut+1, len(late), len(wanted[made[cut]:]), difference(late, wanted[made[cut]:]))
					}
					waiting[cut] = nil
				}
			}
			wanted, got = append(wanted, plain.Flush()...), append(got, p.Flush()...)
			if !reflect.DeepEqual(got, wanted) {
				t.Fatalf("%s: %d records, want %d%s", file, len(got), len(wanted), difference(got, wanted))
			}
		}
	}
}
