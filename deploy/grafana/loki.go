// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

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

	lokiWarnings = lokiStream + ` | event_name="oom.warning"` + lokiChosen

	lokiInPod = ` | k8s_pod_uid!="" or k8s_pod_name!=""`
	lokiPod   = `pod="{{if .k8s_pod_name}}{{.k8s_namespace_name}}/{{.k8s_pod_name}}{{else}}{{.k8s_pod_uid}}{{end}}"`
	lokiUnit  = `unit="{{if .container_name}}{{.container_name}}{{else if .systemd_unit_name}}{{.systemd_unit_name}}{{else if .oom_victim_cgroup}}{{.oom_victim_cgroup}}{{else}}unknown{{end}}"`
)

// lokiCount counts log lines over the range of the dashboard, or of a bar.
func lokiCount(lines, over string) string { return "count_over_time(" + lines + " [" + over + "])" }

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
	lines: func(q query) cog.Builder[variants.Dataquery] {
		return lokiquery.NewDataqueryBuilder().RefId(q.ref).Expr(q.expr).QueryType(string(lokiquery.LokiQueryTypeRange)).MaxLines(100)
	},
	// Grafana makes a table of an instant query: a column for each label, and "Value #A".
	counted: func(q query) cog.Builder[variants.Dataquery] {
		return lokiquery.NewDataqueryBuilder().RefId(q.ref).Expr(q.expr).QueryType(string(lokiquery.LokiQueryTypeInstant))
	},
	columns: fromLabels,
	countedColumns: func(columns []column) []dashboard.DataTransformerConfig {
		columns = slices.Clone(columns)
		columns[len(columns)-1].field = "Value #A"
		return []dashboard.DataTransformerConfig{organized(columns)}
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
		lastWarnings: lokiWarnings + ` | label_format warning="{{__line__}}", host=host_name, cause=oom_warning_cause, todo=oom_diagnosis_advice | keep host, warning, cause, todo`,
		limits: lokiKills + ` | oom_cgroup_memory_limit!="" | label_format ` + lokiPod + `, cgroup=oom_cgroup_path, limit=oom_cgroup_memory_limit, used=oom_cgroup_memory_usage, victim=oom_victim_memory_rss` +
			` | keep pod, cgroup, limit, used, victim`,
		topPods:  "topk(20, sum by (pod) (" + lokiCount(lokiKills+lokiInPod+" | label_format "+lokiPod, "$__range") + "))",
		topUnits: "topk(20, sum by (unit) (" + lokiCount(lokiKills+` | k8s_pod_uid="" | k8s_pod_name="" | label_format `+lokiUnit, "$__range") + "))",
		perHost:  "topk(50, sum by (host, scope) (" + lokiCount(lokiKills+` | label_format host=host_name, scope="{{if .oom_scope}}{{.oom_scope}}{{else}}unknown{{end}}"`, "$__range") + "))",
	},
}
