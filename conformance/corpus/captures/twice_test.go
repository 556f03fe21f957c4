// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestTwice: a log that is read twice or three times in one stream, whole or in part, gives the
// records of the first reading and no others.
func TestTwice(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for name, log := range allFormats(c) {
			t.Run(c.Name()+"/"+name, func(t *testing.T) {
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

// TestShuffledCopies: copies of several machines' logs in one stream, in any order, give the
// records of each log once.
func TestShuffledCopies(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(14, 1))
	for range 200 {
		var copies, want []string
		for range 3 {
			n := random.IntN(len(list))
			log := string(everyday(list[n].Kmsg, func(uptime time.Duration) string {
				return fmt.Sprintf("Nov 29 09:00:10 node%d kernel: [%12.6f] ", n, uptime.Seconds())
			}))
			if slices.Contains(copies, log) {
				continue
			}
			want = append(want, told(t, []byte(log))...)
			copies = append(copies, log, log, log)
		}
		random.Shuffle(len(copies), func(i, j int) { copies[i], copies[j] = copies[j], copies[i] })
		got := told(t, []byte(strings.Join(copies, "")))
		slices.Sort(got)
		slices.Sort(want)
		compareTold(t, "copies", got, want)
	}
}

// TestTwoDaemons: two daemons write into one file, one with the kernel's stamp and one without;
// each kill is told once.
func TestTwoDaemons(t *testing.T) {
	list, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Scenario == "n_hostile_comm" {
			continue // without the kernel's stamp, a name with a newline in it makes two lines that are no longer known to be one
		}
		t.Run(c.Name(), func(t *testing.T) {
			one := everyday(c.Kmsg, func(uptime time.Duration) string {
				return fmt.Sprintf("Nov 29 09:00:10 node7 kernel: [%12.6f] ", uptime.Seconds())
			})
			other := everyday(c.Kmsg, prefixes["one second"])
			want := outline(t, one)
			for what, log := range map[string][]byte{
				"one behind the other": append(bytes.Clone(one), other...), "the other way round": append(bytes.Clone(other), one...),
				"line by line": alternating(one, other),
			} {
				if got := outline(t, log); !slices.Equal(got, want) {
					t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

// alternating takes lines of two logs in turn.
func alternating(one, other []byte) (log []byte) {
	a, b := bytes.SplitAfter(one, []byte("\n")), bytes.SplitAfter(other, []byte("\n"))
	for i := range max(len(a), len(b)) {
		if i < len(a) {
			log = append(log, a[i]...)
		}
		if i < len(b) {
			log = append(log, b[i]...)
		}
	}
	return log
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
