// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/oomtrail/oomtrail/conformance/corpus/ordinary"
	"github.com/oomtrail/oomtrail/parser"
)

const (
	// daySize is a busy day of kernel log.
	daySize = 16 << 20
	// slowSize is what the slow baselines get of it.
	slowSize = 1 << 20
)

// keep takes records as a host does.
func keep(records []*parser.Record) error {
	sink += len(records)
	return nil
}

// byBlock reads a whole buffer.
func byBlock(text []byte) {
	p := newParser()
	if _, err := p.FeedBlock(text, keep); err != nil {
		panic(err)
	}
	_ = keep(p.Flush())
}

// byLine reads as a host does that has lines: what cannot matter is not fed.
func byLine(text []byte) {
	p := newParser()
	eachLine(text, func(line []byte) {
		if !p.Open() && !parser.MayContainOOM(line) {
			p.Skip()
			return
		}
		_ = keep(p.Feed(line).Records)
	})
	_ = keep(p.Flush())
}

// fromReader reads as `oomtrail parse` does.
func fromReader(text []byte) {
	err := parser.ReadAll(bytes.NewReader(text), parser.Options{}, func(*parser.Record) error { sink++; return nil })
	if err != nil {
		panic(err)
	}
}

func newParser() *parser.Parser {
	p, err := parser.New(parser.Options{})
	if err != nil {
		panic(err)
	}
	return p
}

// baselines are the plain ways, on the same bytes.
func baselines(text []byte) []*candidate {
	slow := whole(text, slowSize)
	return []*candidate{
		{name: "newlines only", text: text, read: splitLines},
		{name: "bytes.Index of one needle", text: text, read: oneNeedle},
		{name: "expressions of cadvisor's kind", text: slow, read: monitorRegexps},
		{name: "expressions of node-problem-detector's kind", text: slow, read: detectorRegexps},
		{name: "plain parser of expressions", text: slow, read: plainRegexps},
	}
}

func measureDay(rounds int) error {
	for _, c := range []ordinary.Format{ordinary.Syslog, ordinary.Dmesg, ordinary.Kmsg, ordinary.Journal} {
		text := ordinary.Log(c, daySize, 1)
		if parser.MayContainOOM(text) {
			return fmt.Errorf("the ordinary log holds words of interest")
		}
		compare(fmt.Sprintf("A day of ordinary kernel log, as %v, %d lines", c, bytes.Count(text, []byte{'\n'})), rounds, append([]*candidate{
			{name: "oomtrail, whole buffer", text: text, read: byBlock},
			{name: "oomtrail, line by line", text: text, read: byLine},
		}, baselines(text)...)...)
	}
	return nil
}

func measureReport(rounds int) error {
	text, err := withReports(ordinary.Syslog, daySize)
	if err != nil {
		return err
	}
	compare(fmt.Sprintf("The same with one report in 10,000 lines, as syslog, %d lines", bytes.Count(text, []byte{'\n'})), rounds, append([]*candidate{
		{name: "oomtrail, whole buffer", text: text, read: byBlock},
		{name: "oomtrail, line by line", text: text, read: byLine},
	}, baselines(text)...)...)
	return nil
}

func measureCaptures(rounds int) error {
	text, err := allCaptures()
	if err != nil {
		return err
	}
	ours := &candidate{name: "oomtrail, whole buffer, to records", text: text, read: byBlock}
	compare(fmt.Sprintf("All captures back to back, %d lines", bytes.Count(text, []byte{'\n'})), rounds, append([]*candidate{
		ours,
		{name: "oomtrail, as `oomtrail parse` reads", text: text, read: fromReader},
	}, baselines(text)...)...)
	before := sink
	byBlock(text)
	fmt.Printf("%d records, %.1f allocations for each\n", sink-before, ours.allocs/float64(sink-before))
	return nil
}

func measureTasks(rounds int) error {
	text := manyTasks(100_000)
	compare("One report with 100,000 tasks", rounds, append([]*candidate{
		{name: "oomtrail, whole buffer, to the record", text: text, read: byBlock},
		{name: "oomtrail, as `oomtrail parse` reads", text: text, read: fromReader},
	}, baselines(text)...)...)
	return nil
}

// measureHostile shows for each hostile line that four times the input takes four times as long.
func measureHostile(rounds int) error {
	const size = 256 << 10
	for _, open := range []bool{false, true} {
		var all []*candidate
		for _, name := range slices.Sorted(maps.Keys(almost)) {
			text := hostile(almost[name], 4*size, open)
			all = append(all,
				&candidate{name: name + ", a quarter", text: whole(text, size), read: fromReader},
				&candidate{name: name + ", all", text: text, read: fromReader})
		}
		title := "Lines that almost match, no report open"
		if open {
			title = "Lines that almost match, in an open report"
		}
		compare(title, rounds, all...)
	}
	return nil
}
