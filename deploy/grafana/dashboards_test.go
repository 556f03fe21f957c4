// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// TestCommitted: the dashboards here are those that the generator makes, and the SDK reads them
// back field by field.
func TestCommitted(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	cog.NewRuntime().RegisterDataqueryVariant(variants.DataqueryConfig{Identifier: vlPlugin, StrictDataqueryUnmarshaler: readVictoriaLogsQuery, DataqueryUnmarshaler: readVictoriaLogsQuery})
	for _, s := range stores {
		want, err := generate(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes: run make dashboards", s.file)
		}
		var d dashboard.Dashboard
		// The SDK gives an error without a text where nothing is wrong.
		if err := d.UnmarshalJSONStrict(got); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", s.file, err)
		}
		if err := json.Unmarshal(got, &d); err != nil {
			t.Errorf("%s: %v", s.file, err)
		} else if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", s.file, err)
		}
	}
}

// readVictoriaLogsQuery reads a query, and refuses fields that it does not know.
func readVictoriaLogsQuery(raw []byte) (variants.Dataquery, error) {
	var q victoriaLogsQuery
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&q)
	return q, err
}

// TestPanels: the stores have the same panels in the same places, each is explained, and none lies
// on another.
func TestPanels(t *testing.T) {
	type place struct{ title, description string }
	var first map[dashboard.GridPos]place
	for _, s := range stores {
		d, err := board(s)
		if err != nil {
			t.Fatal(err)
		}
		places, ids, taken := map[dashboard.GridPos]place{}, map[uint32]bool{}, map[[2]uint32]string{}
		for _, p := range d.Panels {
			if p.Panel.Description == nil || !strings.HasSuffix(*p.Panel.Description, ".") {
				t.Errorf("%s: the panel %s is not explained", s.file, *p.Panel.Title)
			}
			if p.Panel.Id == nil || ids[*p.Panel.Id] {
				t.Errorf("%s: the panel %s has no id of its own", s.file, *p.Panel.Title)
				continue
			}
			ids[*p.Panel.Id] = true
			g := *p.Panel.GridPos
			places[g] = place{*p.Panel.Title, *p.Panel.Description}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other := taken[[2]uint32{x, y}]; other != "" || x >= 24 {
						t.Errorf("%s: %s lies on %q, or outside", s.file, *p.Panel.Title, other)
					}
					taken[[2]uint32{x, y}] = *p.Panel.Title
				}
			}
		}
		if first == nil {
			first = places
		}
		for g, p := range places {
			if first[g] != p {
				t.Errorf("%s: %v at %v, in another store %v", s.file, p, g, first[g])
			}
		}
	}
}
