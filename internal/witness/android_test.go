// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// androidFact is a kill of Android's killers. A size or adjustment of -1 is not known.
func androidFact(pid int64, name string, kb, adj int64) Fact {
	f := Fact{Kind: Kill, Outcome: OutcomeDone, Signal: "SIGKILL", Reason: "low_memory", Keys: pidOf(pid, name)}
	if kb >= 0 {
		f.RSS = report.Some(kb << 10)
	}
	if adj >= 0 {
		f.ScoreAdj = report.Some(adj)
	}
	return f
}

const lowmemoryRest = "⏎   to free 51200kB on behalf of 'kswapd0' (77) because⏎   cache 61440kB is below limit 65536kB for oom_score_adj 529⏎   Free memory is -1024kB above reserved"

var lowmemorykillerSamples = []sample{
	{"3.0 to 4.5", "send sigkill to 1204 (ndroid.settings), adj 9, size 5120", []Fact{androidFact(1204, "ndroid.settings", -1, -1)}},
	{"3.10 and later trees", "lowmemorykiller: send sigkill to 1204 (a), adj 1 (b), adj 9, size 5120", []Fact{androidFact(1204, "a), adj 1 (b", -1, -1)}},
	{"3.4 to 4.11", "lowmemorykiller: Killing 'ndroid.settings' (1204), adj 900," + lowmemoryRest, []Fact{androidFact(1204, "ndroid.settings", 51200, 900)}},
	{"a line at a time", "lowmemorykiller: Killing 'ndroid.settings' (1204), adj 900,", []Fact{androidFact(1204, "ndroid.settings", -1, 900)}},
	{"a line at a time, the rest", strings.TrimPrefix(strings.ReplaceAll(lowmemoryRest, "⏎", "\n"), "\n"), nil},
	{"a vendor's thread group", "lowmemorykiller: Killing 'a' (12) (tgid 11), adj 0," + lowmemoryRest, []Fact{androidFact(11, "a", 51200, 0)}},
	{"a vendor's second adjustment", "lowmemorykiller: Killing 'a' (12), adj 15, score_adj 1000," + lowmemoryRest, []Fact{androidFact(12, "a", 51200, 1000)}},
	{"a name that looks like the line", "lowmemorykiller: Killing 'x' (1), adj 5' (12), adj 900," + lowmemoryRest, []Fact{androidFact(12, "x' (1), adj 5", 51200, 900)}},
}

func TestLowmemorykiller(t *testing.T) {
	checkSamples(t, "lowmemorykiller", Author{}, kmsgOf(report.OriginUnknown), lowmemorykillerSamples)
	checkSamples(t, "lowmemorykiller", Author{Program: "kernel"}, report.Stamp{Format: report.Syslog}, lowmemorykillerSamples)
	for _, s := range lowmemorykillerSamples {
		got := factsOf(s.text, Author{}, kmsgOf(report.OriginKernel))
		if len(got) != len(s.want) || len(got) > 0 && !got[0].Verified {
			t.Errorf("%s, by the kernel: %+v", s.version, got)
		}
		if got := factsOf(s.text, Author{}, kmsgOf(report.OriginUser)); len(got) > 0 {
			t.Errorf("%s, by a user process: %+v", s.version, got)
		}
		for _, f := range factsOf(s.text, Author{}, report.Stamp{Format: report.Dmesg, Origin: report.OriginKernel}) {
			if f.Verified {
				t.Errorf("%s: verified, in a format that splits records", s.version)
			}
		}
	}
	checkNothing(
		t, Author{Program: "kernel"},
		"Killing 'a' (12), adj 900,", // the driver says its name
		"lowmemorykiller: Killing 'a' (0), adj 900,",
		"lowmemorykiller: Killing 'a' (12), adj 900",
		"lowmemorykiller: select 'a' (12), adj 900, size 5, to kill",
		"lowmemorykiller: lowmem_shrink 1, 2, ofree 3 4, ma 5",
		"lowmemorykiller: Killing 'sixteen letters!' (12), adj 900,",
	)
}

var lmkdSamples = []sample{
	{"2013", "I/lowmemorykiller(  456): Killing 'com.example.app' (18233), adj 9⏎   to free 51200kB because cache 61440kB is below limit 65536kB for oom_adj 9⏎   Free memory is 12kB above reserved", []Fact{androidFact(18233, "com.example.app", 51200, -1)}},
	{"2014-06", "I/lowmemorykiller(  456): Killing 'com.example.app' (18233), uid 10201, adj 9", []Fact{androidFact(18233, "com.example.app", -1, -1).user(10201)}},
	{"2017-08", "I lowmemorykiller: Killing 'com.example.app' (18233), uid 10201, adj 9⏎   to free 51200kB because system is under critical memory pressure oom_adj 9", []Fact{androidFact(18233, "com.example.app", 51200, -1).user(10201)}},
	{"2018-09", "I lowmemorykiller: Kill 'com.example.app' (18233), uid 10201, oom_adj 900 to free 51200kB", []Fact{androidFact(18233, "com.example.app", 51200, -1).user(10201)}},
	{"2019-07", "I lowmemorykiller: Kill 'com.example.app' (18233), uid 10201, oom_adj 900 to free 51200kB; reason: low watermark is breached", []Fact{androidFact(18233, "com.example.app", 51200, -1).user(10201)}},
	{"2021-02", "11-29 10:00:00.123   456   456 I lowmemorykiller: Kill 'com.example.app' (18233), uid 10201, oom_score_adj 900 to free 184320kB rss, 20480kB swap; reason: low watermark is breached and swap is low", []Fact{androidFact(18233, "com.example.app", 184320, 900).user(10201)}},
	{"2021-02, no reason", "I lowmemorykiller: Kill 'com.example.app' (18233), uid 10201, oom_score_adj 900 to free 184320kB rss, 20480kb swap", []Fact{androidFact(18233, "com.example.app", 184320, 900).user(10201)}},
	{"2022 and later", "07-28 10:46:14.514   479   479 I lowmemorykiller: Kill 'com.example.app' (17757), uid 1010174, oom_score_adj 0 to free 4445960kB rss, 3990164kB anon rss, 2413008kB swap, 0kB dmabuf_pss, 0kB dmabuf_rss; reason: min watermark is breached even after kill", []Fact{androidFact(17757, "com.example.app", 4445960, 0).user(1010174)}},
	{"logcat without pids", "09-07 01:55:44.794 I lowmemorykiller: Kill 'com.example.app' (3946), uid 10144, oom_score_adj 100 to free 266188kB rss, 0kB swap; reason: min watermark is breached even after kill", []Fact{androidFact(3946, "com.example.app", 266188, 100).user(10144)}},
	{"a name that looks like the line", "I lowmemorykiller: Kill 'x' (1), uid 2, oom_adj 3 to free 4kB' (18233), uid 10201, oom_adj 900 to free 51200kB", []Fact{androidFact(18233, "x' (1), uid 2, oom_adj 3 to free 4kB", 51200, -1).user(10201)}},
}

func TestLmkd(t *testing.T) {
	checkSamples(t, "lmkd", Author{}, report.Stamp{}, lmkdSamples)
	checkSamples(t, "lmkd", Author{}, kmsgOf(report.OriginUser), lmkdSamples)
	for _, s := range lmkdSamples {
		if got := factsOf(s.text, Author{}, kmsgOf(report.OriginKernel)); len(got) > 0 {
			t.Errorf("%s, by the kernel: %+v", s.version, got)
		}
	}
	checkNothing(
		t, Author{Program: "kernel"},
		"he said I lowmemorykiller: Kill 'a' (12), uid 1, oom_adj 900 to free 1kB",
		"I lowmemorykiller: Kill 'a' (12), uid 1",
		"I lowmemorykiller: Kill 'a' (0), uid 1, oom_adj 900 to free 1kB",
		"I lowmemorykiller: Failed to kill process 12",
		"07-28 10:46:14.319   479   479 W lowmemorykiller: Failed to open /proc/16854/oom_score_adj; errno=2: process 16854 might have been killed",
		"I lowmemorykiller: Ignore kill 'a' (12)",
		"I am_kill : [0,12,com.example.app,900,stop]",
	)
}
