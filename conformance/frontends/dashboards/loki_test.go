// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser/record"
)

// lokiAsker asks a Loki as Grafana does.
type lokiAsker struct{ url string }

func (l lokiAsker) ask(t *testing.T, q target, c chosen, s span) (rows []row) {
	t.Helper()
	expr := strings.NewReplacer("$namespace", lokiChoice(c.namespaces), "$host", lokiChoice(c.hosts),
		"$__range", s.to.Sub(s.from).String(), "$__auto", step.String()).Replace(q.Expr)
	values := url.Values{"query": {expr}}
	path := "/loki/api/v1/query"
	switch q.QueryType {
	case "instant":
		values.Set("time", strconv.FormatInt(s.to.UnixNano(), 10))
	case "range":
		path += "_range"
		values.Set("start", strconv.FormatInt(s.from.UnixNano(), 10))
		values.Set("end", strconv.FormatInt(s.to.UnixNano(), 10))
		values.Set("step", step.String())
		if q.MaxLines > 0 {
			values.Set("limit", strconv.Itoa(q.MaxLines))
		}
	default:
		t.Fatalf("unknown type of query %q", q.QueryType)
	}
	for _, m := range results(t, l.get(t, path, values)) {
		if m.Stream != nil { // log lines, of which Grafana makes a row each, with a column of labels
			for _, value := range m.Values {
				text, _ := value[0].(string)
				ns, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				r := row{"Time": time.Unix(0, ns).UTC().Format(time.RFC3339Nano)}
				for name, value := range m.Stream {
					r[name] = value
				}
				rows = append(rows, r)
			}
			continue
		}
		rows = append(rows, m.row(t, q.RefID))
	}
	return rows
}

// lokiChoice is what Grafana puts for a variable in a regular expression of Loki's.
func lokiChoice(values []string) string {
	if values == nil {
		return ".*" // the variable's value of All
	}
	return strings.Join(values, "|")
}

func (l lokiAsker) get(t *testing.T, path string, values url.Values) []byte {
	t.Helper()
	res, err := http.Get(l.url + path + "?" + values.Encode())
	return body(t, values.Get("query"), res, err)
}

// labelValues is the query of a variable that lists the values of a label.
var labelValues = regexp.MustCompile(`^label_values\((\{.*\}), (\w+)\)$`)

// TestLoki: what each panel of the dashboard shows is what the records say, whether a collector or
// the output of Fluent Bit brought them; so are the values that its variables offer.
func TestLoki(t *testing.T) {
	end := time.Now().Truncate(step)
	records, b := corpus(t, end), readBoard(t, "loki.json")
	s := span{records[0].Time.Truncate(step), end}
	for name, deliver := range map[string]func(*testing.T, string, []*record.Record){
		"OTLP of a collector": func(t *testing.T, url string, records []*record.Record) {
			otlp(t, "loki.yaml", url+backends.LokiOTLP, records)
		},
		"the output of Fluent Bit": func(t *testing.T, url string, records []*record.Record) {
			fluentBit(t, records, "Target", "loki", "Url", url, "Labels", lokiLabels)
		},
	} {
		t.Run(name, func(t *testing.T) {
			loki := backends.StartLoki(t)
			deliver(t, loki.URL, records)
			loki.Await(t, len(records))
			store := lokiAsker{loki.URL}
			checkBoard(t, b, store, s, func(c chosen) map[string]shown { return expected(c.of(records)) })
			for _, v := range b.Templating.List {
				if v.Type != "query" {
					continue
				}
				var query string
				if err := json.Unmarshal(v.Query, &query); err != nil {
					t.Fatal(err)
				}
				m := labelValues.FindStringSubmatch(query)
				if m == nil {
					t.Fatalf("the variable %s: %s", v.Name, query)
				}
				var answer struct{ Data []string }
				body := store.get(t, "/loki/api/v1/label/"+m[2]+"/values", url.Values{"query": {m[1]},
					"start": {strconv.FormatInt(s.from.UnixNano(), 10)}, "end": {strconv.FormatInt(s.to.UnixNano(), 10)}})
				if err := json.Unmarshal(body, &answer); err != nil {
					t.Fatal(err)
				}
				checkOffered(t, v.Name, answer.Data, records)
			}
		})
	}
}

// lokiLabels are the labels that docs/dashboards.md gives the output of Fluent Bit: those that the
// dashboard's variables and the alerts ask for.
const lokiLabels = "service_name=kernel, service_instance_id=$host.name, k8s_namespace_name=$k8s.namespace.name"
