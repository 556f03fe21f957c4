// SPDX-License-Identifier: Apache-2.0

// Package progress draws one line on a terminal that says how far the reading is. It draws only
// when it is called, from the goroutine that also writes the output, so that both may share the
// terminal.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"github.com/oomtrail/oomtrail/internal/plain"
)

const (
	// delay is how long the reading takes before there is a bar.
	delay = time.Second
	// interval is how far two drawings are apart.
	interval = 100 * time.Millisecond
	// barWidth is the most columns of the bar itself, minBar the fewest, nameWidth the most of a
	// name.
	barWidth, minBar, nameWidth = 30, 8, 40
)

// maxName is how much of a name is looked at, in bytes.
const maxName = 256

// Bar is the line. The nil Bar draws nothing.
type Bar struct {
	out   io.Writer
	width func() int
	now   func() time.Time
	// started is when the first bytes were read, drawn when the line was drawn last.
	started, drawn time.Time
	last           int64
	columns        int // of the line that stands on the terminal, 0 for none
}

// New returns a bar on a terminal, nil where out is none or cannot move its cursor.
func New(out io.Writer) *Bar {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &Bar{out: out, now: time.Now, width: func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}}
}

// State is how far the reading is.
type State struct {
	// Name is what is being read: the File-th of Files, from 1.
	Name        string
	File, Files int
	// Done and Total are bytes. Without a Total there is no bar.
	Done, Total int64
}

// Show draws the line, if it is time to.
func (b *Bar) Show(s State) {
	if b == nil || s.Total <= 0 {
		return
	}
	now := b.now()
	if b.started.IsZero() || s.Done < b.last { // it is read once more
		b.started = now
	}
	b.last = s.Done
	elapsed := now.Sub(b.started)
	if elapsed < delay || now.Sub(b.drawn) < interval {
		return
	}
	b.drawn = now
	line := s.line(elapsed, b.width()-1) // in the last column some terminals go to the next line
	columns := text.StringWidth(line)
	_, _ = fmt.Fprint(b.out, "\r", line, strings.Repeat(" ", max(0, b.columns-columns)))
	b.columns = max(columns, b.columns)
}

// Clear takes the line away.
func (b *Bar) Clear() {
	if b == nil || b.columns == 0 {
		return
	}
	b.columns = 0
	_, _ = fmt.Fprint(b.out, "\r", strings.Repeat(" ", max(0, b.width()-1)), "\r") // also the ^C behind it
}

// Over returns a writer onto the terminal of the bar: what is written takes the line's place.
func (b *Bar) Over(w io.Writer) io.Writer {
	if b == nil {
		return w
	}
	return over{w, b}
}

type over struct {
	io.Writer
	bar *Bar
}

func (o over) Write(p []byte) (int, error) {
	o.bar.Clear()
	return o.Writer.Write(p)
}

// line returns the text of the line, which is no wider than width.
func (s State) line(elapsed time.Duration, width int) string {
	done := min(s.Done, s.Total)
	share := float64(done) / float64(s.Total)
	rate := float64(done) / elapsed.Seconds()
	left := "?"
	if done > 0 {
		left = span(time.Duration(float64(elapsed) * (1/share - 1)))
	}
	figures := fmt.Sprintf("%3d %%  %s of %s  %s/s  %s left", int(100*share), size(float64(done)), size(float64(s.Total)), size(rate), left)
	room := width - len(figures) - len("  [] ")
	if room < minBar {
		return cut(figures, width)
	}
	bar := min(barWidth, room)
	name := plain.Printable(s.Name[max(0, len(s.Name)-maxName):])
	if s.Files > 1 {
		name = fmt.Sprintf("%d/%d %s", s.File, s.Files, name)
	}
	name = tail(name, min(nameWidth, room-bar))
	if name != "" {
		name += "  "
	}
	filled := int(share * float64(bar))
	return name + "[" + strings.Repeat("#", filled) + strings.Repeat("-", bar-filled) + "] " + figures
}

// cut returns the beginning of a text of ASCII.
func cut(s string, width int) string { return s[:min(len(s), max(0, width))] }

// tail returns the end of a name, of which that is what tells it from others.
func tail(name string, width int) string {
	const fewest = 8
	if text.StringWidth(name) <= width {
		return name
	}
	if width < fewest {
		return ""
	}
	runes := []rune(name)
	runes = runes[max(0, len(runes)-width):]
	for text.StringWidth(string(runes)) > width-len("...") {
		runes = runes[1:]
	}
	return "..." + string(runes)
}

// size writes a number of bytes in three digits.
func size(bytes float64) string {
	const units = " kMGTPE"
	unit := 0
	for bytes >= 999.5 && unit < len(units)-1 {
		bytes /= 1000
		unit++
	}
	name := strings.TrimSpace(units[unit:unit+1]) + "B"
	if bytes < 9.95 && unit > 0 {
		return fmt.Sprintf("%.1f %s", bytes, name)
	}
	return fmt.Sprintf("%.0f %s", bytes, name)
}

// span writes how long something takes.
func span(d time.Duration) string {
	switch s := int64(d.Seconds() + 0.999); {
	case s < 120:
		return fmt.Sprintf("%d s", s)
	case s < 120*60:
		return fmt.Sprintf("%d min", (s+59)/60)
	case s < 1000*60*60:
		return fmt.Sprintf("%d h", (s+3599)/3600)
	}
	return "days"
}
