package captures

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestTwice: a log that is read twice or three times in one stream, whole or in part, gives the records of the first reading and no others.
func TestTwice(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for _, carrier := range []string{"kmsg", "syslog", "journal"} {
			log := c.Log(carrier)
			if len(log) == 0 {
				continue
			}
			if log[len(log)-1] != '\n' {
				log = append(bytes.Clone(log), '\n')
			}
			t.Run(c.Name()+"/"+carrier, func(t *testing.T) {
				want := told(t, log)
				half := log[:bytes.IndexByte(log[len(log)/2:], '\n')+len(log)/2+1]
				for what, again := range map[string][]byte{
					"twice":               bytes.Repeat(log, 2),
					"three times":         bytes.Repeat(log, 3),
					"its first half too":  append(bytes.Clone(log), half...),
					"its second half too": append(bytes.Clone(log), log[len(half):]...),
					"each line twice":     eachTwice(log),
				} {
					compareTold(t, what, told(t, again), want)
				}
			})
		}
	}
}

// eachTwice prints each line of a log twice.
func eachTwice(log []byte) (twice []byte) {
	for line := range bytes.Lines(log) {
		twice = append(append(twice, line...), line...)
	}
	return twice
}

// told returns what the records of a log tell, each as a line.
func told(t *testing.T, log []byte) (lines []string) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(log), parser.Options{}, func(r *record.Record) error {
		pid, _ := r.Get("process.pid")
		lines = append(lines, fmt.Sprintf("%s %d %s %s", r.Text("event.name"), pid.Int64(), r.Text("process.title"), r.Text("log.record.uid")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func compareTold(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("%s: %q is missing", what, want[i])
		case i >= len(want):
			t.Errorf("%s: %q is one too many", what, got[i])
		case got[i] != want[i]:
			t.Errorf("%s: %q instead of %q", what, got[i], want[i])
		}
	}
}
