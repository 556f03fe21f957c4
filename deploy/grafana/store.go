// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// store is a log store: its file, its name, and its queries.
type store struct {
	file, title, uid string
	// plugin is the id of Grafana's datasource.
	plugin string
	// variables choose a namespace and a host.
	variables []cog.Builder[dashboard.VariableModel]
	// number is a query whose answer is one number for the whole range, series one whose answer is
	// a number a bar. lines is one whose answer is log lines, counted one with a number a row.
	number, series, lines, counted func(query) cog.Builder[variants.Dataquery]
	// columns makes what lines answers the columns of a panel, countedColumns what counted does.
	columns, countedColumns func([]column) []dashboard.DataTransformerConfig

	q queries
}

// query is a query of a panel.
type query struct{ ref, expr, legend string }

// queries are those of the panels, by what they give.
type queries struct {
	kills, pods, hosts, hostWide, incomplete, sigkills string
	byNamespace, byCause                               query
	lost                                               []query
	lastKills, lastSigkills, lastWarnings, limits      string
	topPods, topUnits, perHost                         string
}

// column is a column of a table.
type column struct {
	// field is its name in the answer, title that above it.
	field, title string
	number       bool
}

// datasource is the one that the user chooses.
func datasource(plugin string) common.DataSourceRef {
	return common.DataSourceRef{Type: &plugin, Uid: new("${datasource}")}
}

// text makes the query of a variable of text.
func text(s string) dashboard.StringOrMap { return dashboard.StringOrMap{String: &s} }

// choice is a variable whose values the store lists; by itself it lets all pass, and any other
// value can be typed.
func choice(plugin, name, label string, values dashboard.StringOrMap) cog.Builder[dashboard.VariableModel] {
	all := dashboard.StringOrArrayOfString{String: new("$__all")}
	return dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(datasource(plugin)).Query(values).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true).AllValue(".*").AllowCustomValue(true).
		Current(dashboard.VariableOption{Selected: new(true), Text: dashboard.StringOrArrayOfString{String: new("All")}, Value: all})
}
