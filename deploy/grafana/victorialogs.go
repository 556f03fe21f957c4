// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The records in VictoriaLogs. Fields keep their names, a name with dots stands in quotation marks.
const (
	vlChosen = ` "host.name":~"^($host)$" "k8s.namespace.name":~"^($namespace)$"`
	vlKills  = `"event.name":="oom.kill"` + vlChosen
	vlDeaths = `"event.name":="oom.sigkill" !"oom.verdict.cause":in(kernel_oom, memory_killer, evicted)` + vlChosen

	vlWarnings = `"event.name":="oom.warning"` + vlChosen

	vlInPod = ` ("k8s.pod.uid":* or "k8s.pod.name":*)`
	vlNoPod = ` !"k8s.pod.uid":* !"k8s.pod.name":*`
	vlPod   = ` | format "<k8s.namespace.name>/<k8s.pod.name>" as pod | format if (!"k8s.pod.name":*) "<k8s.pod.uid>" as pod`
	vlUnit  = ` | format "<container.name>" as unit | format if (!unit:*) "<systemd.unit.name>" as unit` +
		` | format if (!unit:*) "<oom.victim.cgroup>" as unit | format if (!unit:*) "unknown" as unit`
)

// vlPlugin is the id of the datasource.
const vlPlugin = "victoriametrics-logs-datasource"

// victoriaLogsQuery is a query of the plugin victoriametrics-logs-datasource, which the SDK does
// not know.
type victoriaLogsQuery struct {
	RefID        string `json:"refId"`
	Expr         string `json:"expr"`
	QueryType    string `json:"queryType"`
	LegendFormat string `json:"legendFormat,omitempty"`
	MaxLines     int    `json:"maxLines,omitempty"`
	EditorMode   string `json:"editorMode"`
}

func (victoriaLogsQuery) ImplementsDataqueryVariant() {}
func (victoriaLogsQuery) DataqueryType() string       { return vlPlugin }
func (victoriaLogsQuery) Validate() error             { return nil }
func (q victoriaLogsQuery) Equals(other variants.Dataquery) bool {
	o, ok := other.(victoriaLogsQuery)
	return ok && o == q
}

// Build makes the query its own builder.
func (q victoriaLogsQuery) Build() (variants.Dataquery, error) { return q, nil }

// vlValues lists the values of a field in the records.
func vlValues(field string) dashboard.StringOrMap {
	return dashboard.StringOrMap{Map: map[string]any{
		"type": "fieldValue", "field": field, "query": `"event.name":oom*`, "limit": 1000, "refId": "VictoriaLogsVariableQueryEditor-VariableQuery",
	}}
}

func vlRows(q query) cog.Builder[variants.Dataquery] {
	return victoriaLogsQuery{RefID: q.ref, Expr: q.expr, QueryType: "instant", MaxLines: 100, EditorMode: "code"}
}

var victoriaLogs = store{
	file: "victorialogs.json", title: "VictoriaLogs", uid: "oomtrail-victorialogs", plugin: vlPlugin,
	variables: []cog.Builder[dashboard.VariableModel]{
		choice(vlPlugin, "namespace", "Namespace", vlValues("k8s.namespace.name")),
		choice(vlPlugin, "host", "Host", vlValues("host.name")),
	},
	number: func(q query) cog.Builder[variants.Dataquery] {
		return victoriaLogsQuery{RefID: q.ref, Expr: q.expr, QueryType: "stats", EditorMode: "code"}
	},
	series: func(q query) cog.Builder[variants.Dataquery] {
		return victoriaLogsQuery{RefID: q.ref, Expr: q.expr, QueryType: "statsRange", LegendFormat: q.legend, EditorMode: "code"}
	},
	lines:   vlRows,
	counted: vlRows,
	columns: fromLabels,
	// A row of counts comes as a log line does.
	countedColumns: fromLabels,
	q: queries{
		kills:      vlKills + ` | stats count() kills`,
		pods:       vlKills + vlInPod + vlPod + ` | stats count_uniq(pod) pods`,
		hosts:      vlKills + ` | stats count_uniq("host.name") hosts`,
		hostWide:   vlKills + ` "oom.scope":="host" | stats count() kills`,
		incomplete: vlKills + ` "oom.report.complete":="false" | stats count() kills`,
		sigkills:   vlDeaths + ` | stats count() deaths`,

		byNamespace: query{"A", vlKills + ` | format "<k8s.namespace.name>" as namespace | format if (!namespace:*) "no namespace" as namespace | stats by (namespace) count() kills`, "{{namespace}}"},
		byCause:     query{"A", vlKills + ` | format "<oom.diagnosis.cause>" as cause | format if (!cause:*) "unknown" as cause | stats by (cause) count() kills`, "{{cause}}"},
		lost: []query{
			{"A", vlKills + ` "oom.report.complete":="false" | stats count() lost`, "Incomplete reports"},
			{"B", `"oom.report.suppressed":*` + vlChosen + ` | stats sum("oom.report.suppressed") lost`, "Reports held back"},
			{"C", `"oom.report.lost_records":*` + vlChosen + ` | stats sum("oom.report.lost_records") lost`, "Lines lost"},
			{"D", `"event.name":="oom.unresolved"` + vlChosen + ` | stats count() lost`, "Unresolved"},
			{"E", `"event.name":="oom.observed"` + vlChosen + ` | stats count() lost`, "Seen by others"},
		},
		lastKills: vlKills + ` | fields _time, "host.name", _msg, "oom.diagnosis.summary", "oom.diagnosis.cause", "oom.diagnosis.advice"` +
			` | rename "host.name" as host, _msg as kill, "oom.diagnosis.summary" as why, "oom.diagnosis.cause" as cause, "oom.diagnosis.advice" as todo | sort by (_time desc) limit 100`,
		lastSigkills: vlDeaths + ` | fields _time, "host.name", _msg, "oom.verdict.cause" | rename "host.name" as host, _msg as death, "oom.verdict.cause" as cause | sort by (_time desc) limit 100`,
		lastWarnings: vlWarnings + ` | fields _time, "host.name", _msg, "oom.warning.cause", "oom.diagnosis.advice"` +
			` | rename "host.name" as host, _msg as warning, "oom.warning.cause" as cause, "oom.diagnosis.advice" as todo | sort by (_time desc) limit 100`,
		limits: vlKills + ` "oom.cgroup_memory.limit":*` + vlPod + ` | fields _time, pod, "oom.cgroup.path", "oom.cgroup_memory.limit", "oom.cgroup_memory.usage", "oom.victim.memory.rss"` +
			` | rename "oom.cgroup.path" as cgroup, "oom.cgroup_memory.limit" as limit, "oom.cgroup_memory.usage" as used, "oom.victim.memory.rss" as victim | sort by (_time desc) limit 100`,
		topPods:  vlKills + vlInPod + vlPod + ` | stats by (pod) count() kills | sort by (kills desc, pod) limit 20`,
		topUnits: vlKills + vlNoPod + vlUnit + ` | stats by (unit) count() kills | sort by (kills desc, unit) limit 20`,
		perHost: vlKills + ` | format "<oom.scope>" as scope | format if (!scope:*) "unknown" as scope | rename "host.name" as host` +
			` | stats by (host, scope) count() kills | sort by (kills desc, host) limit 50`,
	},
}
