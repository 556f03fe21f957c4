// SPDX-License-Identifier: Apache-2.0

// Package pager prints kills as pages, one after another: those alike are counted, not printed.
package pager

import (
	"bufio"
	"cmp"
	"fmt"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/kills"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/once"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Print writes a page for each kill that a reader gives, a line between two of them. It reports
// whether there was one. out is flushed whenever the input falls silent.
func Print(out *bufio.Writer, r *kills.Reader, o textpage.Options) (printed bool, err error) {
	p := pager{out: out, options: o, reader: r}
	p.kills.Hand = func(number int, made madePage) error {
		return p.add(number, made.record, func() textpage.Page { return made.page })
	}
	r.Inputs.BeforeRead, r.Inputs.Quiet = nil, p.flush
	err = r.Reports(kills.Handler{
		Began:  func(in *input.Input) { p.several, p.more = in.Several, in.More },
		Kill:   p.kill,
		Closed: p.closed,
		Ended: func(in *input.Input, err error) error {
			return p.kills.Release(in.More, cmp.Or(err, p.settle()))
		},
	})
	err = p.kills.Release(false, cmp.Or(err, p.settle()))
	err = cmp.Or(err, p.flush())
	return p.printed, err
}

// pager writes pages. A page waits until its report is whole, since the others of a group come
// after its first victim, and until another kind of page comes: those alike are counted, not
// printed.
type pager struct {
	out     *bufio.Writer
	options textpage.Options
	reader  *kills.Reader
	// several is set where there are several inputs, in which one kill may stand twice; more where
	// further files are to come.
	several, more bool
	kills         once.Holder[madePage]
	held          *kill.Kill        // its page is not made yet
	waiting       *textpage.Page    // it is not printed yet
	known         map[string]*alike // by what their pages have in common
	order         []*alike          // the same, as they came
	printed       bool
}

// madePage is the page of an event, and its record.
type madePage struct {
	record *record.Record
	page   textpage.Page
}

// alike are kills of which only the first has a page.
type alike struct {
	first  string    // its process
	again  int       // how many more there were, since they were told last
	newest kill.Kill // the last of them
}

// mostAlike bounds how many kinds of pages are remembered.
const mostAlike = 1000

// kill takes an event.
func (p *pager) kill(k *kill.Kill) error {
	if k.Event != nil && p.held != nil && p.held.Event != nil && p.held.Event.Report == k.Event.Report {
		if victim := k.Event.Victim(); victim != nil && victim.Group {
			if p.several {
				p.kills.See(k.Record)
			} else {
				p.reader.Seen++
			}
			return nil // the page of the first victim names it
		}
	}
	if err := p.settle(); err != nil {
		return err
	}
	p.held = k.Keep()
	if k.Event == nil { // no report of it is to come
		return p.settle()
	}
	return nil
}

// closed makes the page of a report that is whole.
func (p *pager) closed(r *report.Report) error {
	if p.held == nil || p.held.Event == nil || p.held.Event.Report != r {
		return nil
	}
	return p.settle()
}

// settle makes the page that is held.
func (p *pager) settle() error {
	if p.held == nil {
		return nil
	}
	k := *p.held
	p.held = nil
	of := func() textpage.Page { return textpage.Of(k, p.options) }
	if !p.several {
		return p.add(p.reader.Seen+1, k.Record, of)
	}
	return p.kills.Take(k.Record, madePage{k.Record, of()}, p.more)
}

// add adds the page of an event; one that is like another is not made, but counted.
func (p *pager) add(number int, r *record.Record, of func() textpage.Page) error {
	p.reader.Seen = max(p.reader.Seen, number)
	if !p.reader.Filter.Wants(r) {
		return nil
	}
	k := kill.Kill{Record: r}
	likeness := likenessOf(k)
	if same := p.known[likeness]; same != nil {
		same.again++
		same.newest = k
		return nil
	}
	if err := p.write(); err != nil {
		return err
	}
	made := of()
	p.waiting = &made
	if p.known == nil || len(p.known) == mostAlike {
		p.tell()
		p.known, p.order = map[string]*alike{}, nil
	}
	same := &alike{first: processOf(k)}
	p.known[likeness], p.order = same, append(p.order, same)
	return nil
}

// processOf names the process of a kill.
func processOf(k kill.Kill) string {
	pid, _ := k.Record.Get("process.pid")
	return fmt.Sprintf("%s (pid %d)", k.Record.Text("process.title"), pid.Int64())
}

// likenessOf returns what makes a page like another: the same thing befell the same process of the
// same place, for one cause.
func likenessOf(k kill.Kill) string {
	r := k.Record
	place := cmp.Or(r.Text("k8s.pod.uid"), r.Text("oom.victim.cgroup"))
	limit := r.Text("oom.cgroup.pod_uid")
	if limit == "" && r.Text("k8s.pod.uid") == "" {
		limit = r.Text("oom.cgroup.path")
	}
	return strings.Join([]string{r.Text("event.name"), r.Text("host.name"), r.Text("process.title"), place, limit, r.Text("oom.scope"), r.Text("oom.diagnosis.cause")}, "\x00")
}

// write prints the page that waits, and how many like it came since.
func (p *pager) write() error {
	if p.waiting == nil {
		return nil
	}
	if p.printed {
		fmt.Fprint(p.out, strings.Repeat("─", p.options.TextWidth())+"\n\n")
	}
	count := ""
	if same := p.order[len(p.order)-1]; same.again > 0 {
		count = same.take("this")
	}
	fmt.Fprintf(p.out, "%s%s%s", p.waiting.News, count, p.waiting.Rest)
	p.waiting, p.printed = nil, true
	return p.out.Flush()
}

// take says how many more kills there were that are like one, and forgets them.
func (a *alike) take(like string) string {
	text := fmt.Sprintf("%s more like %s, the last %s: %s.\n", plain.Thousands(a.again), like, a.newest.When(), processOf(a.newest))
	a.again = 0
	return text
}

// tell says of each page that was printed before how many like it came since.
func (p *pager) tell() {
	told := false
	for _, same := range p.order {
		if same.again > 0 {
			fmt.Fprint(p.out, same.take(same.first))
			told = true
		}
	}
	if told {
		fmt.Fprintln(p.out)
	}
}

// flush prints all that waits.
func (p *pager) flush() error {
	if err := p.settle(); err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	p.tell()
	return p.out.Flush()
}
