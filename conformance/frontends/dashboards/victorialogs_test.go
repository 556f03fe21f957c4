// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser/record"
)

// vlAsker asks a VictoriaLogs as its plugin for Grafana does (0.30.1: pkg/plugin/query.go).
type vlAsker struct{ url string }

func (v vlAsker) ask(t *testing.T, q target, c chosen, s span) (rows []row) {
	t.Helper()
	expr := strings.NewReplacer("$namespace", vlChoice(c.namespaces), "$host", vlChoice(c.hosts)).Replace(q.Expr)
	from, to := strconv.FormatInt(s.from.Unix(), 10), strconv.FormatInt(s.to.Unix(), 10)
	switch q.QueryType {
	case "stats":
		return v.metric(t, "/select/logsql/stats_query", q.RefID, url.Values{"query": {"_time:[" + from + ", " + to + "] " + expr}, "time": {to}})
	case "statsRange":
		return v.metric(t, "/select/logsql/stats_query_range", q.RefID, url.Values{"query": {expr}, "start": {from}, "end": {to}, "step": {step.String()}})
	case "instant":
		// The plugin adds an order of its own where it sees none.
		if !strings.Contains(expr, "| sort by (") {
			t.Fatalf("%s: the rows are in no order", expr)
		}
		body := v.get(t, "/select/logsql/query", url.Values{"query": {expr}, "start": {from}, "end": {to}, "limit": {strconv.Itoa(q.MaxLines)}})
		for line := range bytes.Lines(body) {
			r := row{}
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatalf("%s: %v: %s", expr, err, line)
			}
			if at, ok := r["_time"]; ok {
				r["Time"] = at
				delete(r, "_time")
			}
			rows = append(rows, r)
		}
		return rows
	}
	t.Fatalf("unknown type of query %q", q.QueryType)
	return nil
}

// vlChoice is what the plugin puts for a variable in a regular expression.
func vlChoice(values []string) string {
	if values == nil {
		return ".*" // the variable's value of All
	}
	return "(" + strings.Join(values, "|") + ")"
}

func (v vlAsker) metric(t *testing.T, path, ref string, values url.Values) (rows []row) {
	t.Helper()
	for _, m := range results(t, v.get(t, path, values)) {
		delete(m.Metric, "__name__")
		rows = append(rows, m.row(t, ref))
	}
	return rows
}

func (v vlAsker) get(t *testing.T, path string, values url.Values) []byte {
	t.Helper()
	res, err := http.PostForm(v.url+path, values)
	return body(t, values.Get("query"), res, err)
}

// TestVictoriaLogs: what each panel of the dashboard shows is what the records say, whichever way
// they came into the store; so are the values that its variables offer.
func TestVictoriaLogs(t *testing.T) {
	end := time.Now().Truncate(step)
	records, b := corpus(t, end), readBoard(t, "victorialogs.json")
	s := span{records[0].Time.Truncate(step), end}
	for name, deliver := range map[string]func(*testing.T, string, []*record.Record){
		"OTLP of a collector": func(t *testing.T, url string, records []*record.Record) {
			otlp(t, "victorialogs.yaml", url+backends.OTLPLogs, records)
		},
		"http of Fluent Bit":        fluentBitHTTP,
		"JSON lines of the command": jsonLines,
	} {
		t.Run(name, func(t *testing.T) {
			server := backends.StartVictoriaLogs(t)
			deliver(t, server.URL, records)
			server.WaitFor(t, `"log.record.uid":*`, len(records))
			store := vlAsker{server.URL}
			checkBoard(t, b, store, s, func(c chosen) map[string]shown { return expected(c.of(records)) })
			for _, v := range b.Templating.List {
				if v.Type != "query" {
					continue
				}
				var q struct {
					Type, Field, Query string
					Limit              int
				}
				if err := json.Unmarshal(v.Query, &q); err != nil || q.Type != "fieldValue" {
					t.Fatalf("the variable %s: %s: %v", v.Name, v.Query, err)
				}
				var answer struct{ Values []struct{ Value string } }
				body := store.get(t, "/select/logsql/field_values", url.Values{"query": {q.Query}, "field": {q.Field}, "limit": {strconv.Itoa(q.Limit)},
					"start": {strconv.FormatInt(s.from.UnixMilli(), 10)}, "end": {strconv.FormatInt(s.to.UnixMilli(), 10)}})
				if err := json.Unmarshal(body, &answer); err != nil {
					t.Fatal(err)
				}
				var offered []string
				for _, v := range answer.Values {
					offered = append(offered, v.Value)
				}
				checkOffered(t, v.Name, offered, records)
			}
		})
	}
}

// checkOffered compares the values that a variable offers with those of its field in the records.
func checkOffered(t *testing.T, variable string, offered []string, records []*record.Record) {
	t.Helper()
	field := map[string]string{"namespace": "k8s.namespace.name", "host": "host.name"}[variable]
	var want []string
	for _, r := range records {
		if value := get(r, field); value != "" && !slices.Contains(want, value) {
			want = append(want, value)
		}
	}
	offered = slices.DeleteFunc(offered, func(value string) bool { return value == "" })
	slices.Sort(want)
	slices.Sort(offered)
	if len(want) < 2 || !slices.Equal(offered, want) {
		t.Errorf("the variable %s offers %v, want %v", variable, offered, want)
	}
}
