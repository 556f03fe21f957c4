// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	lokiquery "github.com/grafana/grafana-foundation-sdk/go/loki"
)

// The records in Loki: a field's name has an underscore for each dot.
const (
	lokiStream = `{service_name="kernel"}`
	lokiChosen = ` | host_name=~"$host" | k8s_namespace_name=~"$namespace"`
	lokiKills  = lokiStream + ` | event_name="oom.kill"` + lokiChosen
	lokiDeaths = lokiStream + ` | event_name="oom.sigkill" | oom_verdict_cause!~"kernel_oom|memory_killer|evicted"` + lokiChosen

	lokiInPod = ` | k8s_pod_uid!="" or k8s_pod_name!=""`
	lokiPod   = `pod="{{if .k8s_pod_name}}{{.k8s_namespace_name}}/{{.k8s_pod_name}}{{else}}{{.k8s_pod_uid}}{{end}}"`
	lokiUnit  = `unit="{{if .container_name}}{{.container_name}}{{else if .systemd_unit_name}}{{.systemd_unit_name}}{{else if .oom_victim_cgroup}}{{.oom_victim_cgroup}}{{else}}unknown{{end}}"`
)

// lokiCount counts log lines over the range of the dashboard, or of a bar.
func lokiCount(lines, over string) string { return "count_over_time(" + lines + " [" + over + "])" }

// lokiMax is the largest value of a field of kills that reached the limit of a cgroup.
func lokiMax(field string) string {
	return fmt.Sprintf(`topk(20, max by (pod, oom_cgroup_path) (max_over_time(%s | oom_cgroup_memory_limit!="" | label_format %s | unwrap %s [$__range]) by (pod, oom_cgroup_path)))`, lokiKills, lokiPod, field)
}

var loki = store{
	file: "loki.json", title: "Loki", uid: "oomtrail-loki", plugin: "loki",
	variables: []cog.Builder[dashboard.VariableModel]{
		choice("loki", "namespace", "Namespace", text("label_values("+lokiStream+", k8s_namespace_name)")),
		choice("loki", "host", "Host", text("label_values("+lokiStream+", service_instance_id)")),
	},
	number: func(q query) cog.Builder[variants.Dataquery] {
		return lokiquery.NewDataqueryBuilder().RefId(q.ref).Expr(q.expr).QueryType(string(lokiquery.LokiQueryTypeInstant))
	},
	series: func(q query) cog.Builder[variants.Dataquery] {
		return lokiquery.NewDataqueryBuilder().RefId(q.ref).Expr(q.expr).LegendFormat(q.legend).QueryType(string(lokiquery.LokiQueryTypeRange))
	},
	// Log lines come by a range query. A number a row is an instant query, which Grafana shows as a
	// table: a column for each label, and "Value #A".
	rows: func(q query) cog.Builder[variants.Dataquery] {
		b := lokiquery.NewDataqueryBuilder().RefId(q.ref).Expr(q.expr)
		if q.legend == "" {
			return b.QueryType(string(lokiquery.LokiQueryTypeRange)).MaxLines(100)
		}
		return b.QueryType(string(lokiquery.LokiQueryTypeInstant))
	},
	rowsOf: func(columns ...column) []dashboard.DataTransformerConfig {
		if !countRows(columns) {
			return []dashboard.DataTransformerConfig{extracted(true), organized(columns, true, func(c column) string { return c.field })}
		}
		refs := 'A'
		rename := func(c column) string {
			switch {
			case c.number:
				name := "Value #" + string(refs)
				refs++
				return name
			case c.field == "host":
				return "host_name"
			case c.field == "cgroup":
				return "oom_cgroup_path"
			}
			return c.field
		}
		return []dashboard.DataTransformerConfig{{Id: "merge", Options: map[string]any{}}, organized(columns, false, rename)}
	},
	q: queries{
		kills:      "sum(" + lokiCount(lokiKills, "$__range") + ")",
		pods:       "count(sum by (pod) (" + lokiCount(lokiKills+lokiInPod+" | label_format "+lokiPod, "$__range") + "))",
		hosts:      "count(sum by (host_name) (" + lokiCount(lokiKills, "$__range") + "))",
		hostWide:   "sum(" + lokiCount(lokiKills+` | oom_scope="host"`, "$__range") + ")",
		incomplete: "sum(" + lokiCount(lokiKills+` | oom_report_complete="false"`, "$__range") + ")",
		sigkills:   "sum(" + lokiCount(lokiDeaths, "$__range") + ")",

		byNamespace: query{"A", `sum by (namespace) (` + lokiCount(lokiKills+` | label_format namespace="{{if .k8s_namespace_name}}{{.k8s_namespace_name}}{{else}}no namespace{{end}}"`, "$__auto") + ")", "{{namespace}}"},
		byCause:     query{"A", `sum by (cause) (` + lokiCount(lokiKills+` | label_format cause="{{if .oom_diagnosis_cause}}{{.oom_diagnosis_cause}}{{else}}unknown{{end}}"`, "$__auto") + ")", "{{cause}}"},
		lost: []query{
			{"A", "sum(" + lokiCount(lokiKills+` | oom_report_complete="false"`, "$__auto") + ")", "Incomplete reports"},
			{"B", "sum(sum_over_time(" + lokiStream + lokiChosen + ` | oom_report_suppressed!="" | unwrap oom_report_suppressed [$__auto]))`, "Reports held back"},
			{"C", "sum(sum_over_time(" + lokiStream + lokiChosen + ` | oom_report_lost_records!="" | unwrap oom_report_lost_records [$__auto]))`, "Lines lost"},
			{"D", "sum(" + lokiCount(lokiStream+` | event_name="oom.unresolved"`+lokiChosen, "$__auto") + ")", "Unresolved"},
			{"E", "sum(" + lokiCount(lokiStream+` | event_name="oom.observed"`+lokiChosen, "$__auto") + ")", "Seen by others"},
		},
		lastKills: lokiKills + ` | label_format kill="{{__line__}}", host=host_name, why=oom_diagnosis_summary, cause=oom_diagnosis_cause, todo=oom_diagnosis_advice` +
			` | keep host, kill, why, cause, todo`,
		lastSigkills: lokiDeaths + ` | label_format death="{{__line__}}", host=host_name, cause=oom_verdict_cause | keep host, death, cause`,
		topPods:      []query{{"A", "topk(20, sum by (pod) (" + lokiCount(lokiKills+lokiInPod+" | label_format "+lokiPod, "$__range") + "))", "number"}},
		topUnits:     []query{{"A", "topk(20, sum by (unit) (" + lokiCount(lokiKills+` | k8s_pod_uid="" | k8s_pod_name="" | label_format `+lokiUnit, "$__range") + "))", "number"}},
		limits:       []query{{"A", lokiMax("oom_cgroup_memory_limit"), "number"}, {"B", lokiMax("oom_cgroup_memory_usage"), "number"}, {"C", lokiMax("oom_victim_memory_rss"), "number"}},
		perHost: []query{
			{"A", "topk(50, sum by (host_name) (" + lokiCount(lokiKills, "$__range") + "))", "number"},
			{"B", "topk(50, sum by (host_name) (" + lokiCount(lokiKills+` | oom_scope="host"`, "$__range") + "))", "number"},
		},
	},
}
