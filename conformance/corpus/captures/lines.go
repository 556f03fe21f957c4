// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

var (
	header     = regexp.MustCompile(`^(\d+),(\d+),(\d+),([^;]*);(.*)$`)
	taskRow    = regexp.MustCompile(`^\[ *\d+\] +-?\d+ +\d+ +\d+ `)
	invocation = regexp.MustCompile(` invoked oom-killer: gfp_mask=`)
)

// entry is a line of kmsg.raw, read independently of the parser.
type entry struct {
	number   int // input line
	facility int
	text     string
}

func entries(kmsg []byte) (list []entry) {
	for i, line := range strings.Split(string(kmsg), "\n") {
		m := header.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		prio, _ := strconv.Atoi(m[1])
		list = append(list, entry{number: i + 1, facility: prio >> 3, text: m[5]})
	}
	return list
}

// checkTasks demands the number of rows that the last table before each kill line has.
func (res *Result) checkTasks(c *Capture, kills []*record.Record) {
	rows, want := 0, map[int64]int{}
	for _, e := range entries(c.Kmsg) {
		switch {
		case e.facility != 0:
		case invocation.MatchString(e.text):
			rows = 0
		case taskRow.MatchString(e.text):
			rows++
		case strings.Contains(e.text, "Killed process "):
			if m := killLine.FindStringSubmatch("3,1,1,-;" + e.text); m != nil {
				pid, _ := strconv.ParseInt(m[1], 10, 64)
				want[pid] = rows
			}
		}
	}
	for _, r := range kills {
		v, ok := r.Get("oom.tasks.count")
		head, _ := r.Get("oom.trigger.name")
		if !ok || head.String() == "" {
			continue
		}
		res.equal(res.int(r, "process.pid"), "oom.tasks.count", v.Int64(), int64(want[res.int(r, "process.pid")]))
	}
}

// checkLines demands that the kernel's own lines from a report's head to its kill line are all
// known, and that no line of anybody else is.
func (res *Result) checkLines(c *Capture) {
	kinds := map[int]kernel.Kind{}
	asm := assembly.New(assembly.Options{})
	decoder := format.NewDecoder(report.Auto)
	number := 0
	for raw := range bytes.Lines(c.Kmsg) {
		number++
		decoder.Decode(bytes.TrimSuffix(raw, []byte("\n")), func(l *format.Line) { kinds[number] = asm.Line(l).Kind() })
	}
	inside := false
	for _, e := range entries(c.Kmsg) {
		kind := kinds[e.number]
		if e.facility != 0 {
			if kind != kernel.Other {
				res.wrong("line %d: %s, and the kernel did not write it: %.60s", e.number, kind, e.text)
			}
			continue
		}
		if invocation.MatchString(e.text) {
			inside = true
		}
		if inside && kind == kernel.Other {
			res.wrong("line %d: other, inside a report: %.60q", e.number, e.text)
		}
		if kind == kernel.KillLine || kind == kernel.NoVictimLine || kind == kernel.PanicLine {
			inside = false
		}
	}
}
