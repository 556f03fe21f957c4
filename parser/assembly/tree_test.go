package assembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/transport"
)

// TestMemoryStat: lines of memory.stat that count their own cgroup are summed over the tree; those that count all below are not,
// and where a line was damaged nothing is known.
func TestMemoryStat(t *testing.T) {
	const above, own, all = " cache:0KB rss:8KB swap:-4KB", " cache:400KB rss:40KB swap:2KB", " cache:400KB rss:48KB swap:2KB"
	for _, c := range []struct {
		name, release string
		stats         []string
		want          string
	}{
		{"local", "4.18.0-193.el8.x86_64", []string{above, own, own}, "cache=819200 rss=90112 swap=4096"},
		{"local, release unknown", "", []string{above, own}, "cache=409600 rss=49152 swap=2048"},
		{"local, nothing below is larger", "4.14.1", []string{" cache:100KB rss:100KB", " cache:50KB rss:50KB"}, "cache=153600 rss=153600"},
		{"recursive, 5.2", "5.2.0", []string{all, own}, "cache=409600 rss=49152 swap=2048"},
		{"recursive, taken into an older kernel", "4.18.0-305.el8", []string{" cache:900KB rss:90KB", " cache:900KB rss:90KB"}, "cache=921600 rss=92160"},
		{"other names in another order", "4.14.1", []string{" rss:1KB cache:2KB", " cache:4KB mapped_file:9KB rss:8KB"}, "rss=9216 cache=6144"},
		{"one line", "4.14.1", []string{own}, "cache=409600 rss=40960 swap=2048"},
	} {
		a, got := New(Options{}), ""
		feed := func(text string) {
			a.Line(&transport.Line{Text: []byte(text), Format: transport.None})
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
		feed("memory: usage 1024kB, limit 1024kB, failcnt 83")
		for i, s := range c.stats {
			feed("Memory cgroup stats for /p" + strings.Repeat("/a", i) + ":" + s)
		}
		feed("Memory cgroup out of memory: Killed process 2157 (a) total-vm:7132kB, anon-rss:432kB, file-rss:316kB, shmem-rss:0kB")
		if strings.TrimSpace(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
