// SPDX-License-Identifier: Apache-2.0

// Package samples holds reports rendered by another hand, one for each family of format, against
// the records that their text means.
package samples

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/golden"
	"github.com/oomtrail/oomtrail/parser"
)

const testdata = "../../../testdata/format-samples"

// facts are what a reader of each sample's text finds in it, record by record.
var facts = map[string][]map[string]any{
	"4.14-memcg-v1.dmesg.log": {{
		"process.pid": int64(31340), "process.title": "sh (deleted)", "oom.scope": "cgroup", "oom.constraint": "memcg",
		"oom.cgroup.path":   "/kubepods/burstable/pod0f5eb28f-6722-4cf5-ab0f-b62748c018d4",
		"oom.victim.cgroup": nil, "oom.victim.score": nil, // the chosen process's, whose child died in its place
		"oom.cgroup_memory.limit": int64(122880 << 10), "oom.cgroup_memory.failcnt": int64(83), "oom.cgroup_memsw.limit": nil,
		"oom.cgroup_stat.rss": int64(116200 << 10), "oom.tasks.count": int64(1), "oom.victim.memory.anon": int64(90 << 10)}},
	"5.15-memcg-v2.kmsg":           group(),
	"5.15-memcg-v2.journalctl.log": group(),
	"5.15-memcg-v2.imjournal.log":  group(),
	"6.12-global.kmsg":             {matlab()},
	"6.12-global.console.log":      {matlab()},
	"el7-global.dmesg.log":         {java()},
	"el7-global.imjournal.log":     {java()},
}

func group() []map[string]any {
	first := map[string]any{
		"process.pid": int64(9001), "process.title": "мир", "process.real_user.id": int64(1001), "oom.victim.group_kill": nil,
		"oom.cgroup.path": "/system.slice/app, weird=1.service", "oom.victim.cgroup": "/system.slice/app, weird=1.service",
		"oom.victim.memory.rss": int64((64640 + 928) << 10), "oom.victim.memory.page_tables": int64(172 << 10),
		"oom.cgroup_swap.limit": int64(0), "oom.cgroup_stat.unevictable": int64(737280), "oom.tasks.rss": int64((16392 + 100) * 4096)}
	second := map[string]any{
		"process.pid": int64(9002), "process.title": "(sd-pam)", "oom.victim.group_kill": true, "oom.victim.memory.virtual": int64(2400 << 10),
		"oom.cgroup.path": "/system.slice/app, weird=1.service"}
	return []map[string]any{first, second}
}

func matlab() map[string]any {
	return map[string]any{
		"process.pid": int64(4167877), "process.title": "MATLAB", "oom.scope": "host", "oom.constraint": "none", "oom.report.suppressed": int64(17),
		"oom.victim.cgroup": "/user.slice/user-1021.slice/session-963.scope", "oom.trigger.name": "kworker/u8:2", "oom.trigger.uid": int64(0),
		"oom.trigger.gfp_flags": "GFP_HIGHUSER_MOVABLE|__GFP_COMP", "oom.host_memory.anon": int64((120 + 951000) * 4096),
		"oom.host_memory.free": int64(21000 * 4096), "oom.tasks.count": int64(3), "oom.kernel.release": "6.12.107+deb13-amd64"}
}

func java() map[string]any {
	return map[string]any{
		"process.pid": int64(4240), "process.title": "java", "process.real_user.id": int64(1000), "oom.victim.score": int64(541),
		"oom.victim.memory.rss": int64((260900 + 828) << 10), "oom.victim.oom_score_adj": int64(0), "oom.trigger.pid": int64(4242),
		"oom.trigger.gfp_mask": "0x201da", "oom.host_memory.total": int64(482173 * 4096), "oom.host_swap.total": int64(0),
		"oom.tasks.count": int64(3), "oom.tasks.rss": int64((412 + 65432 + 210) * 4096), "oom.kernel.release": "3.10.0-1062.el7.x86_64"}
}

// TestFacts holds each sample's records against what its text says.
func TestFacts(t *testing.T) {
	for name, want := range facts {
		got := parse(t, name)
		if len(got) != len(want) {
			t.Errorf("%s: %d records, want %d", name, len(got), len(want))
			continue
		}
		for i := range want {
			for attribute, expected := range want[i] {
				if v, _ := got[i].Get(attribute); v.Any() != expected {
					t.Errorf("%s, record %d: %s = %#v, want %#v", name, i, attribute, v.Any(), expected)
				}
			}
		}
	}
}

// TestExpectedRecords holds all attributes but the diagnosis against the reviewed records; `make
// expected` writes them anew.
func TestExpectedRecords(t *testing.T) {
	for name := range facts {
		var got []*parser.Record
		for _, r := range parse(t, name) {
			r = r.Without("oom.diagnosis.cause", "oom.diagnosis.confidence", "oom.diagnosis.summary", "oom.diagnosis.advice")
			r.Body = ""
			got = append(got, r)
		}
		if err := golden.Check(filepath.Join(testdata, "expected", name+".json"), got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func parse(t *testing.T, name string) (records []*parser.Record) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	var o parser.Options
	if filepath.Ext(name) == ".kmsg" {
		o.TrustedSource = parser.TrustedKmsg
	}
	err = parser.ReadAll(bytes.NewReader(text), o, func(r *parser.Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}
