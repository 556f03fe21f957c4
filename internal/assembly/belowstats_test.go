// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestMemoryStat: lines of memory.stat that count their own cgroup are summed over the tree; those
// that count all below are not, and where a line was damaged nothing is known.
func TestMemoryStat(t *testing.T) {
	const above, big, all = " cache:0KB rss:8KB swap:-4KB", " cache:4000KB rss:440KB swap:2KB", " cache:4000KB rss:408KB swap:2KB"
	const none, own = " cache:0KB rss:0KB", " cache:0KB rss:40000KB"
	for _, c := range []struct {
		name, release string
		usage         int
		stats         []string
		want          string
	}{
		{"local", "4.18.0-193.el8.x86_64", 8888, []string{above, big, big}, "cache=8192000 rss=909312 swap=-1"},
		{"local, release unknown", "", 44440, []string{none, big, own}, "cache=4096000 rss=41410560"},
		{"local, nothing below is larger", "4.14.1", 6000, []string{" cache:2000KB rss:2000KB", " cache:1000KB rss:1000KB"}, "cache=3072000 rss=3072000"},
		{"recursive, 5.2", "5.2.0", 9000, []string{all, big}, "cache=4096000 rss=417792 swap=2048"},
		{"recursive, taken into an older kernel", "4.18.0-305.el8", 9900, []string{" cache:9000KB rss:900KB", " cache:9000KB rss:900KB"}, "cache=9216000 rss=921600"},
		{"other names in another order", "4.14.1", 15000, []string{" rss:1000KB cache:2000KB", " cache:4000KB mapped_file:9KB rss:8000KB"}, "rss=9216000 cache=6144000"},
		{"a line was lost: it does not add up", "4.14.1", 99999, []string{none, big}, ""},
		{"one line", "4.14.1", 40000, []string{own}, "cache=0 rss=40960000"},
		{"the lines below were lost", "4.14.1", 99999, []string{own}, ""},
	} {
		a, got := New(Options{}), ""
		feed := func(text string) {
			a.Line(&format.Line{Text: []byte(text), Format: report.None})
			for _, e := range a.Events() {
				for _, s := range e.Report.AppendMemoryStat(nil) {
					got += fmt.Sprintf(" %s=%d", s.Name, s.Value)
				}
			}
		}
		feed("a invoked oom-killer: gfp_mask=0x6000c0(GFP_KERNEL), nodemask=(null), order=0, oom_score_adj=0")
		if c.release != "" {
			feed("CPU: 3 PID: 2157 Comm: a Not tainted " + c.release + " #1")
		}
		feed("Task in /p/a killed as a result of limit of /p")
		feed(fmt.Sprintf("memory: usage %dkB, limit %dkB, failcnt 83", c.usage, c.usage))
		for i, s := range c.stats {
			feed("Memory cgroup stats for /p" + strings.Repeat("/a", i) + ":" + s)
		}
		feed("Memory cgroup out of memory: Killed process 2157 (a) total-vm:7132kB, anon-rss:432kB, file-rss:316kB, shmem-rss:0kB")
		if strings.TrimSpace(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
