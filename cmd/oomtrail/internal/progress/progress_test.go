// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// screen shows what a terminal would show that is written to.
type screen struct {
	lines  []string
	column int
}

func (s *screen) Write(p []byte) (int, error) {
	if s.lines == nil {
		s.lines = []string{""}
	}
	for _, c := range p {
		last := &s.lines[len(s.lines)-1]
		switch c {
		case '\r':
			s.column = 0
		case '\n':
			s.lines, s.column = append(s.lines, ""), 0
		default:
			for len(*last) <= s.column {
				*last += " "
			}
			*last = (*last)[:s.column] + string(rune(c)) + (*last)[s.column+1:]
			s.column++
		}
	}
	return len(p), nil
}

func (s *screen) String() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// newBar returns a bar on a screen, and the clock that it reads.
func newBar(w io.Writer, width int) (*Bar, *time.Time) {
	clock := time.Unix(1000, 0)
	return &Bar{out: w, width: func() int { return width }, now: func() time.Time { return clock }}, &clock
}

func TestBarAndOutputShareATerminal(t *testing.T) {
	var s screen
	bar, clock := newBar(&s, 100)
	out := bar.Over(&s)
	show := func(after time.Duration, done int64) {
		*clock = clock.Add(after)
		bar.Show(State{Name: "kern.log", File: 1, Files: 1, Done: done, Total: 2e9})
	}
	expect := func(want string) {
		t.Helper()
		if s.String() != want {
			t.Fatalf("the screen shows\n%swant\n%s", &s, want)
		}
	}
	show(0, 0)
	show(900*time.Millisecond, 4e8)
	if s.lines != nil {
		t.Fatalf("a bar before a second is over: %s", &s)
	}
	show(100*time.Millisecond, 5e8)
	expect("kern.log  [#######-----------------------]  25 %  500 MB of 2.0 GB  500 MB/s  3 s left\n")
	show(50*time.Millisecond, 6e8)
	expect("kern.log  [#######-----------------------]  25 %  500 MB of 2.0 GB  500 MB/s  3 s left\n")
	fmt.Fprint(out, "a kill\n")
	expect("a kill\n\n")
	show(950*time.Millisecond, 1e9)
	expect("a kill\nkern.log  [###############---------------]  50 %  1.0 GB of 2.0 GB  500 MB/s  2 s left\n")
	fmt.Fprint(out, "another\nand one\n")
	show(time.Second, 15e8)
	expect("a kill\nanother\nand one\nkern.log  [######################--------]  75 %  1.5 GB of 2.0 GB  500 MB/s  1 s left\n")
	bar.Clear()
	bar.Clear()
	expect("a kill\nanother\nand one\n\n")
	show(time.Second, 1) // it is read once more
	expect("a kill\nanother\nand one\n\n")
}

// TestLineFits: at any width, with any name and figures, the line stays on one line.
func TestLineFits(t *testing.T) {
	for _, name := range []string{"", "kern.log", "nodes/" + strings.Repeat("a", 300) + "/kern.log", "\x1b[2J\r\n\xff日本語日本語日本語日本語日本語日本語日本語.log"} {
		for _, files := range []int{1, 40, 12345} {
			for _, done := range []int64{0, 1, 999_999, 1 << 40, 1 << 62} {
				for _, elapsed := range []time.Duration{time.Second, time.Minute, 100 * time.Hour} {
					for width := 0; width < 200; width += 7 {
						line := State{Name: name, File: files, Files: files, Done: done, Total: 1 << 41}.line(elapsed, width)
						if text.StringWidth(line) > width || strings.ContainsAny(line, "\x1b\r\n") {
							t.Fatalf("%d columns: %q", width, line)
						}
					}
				}
			}
		}
	}
	state := State{Name: "/srv/nodes/n/kern.log", File: 3, Files: 40, Done: 1e9, Total: 2e9}
	for width, want := range map[int]string{
		40:  " 50 %  1.0 GB of 2.0 GB  100 MB/s  10 s ",
		60:  "[#####------]  50 %  1.0 GB of 2.0 GB  100 MB/s  10 s left",
		90:  "...kern.log  [###############---------------]  50 %  1.0 GB of 2.0 GB  100 MB/s  10 s left",
		130: "3/40 /srv/nodes/n/kern.log  [###############---------------]  50 %  1.0 GB of 2.0 GB  100 MB/s  10 s left",
	} {
		if line := state.line(10*time.Second, width); line != want {
			t.Errorf("%d columns: %q", width, line)
		}
	}
}

// TestNoBar: where there is no terminal, or no total.
func TestNoBar(t *testing.T) {
	var out bytes.Buffer
	if New(&out) != nil {
		t.Error("a bar in a buffer")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	none := New(w)
	if none != nil {
		t.Error("a bar in a pipe")
	}
	none.Show(State{Done: 1, Total: 2})
	none.Clear()
	if none.Over(&out) != io.Writer(&out) {
		t.Error("another writer")
	}
	bar, clock := newBar(&out, 80)
	for range 5 {
		bar.Show(State{Name: "standard input", Done: 5})
		*clock = clock.Add(time.Second)
	}
	if out.Len() > 0 {
		t.Errorf("%q", &out)
	}
}
