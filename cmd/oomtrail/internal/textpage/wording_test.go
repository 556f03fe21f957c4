// SPDX-License-Identifier: Apache-2.0

package textpage_test

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestWording: a page counts as people count, keeps names as they are, and says no more of a table
// than the counters allow.
func TestWording(t *testing.T) {
	const head = "[    1.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	const row = "[    1.000001] [     42]     0    42    93850    12958   110592        0             0 java"
	whole := reported("anon 52428800\nfile 5242880\nkernel 4194304", "[     42]     0    42    93850    12958   110592        0             0 java")
	twice := reported("anon 94371840\nfile 5242880\nkernel 4194304", "[     42]     0    42    93850    12958   110592        0             0 java",
		"[     43]     0    43    93850     7680   110592        0             0 worker")
	unit := head + "[    1.000001] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=OWNER,task_memcg=OWNER,task=java,pid=42,uid=0\n" +
		"[    1.000001] Memory cgroup out of memory: Killed process 42 (java) total-vm:375400kB, anon-rss:51200kB, file-rss:632kB, shmem-rss:4kB, UID:0 pgtables:108kB oom_score_adj:0\n"
	docker := "/lxc/39004/ns/system.slice/docker-" + strings.Repeat("0123456789abcdef", 4) + ".scope"
	for name, c := range map[string]struct{ log, want, not string }{
		"one process":               {whole, "\nThe only process\n", "1 processes"},
		"one process, head lost":    {whole[strings.IndexByte(whole, '\n')+1:], "\nThe only process that the log shows\n", "1 processes"},
		"two processes":             {strings.Replace(twice, "anon 94371840", "anon 82837504", 1), "\nBoth processes, the larger first\n", "that the log shows"},
		"counters show more":        {twice, "\nThe 2 processes that the log shows, the largest first\n", "Both processes"},
		"more than the limit":       {strings.NewReplacer("limit 102400kB", "limit 10240kB", "usage 102400kB", "usage 10240kB").Replace(reported("anon 4096", row[15:])), "]  over 100 %: the victim held 50.6 MiB of 10 MiB\n", "]  100 %"},
		"a unit inside a container": {strings.ReplaceAll(unit, "OWNER", "/lxc/101/ns/system.slice/app.service"), "Service app.service inside container 101 reached its memory limit", "App.service"},
		"a unit":                    {strings.ReplaceAll(unit, "OWNER", "/system.slice/app.service"), "Service app.service reached its memory limit", "App.service"},
		"a container inside one":    {strings.ReplaceAll(unit, "OWNER", docker), "\n  inside         container 39004\n", "container39004"},
	} {
		t.Run(name, func(t *testing.T) {
			pagesOf(t, c.log, parser.FormatAuto, func(_ *report.Event, text string) {
				if text = strings.ReplaceAll(text, "\nand", " and"); !strings.Contains(text, c.want) || strings.Contains(text, c.not) {
					t.Errorf("want %q and not %q, got\n%s", c.want, c.not, text)
				}
			}, textpage.Options{})
		})
	}
}
