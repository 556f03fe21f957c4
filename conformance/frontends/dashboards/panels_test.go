// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// board is what the tests read of a dashboard.
type board struct {
	Panels     []panel
	Templating struct {
		List []struct {
			Name, Type string
			Query      json.RawMessage
		}
	}
}

type panel struct {
	Title, Type string
	Targets     []target
	Options     struct {
		SortBy []struct {
			DisplayName string
			Desc        bool
		}
	}
	FieldConfig     struct{ Defaults struct{ NoValue string } }
	Transformations []struct {
		ID      string
		Options json.RawMessage
	}
}

type target struct {
	RefID, Expr, QueryType, LegendFormat string
	MaxLines                             int
}

// readBoard reads a dashboard of deploy/grafana.
func readBoard(t *testing.T, file string) (b board) {
	t.Helper()
	if err := json.Unmarshal(content(t, top+"deploy/grafana/"+file), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// span is the range of time that a dashboard shows, in whole bars: a store may round to them.
type span struct{ from, to time.Time }

// step is the width of a bar.
const step = time.Minute

// asker asks a store what a query of a panel gives, as Grafana's plugin for it does: a number has
// the field "Value #" and the query's letter, bars are added up.
type asker interface {
	// ask replaces the variables and asks.
	ask(t *testing.T, q target, c chosen, s span) []row
}

// result is an element of a store's answer to a query: log lines of a stream, or a metric with one
// number, or with one a bar.
type result struct {
	Metric, Stream map[string]string
	Value          [2]any
	Values         [][2]any
}

// results reads an answer.
func results(t *testing.T, answer []byte) []result {
	t.Helper()
	var a struct{ Data struct{ Result []result } }
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatal(err)
	}
	return a.Data.Result
}

// row is the row of a metric, of the query with that letter.
func (m result) row(t *testing.T, ref string) row {
	t.Helper()
	r, n := row{}, 0.0
	maps.Copy(r, m.Metric)
	if m.Values == nil {
		m.Values = [][2]any{m.Value}
	}
	for _, value := range m.Values {
		text, _ := value[1].(string)
		n += whole(t, text)
	}
	r["Value #"+ref] = decimal(n)
	return r
}

// body reads what a store answers to a query.
func body(t *testing.T, query string, res *http.Response, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s: %v", query, res.Status, text, err)
	}
	return text
}

// shows returns what a panel shows: what its queries give, as extractFields and convertFieldType
// leave it, named and sorted as the panel says.
func (p *panel) shows(t *testing.T, store asker, c chosen, s span) (rows []row) {
	t.Helper()
	for _, q := range p.Targets {
		for _, r := range store.ask(t, q, c, s) {
			switch p.Type {
			case "stat":
				rows = append(rows, row{"": r["Value #A"]})
			case "timeseries":
				n, legend := r["Value #"+q.RefID], q.LegendFormat
				for name, value := range r {
					legend = strings.ReplaceAll(legend, "{{"+name+"}}", value)
				}
				if n != "0" {
					rows = append(rows, row{legend: n})
				}
			case "table":
				rows = append(rows, p.organized(t, r))
			default:
				t.Fatalf("a panel of type %s", p.Type)
			}
		}
	}
	if p.Type == "stat" && rows == nil {
		rows = []row{{"": p.FieldConfig.Defaults.NoValue}}
	}
	for _, by := range p.Options.SortBy {
		slices.SortStableFunc(rows, func(a, b row) int {
			if by.Desc {
				a, b = b, a
			}
			return order(a[by.DisplayName], b[by.DisplayName])
		})
	}
	return rows
}

// organized names the fields of a row.
func (p *panel) organized(t *testing.T, r row) row {
	t.Helper()
	for _, tr := range p.Transformations {
		if tr.ID != "organize" {
			continue
		}
		var o struct {
			RenameByName  map[string]string
			ExcludeByName map[string]bool
		}
		if err := json.Unmarshal(tr.Options, &o); err != nil {
			t.Fatal(err)
		}
		named := row{}
		for field, value := range r {
			if !o.ExcludeByName[field] && value != "" {
				named[cmp.Or(o.RenameByName[field], field)] = value
			}
		}
		return named
	}
	t.Fatalf("%s: its columns are in no order", p.Title)
	return nil
}

// check compares what a panel shows with what it has to show.
func check(t *testing.T, title string, got []row, want shown) {
	t.Helper()
	text := func(r row) string { return fmt.Sprint(map[string]string(r)) } // sorted by field
	all := map[string]int{}
	for _, r := range want.rows {
		clean := row{}
		for field, value := range r {
			if value != "" {
				clean[field] = value
			}
		}
		all[text(clean)]++
	}
	n := len(want.rows)
	if want.most > 0 {
		n = min(n, want.most)
	}
	if len(got) != n {
		t.Errorf("%s: %d rows, want %d: %v", title, len(got), n, got)
	}
	for _, r := range got {
		if all[text(r)]--; all[text(r)] < 0 {
			t.Errorf("%s shows %s, which is not so; so are %v", title, text(r), want.rows)
			return
		}
	}
	if want.by == "" {
		return
	}
	// Of rows that are equal in by any may be the last one.
	values := func(rows []row) (list []string) {
		for _, r := range rows {
			list = append(list, r[want.by])
		}
		return list
	}
	largest := values(want.rows)
	slices.SortFunc(largest, func(a, b string) int { return -order(a, b) })
	largest = largest[:n]
	shown := values(got)
	if !slices.Equal(shown, largest) {
		t.Errorf("%s: by %s the rows are %v, want %v", title, want.by, shown, largest)
	}
}

// order compares numbers, and times.
func order(a, b string) int {
	if at, err := time.Parse(time.RFC3339Nano, a); err == nil {
		bt, _ := time.Parse(time.RFC3339Nano, b)
		return at.Compare(bt)
	}
	an, _ := strconv.ParseFloat(a, 64)
	bn, _ := strconv.ParseFloat(b, 64)
	return cmp.Compare(an, bn)
}

// checkBoard shows a dashboard with each choice, and compares all of its panels.
func checkBoard(t *testing.T, b board, store asker, s span, of func(chosen) map[string]shown) {
	t.Helper()
	for _, c := range choices {
		want := of(c)
		queries := 0
		for _, p := range b.Panels {
			w, known := want[p.Title]
			if !known {
				t.Errorf("nothing says what the panel %s has to show", p.Title)
				continue
			}
			if c.namespaces == nil && c.hosts == nil && (len(w.rows) == 0 || w.rows[0][""] == "0") {
				t.Errorf("the records show nothing in the panel %s, so that its queries are not tried", p.Title)
			}
			check(t, p.Title+" ("+c.String()+")", p.shows(t, store, c, s), w)
			queries += len(p.Targets)
			delete(want, p.Title)
		}
		for title := range want {
			t.Errorf("there is no panel %s", title)
		}
		t.Logf("%s: %d queries of %d panels", c, queries, len(b.Panels))
	}
}

// whole returns a number without a fraction, as all of a panel's are.
func whole(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != float64(int64(n)) {
		t.Fatalf("%q is no whole number: %v", text, err)
	}
	return n
}

func decimal(n float64) string { return strconv.FormatInt(int64(n), 10) }
