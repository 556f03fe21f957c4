// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestFiguresOfOneStamp: lines of memory.stat with one timestamp are one record that printk may
// have cut only where nothing shows that each is a record of its own. Kernel 7.2 printed 72 records
// within a microsecond.
func TestFiguresOfOneStamp(t *testing.T) {
	for _, c := range []struct {
		name, release string
		numbered      bool
		damaged       bool
	}{
		{"kmsg", "6.1.1", true, false},
		{"syslog, a record each", "7.2.13", false, false},
		{"syslog, one record", "6.1.1", false, true},
		{"syslog, release lost", "", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := []string{invoked}
			if c.release != "" {
				lines = append(lines, "CPU: 0 UID: 0 PID: 12 Comm: a Not tainted "+c.release+" #1")
			}
			lines = append(lines, "memory: usage 24576kB, limit 24576kB, failcnt 18", "Memory cgroup stats for /a:")
			for i := range 72 {
				lines = append(lines, fmt.Sprintf("figure_%c%c %d", 'a'+i/26, 'a'+i%26, 10000+i))
			}
			lines = append(lines, "Tasks state (memory values in pages):", head, row,
				strings.Replace(chosen, "CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom", "CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/a", 1),
				strings.Replace(kill, "Out of memory", "Memory cgroup out of memory", 1))
			a := New(Options{})
			for i, text := range lines {
				l := format.Line{Text: []byte(text), Number: i + 1, Position: int64(i), Origin: report.OriginKernel, Level: -1,
					Format: report.Dmesg, Uptime: 71977218000, HasUptime: true}
				if c.numbered {
					l.Format, l.Sequence, l.HasSequence = report.Kmsg, uint64(i), true
				}
				a.Line(&l)
			}
			events := a.Events()
			if len(events) != 1 {
				t.Fatalf("%d events", len(events))
			}
			r := events[0].Report
			if got := r.Damaged&(1<<report.SectionMemcgStats) != 0; got != c.damaged {
				t.Errorf("memory.stat called damaged: %v, want %v; %d figures", got, c.damaged, len(r.Memcg.Stats))
			}
		})
	}
}
