// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// board is the dashboard of a store. All stores have the same panels. Their numbers, by which links
// name them, are in order of the panels.
func board(s store) (dashboard.Dashboard, error) {
	d := dashboard.NewDashboardBuilder("OOM kills, "+s.title).Uid(s.uid).Tags([]string{"oom", "oomtrail"}).
		Description("Who was killed for memory, where, and why. Records of oomtrail in "+s.title+".").
		Time("now-24h", "now").Refresh("1m").Timezone(common.TimeZoneBrowser).Editable().
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type(s.plugin))
	for _, v := range s.variables {
		d.WithVariable(v)
	}

	d.WithPanel(s.stat("Kills", "Processes that were killed for memory.", s.q.kills, "red"))
	d.WithPanel(s.stat("Pods hit", "Pods with at least one kill.", s.q.pods, "text"))
	d.WithPanel(s.stat("Hosts hit", "Hosts with at least one kill.", s.q.hosts, "text"))
	d.WithPanel(s.stat("Host-wide kills", "Kills because the host itself ran out of memory, not a container or a unit.", s.q.hostWide, "red"))
	d.WithPanel(s.stat("Incomplete reports", "Kills of whose report the log lost a part.", s.q.incomplete, "orange"))
	d.WithPanel(s.stat("Exit 137, not for memory", "Deaths by SIGKILL (exit code 137) that no memory kill explains. Needs the setting sigkill.", s.q.sigkills, "text"))

	d.WithPanel(s.bars("Kills by namespace", "Kills over time, by the Kubernetes namespace of the victim's pod.", s.q.byNamespace))
	d.WithPanel(s.bars("Kills by cause", "Kills over time, by the cause that the report shows: see docs/causes.md.", s.q.byCause))

	d.WithPanel(s.table("Last kills", "The last kills: what happened, why, and what to do.", 24, 10, s.q.lastKills,
		column{"Time", "Time", false}, column{"host", "Host", false}, column{"kill", "What happened", false}, column{"why", "Why", false}, column{"cause", "Cause", false},
		column{"todo", "What to do", false}).
		OverrideByName("Time", width(170)).OverrideByName("Host", width(150)).OverrideByName("Cause", width(160)).
		OverrideByName("What happened", wrapped).OverrideByName("Why", wrapped).OverrideByName("What to do", inspected))

	d.WithPanel(s.table("Top pods", "Pods with most kills. A pod without a name is shown by its uid.", 12, 9, s.q.topPods,
		column{"pod", "Pod", false}, column{"kills", "Kills", true}).OverrideByName("Kills", gauge))
	d.WithPanel(s.table("Top units", "Containers and systemd units with most kills, outside pods.", 12, 9, s.q.topUnits,
		column{"unit", "Unit", false}, column{"kills", "Kills", true}).OverrideByName("Kills", gauge))

	d.WithPanel(s.table("Limit and use", "The last kills at the limit of a cgroup: the limit, what the cgroup used, and what the victim held of it.", 14, 9, s.q.limits,
		column{"Time", "Time", false}, column{"pod", "Pod", false}, column{"cgroup", "Cgroup", false}, column{"limit", "Limit", true}, column{"used", "Used", true}, column{"victim", "Victim", true}).
		OverrideByName("Time", width(170)).OverrideByRegexp("Limit|Used|Victim", inBytes))
	d.WithPanel(s.table("Hosts", "Kills by host, and by what ran out there: the host itself, the limit of a cgroup, or the nodes that a cpuset or a policy allows.", 10, 9, s.q.perHost,
		column{"host", "Host", false}, column{"scope", "What ran out", false}, column{"kills", "Kills", true}).OverrideByName("Kills", gauge))

	d.WithPanel(s.bars("What the log lost", "Where kills may be missing. Held back: reports that the kernel's rate limiter left out. "+
		"Lines lost: inside of reports. Unresolved: memory ran out, and the log does not show how that ended. "+
		"Seen by others: a program says that something was killed for memory, and the log shows no such kill.", s.q.lost...))
	d.WithPanel(s.table("Last exits with 137, not for memory", "Deaths by SIGKILL (exit code 137) that no memory kill explains, and who sent it. Needs the setting sigkill.", 12, 9, s.q.lastSigkills,
		column{"Time", "Time", false}, column{"host", "Host", false}, column{"death", "What happened", false}, column{"cause", "Why it died", false}).
		OverrideByName("What happened", wrapped))

	d.WithPanel(s.table("Last warnings", "What was short of memory before a kill, or without one. Needs the setting warnings.", 24, 9, s.q.lastWarnings,
		column{"Time", "Time", false}, column{"host", "Host", false}, column{"warning", "What is short", false}, column{"cause", "Why", false}, column{"todo", "What to do", false}).
		OverrideByName("What is short", wrapped).OverrideByName("What to do", inspected))

	b, err := d.Build()
	for i, p := range b.Panels {
		p.Panel.Id = new(uint32(i + 1))
	}
	return b, err
}

// stat is a panel of one number.
func (s store) stat(title, description, expr, color string) *stat.PanelBuilder {
	steps := dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).
		Steps([]dashboard.Threshold{{Color: "green"}, {Value: new(1.0), Color: color}})
	return stat.NewPanelBuilder().Title(title).Description(description).Datasource(datasource(s.plugin)).Span(4).Height(4).
		Unit("short").Decimals(0).NoValue("0").Thresholds(steps).GraphMode(common.BigValueGraphModeNone).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		WithTarget(s.number(query{ref: "A", expr: expr}))
}

// bars is a panel of numbers over time, one on another.
func (s store) bars(title, description string, list ...query) *timeseries.PanelBuilder {
	p := timeseries.NewPanelBuilder().Title(title).Description(description).Datasource(datasource(s.plugin)).Span(12).Height(9).
		Interval("1m").MaxDataPoints(120).Unit("short").Decimals(0).Min(0).
		DrawStyle(common.GraphDrawStyleBars).FillOpacity(80).LineWidth(0).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeTable).Placement(common.LegendPlacementRight).Calcs([]string{"sum"})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for _, q := range list {
		p.WithTarget(s.series(q))
	}
	return p
}

// table is a panel of rows: of log lines, whose first column is Time, or of things that are
// counted, whose last column is the number. The newest or the most come first.
func (s store) table(title, description string, w, h uint32, expr string, columns ...column) *table.PanelBuilder {
	lines, by, target := columns[0].field == "Time", columns[0], s.lines
	transformations := s.columns(columns)
	if !lines {
		by, target = columns[len(columns)-1], s.counted
		transformations = s.countedColumns(columns)
	}
	return table.NewPanelBuilder().Title(title).Description(description).Datasource(datasource(s.plugin)).Span(w).Height(h).
		CellHeight(common.TableCellHeightSm).Footer(common.NewTableFooterOptionsBuilder().Reducer([]string{})).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().DisplayName(by.title).Desc(true)}).
		Transformations(transformations).WithTarget(target(query{ref: "A", expr: expr}))
}

// What a column of a table looks like.
var (
	wrapped = []dashboard.DynamicConfigValue{{Id: "custom.cellOptions", Value: map[string]any{"type": "auto", "wrapText": true}}}
	// inspected is long text in one line, which a click shows whole.
	inspected = []dashboard.DynamicConfigValue{{Id: "custom.inspect", Value: true}}
	gauge     = []dashboard.DynamicConfigValue{
		{Id: "custom.cellOptions", Value: map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}},
		{Id: "min", Value: 0},
	}
	inBytes = []dashboard.DynamicConfigValue{{Id: "unit", Value: "bytes"}}
)

func width(pixels int) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "custom.width", Value: pixels}}
}

// fromLabels makes a column of each label of log rows, and drops all else but the time.
func fromLabels(columns []column) []dashboard.DataTransformerConfig {
	hasTime := columns[0].field == "Time"
	list := []dashboard.DataTransformerConfig{{Id: "extractFields", Options: map[string]any{
		"source": "labels", "format": "json", "replace": true, "keepTime": hasTime,
	}}}
	var numbers []map[string]any
	for _, c := range columns {
		if c.number {
			numbers = append(numbers, map[string]any{"targetField": c.field, "destinationType": "number"})
		}
	}
	if numbers != nil {
		list = append(list, dashboard.DataTransformerConfig{Id: "convertFieldType", Options: map[string]any{"conversions": numbers, "fields": map[string]any{}}})
	}
	return append(list, organized(columns))
}

// organized puts the columns in order and names them. Rows of what is counted have a time of no
// use.
func organized(columns []column) dashboard.DataTransformerConfig {
	order, names, exclude := map[string]int{}, map[string]string{}, map[string]bool{"Time": true}
	for i, c := range columns {
		order[c.field], names[c.field] = i, c.title
		delete(exclude, c.field)
	}
	return dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{"indexByName": order, "renameByName": names, "excludeByName": exclude}}
}
