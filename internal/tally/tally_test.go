// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)

// of returns what a record says.
func of(attributes map[string]string) func(string) string {
	return func(name string) string { return attributes[name] }
}

func TestSeries(t *testing.T) {
	tally := New([]string{K8sPod, Scope, K8sPod}, start)
	cgroup := Series{Attributes: []Attribute{{Scope, "cgroup"}}, Start: start}
	host := Series{Attributes: []Attribute{{Scope, "host"}}, Start: start}
	assert.Equal(t, []Series{cgroup, host}, tally.Read(start), "zero, before any kill")

	cart := map[string]string{K8sPod: "cart-0", Scope: "cgroup", Constraint: "memcg"}
	tally.Add(start.Add(time.Minute), of(cart))
	tally.Add(start.Add(time.Hour), of(cart))
	tally.Add(start.Add(time.Hour), of(map[string]string{Scope: "host"}))
	tally.Add(start.Add(time.Hour), of(map[string]string{K8sPod: "host"}))
	host.Kills = 1
	assert.Equal(t, []Series{
		{Attributes: []Attribute{{K8sPod, "cart-0"}, {Scope, "cgroup"}}, Kills: 2, Start: start.Add(time.Minute)},
		{Attributes: []Attribute{{K8sPod, "host"}, {Scope, "unknown"}}, Kills: 1, Start: start.Add(time.Hour)},
		cgroup, host,
	}, tally.Read(start.Add(2*time.Hour)))
}

// TestNoNames: without attributes all kills are one series.
func TestNoNames(t *testing.T) {
	tally := New(nil, start)
	tally.Add(start, of(map[string]string{Scope: "host"}))
	tally.Add(start, of(map[string]string{Scope: "cgroup"}))
	assert.Equal(t, []Series{{Kills: 2, Start: start}}, tally.Read(start))
}

// TestPodsThatAreGone: a series ends a day after its last kill and begins anew with the next. What
// is there from the start stays.
func TestPodsThatAreGone(t *testing.T) {
	tally := New([]string{K8sPod, Scope}, start)
	cart := of(map[string]string{K8sPod: "cart-0", Scope: "cgroup"})
	tally.Add(start, cart)
	tally.Add(start, of(map[string]string{Scope: "host"}))
	assert.Len(t, tally.Read(start.Add(Keep)), 3)
	left := tally.Read(start.Add(Keep + 1))
	require.Len(t, left, 2)
	assert.EqualValues(t, 1, left[1].Kills)
	tally.Add(start.Add(48*time.Hour), cart)
	back := tally.Read(start.Add(48 * time.Hour))[0]
	assert.Equal(t, Series{Attributes: []Attribute{{K8sPod, "cart-0"}, {Scope, "cgroup"}}, Kills: 1, Start: start.Add(48 * time.Hour)}, back)
}

// TestOverflow: kills of more pods than there is room for are counted together, and none is lost.
// When pods are gone, there is room again.
func TestOverflow(t *testing.T) {
	tally := New([]string{K8sPod, Scope}, start)
	const pods = 3 * MaxSeries
	for range 2 {
		for i := range pods {
			tally.Add(start, of(map[string]string{K8sPod: fmt.Sprintf("cart-%d", i), Scope: "cgroup"}))
		}
	}
	all := tally.Read(start)
	require.Len(t, all, MaxSeries+1)
	last := all[MaxSeries]
	assert.Equal(t, Series{Overflow: true, Kills: 2 * (pods - (MaxSeries - 2)), Start: start}, last)
	sum := int64(0)
	for _, s := range all {
		sum += s.Kills
	}
	assert.EqualValues(t, 2*pods, sum)

	later := start.Add(Keep + time.Hour)
	tally.Add(later, of(map[string]string{K8sPod: "cart-2999", Scope: "cgroup"}))
	left := tally.Read(later)
	require.Len(t, left, 3)
	assert.Equal(t, Attribute{K8sPod, "cart-2999"}, left[0].Attributes[0])
}

// TestValuesOfAnySender: a gateway counts by what senders call their hosts, and one of them must
// neither fill the memory nor make text that no exporter can send.
func TestValuesOfAnySender(t *testing.T) {
	tally := New([]string{HostName}, start)
	for _, name := range []string{"node\xff\xfe", "a\nb\x00", strings.Repeat("é", 1<<20), strings.Repeat("é", 1<<20) + "x"} {
		tally.Add(start, of(map[string]string{HostName: name}))
	}
	var values []string
	for _, s := range tally.Read(start) {
		for _, a := range s.Attributes {
			values = append(values, a.Value)
		}
	}
	assert.Equal(t, []string{`a\x0ab\x00`, `node\xff\xfe`, strings.Repeat("é", maxValue/2)}, values)
}
