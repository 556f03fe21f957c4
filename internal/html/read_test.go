// SPDX-License-Identifier: Apache-2.0

package html

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// node is an element of a page that was read back, or a text: then it has no name.
type node struct {
	name     string
	attrs    map[string]string
	children []*node
	text     string
}

// read reads a page back as XML, which is stricter than any browser.
func read(t *testing.T, file []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	root := &node{}
	open := []*node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.children = append(top.children, &node{text: string(token)})
		case xml.Comment, xml.ProcInst:
			t.Fatalf("%T in a page", token)
		}
	}
	return root
}

// all returns an element and all below it that have a name; all of them for "".
func (n *node) all(name string) (found []*node) {
	for _, c := range n.children {
		if c.name != "" && (name == "" || c.name == name) {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

// class returns those below that have a class.
func (n *node) class(class string) (found []*node) {
	for _, c := range n.all("") {
		if slices.Contains(strings.Fields(c.attrs["class"]), class) {
			found = append(found, c)
		}
	}
	return found
}

// words are the text of an element and all below it.
func (n *node) words() string {
	text := n.text
	for _, c := range n.children {
		text += c.words()
	}
	return text
}

// eachPage calls fn with the page of each event of a log, whose lines are kept.
func eachPage(t *testing.T, log io.Reader, o parser.Options, fn func(*page.Page)) {
	t.Helper()
	var diagnoser diagnosis.Diagnoser
	o.KeepLines, o.IncludeOriginal, o.MemoryStat = true, true, parser.MemoryStatAll
	events := map[*parser.Record]bool{}
	var held []kill.Kill
	closed := func(r *report.Report) error {
		for _, k := range held {
			fn(page.Of(k, page.Options{}))
		}
		held = held[:0]
		return nil
	}
	err := parser.ReadReports(log, o, parser.Handler{
		Event: func(e *report.Event, r *parser.Record) error {
			k := kill.Kill{Event: e, Record: r}
			if e.Kind != report.EventReapFailed {
				d := diagnoser.Diagnose(e.Report, e.Victim())
				k.Diagnosis = &d
			}
			events[r] = true
			held = append(held, *k.Keep())
			return nil
		},
		Record: func(r *parser.Record) error {
			if !events[r] {
				fn(page.Of(kill.Kill{Record: r}, page.Options{}))
			}
			return nil
		},
		Report: closed,
	})
	if err != nil {
		t.Fatal(err)
	}
	closed(nil)
}

// logs are the captures, the cases and what other killers and witnesses wrote.
func logs(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"captures/*/*/kmsg.raw", "cases/*.log", "cases/*.kmsg", "format-samples/*.log", "witnesses/*/journal.json", "witnesses/*/kubernetes.json"} {
		found, err := filepath.Glob("../../testdata/" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// eachLog calls fn with the page of each event of all logs.
func eachLog(t *testing.T, fn func(t *testing.T, p *page.Page, file []byte)) {
	t.Helper()
	pages := 0
	for _, name := range logs(t) {
		log, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimPrefix(name, "../../testdata/"), func(t *testing.T) {
			eachPage(t, log, parser.Options{}, func(p *page.Page) {
				pages++
				fn(t, p, Explain(p))
			})
		})
		log.Close()
	}
	if pages < 150 {
		t.Errorf("%d pages", pages)
	}
}
