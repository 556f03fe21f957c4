// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	kubectlKill = `Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985`
	kubectlLow  = `The node was low on resource: memory. Threshold quantity: 100Mi, available: 80564Ki. Container cart was using 2213048Ki, request is 512Mi, has larger consumption of memory.`
	kubectlOOM  = `System OOM encountered, victim process: ingest, pid: 24117`
)

// TestKubectlRows reads the rows of events that kubectl prints, with the columns of its versions.
func TestKubectlRows(t *testing.T) {
	const (
		oom      = "observation by=kubelet killer=kernel pid=24117 comm=ingest"
		detector = "observation by=node-problem-detector killer=kernel pid=24117 comm=ingest"
		values   = " rss=537919488 uid=1000 adj=985"
		usage    = " reason=low_memory threshold=104857600 available=82497536 used=2266161152 request=536870912"
	)
	testKube(t, []kubeCase{
		{name: "describe, SystemOOM", text: "  Warning  SystemOOM   3m57s                 kubelet         " + kubectlOOM, want: oom},
		{name: "describe, in a container's log", container: true, text: "  Warning  SystemOOM   3m57s                 kubelet         " + kubectlOOM, want: oom},
		{name: "describe, with the host", text: "  Warning  SystemOOM  3m57s  kubelet, node-7  " + kubectlOOM, want: oom + " node=node-7"},
		{name: "describe, without the indent", text: "Warning  SystemOOM  3m57s  kubelet  " + kubectlOOM + "\r", want: oom},
		{name: "describe, OOMKilling", text: "  Warning  OOMKilling  3m56s (x2 over 9m)    kernel-monitor  " + kubectlKill, want: detector + " observed=2" + values},
		{name: "describe, combined", text: "  Warning  SystemOOM  3m (x4 over 9m)  kubelet  (combined from similar events): " + kubectlOOM, want: oom + " observed=4"},
		{name: "get events, SystemOOM", text: "3m57s       Warning   SystemOOM    node/node-7   " + kubectlOOM, want: oom + " node=node-7"},
		{name: "get events, OOMKilling", text: "3m56s   Warning   OOMKilling   node/node-7   " + kubectlKill, want: detector + " node=node-7" + values},
		{name: "get events -A", text: "default   2d5h   Warning   OOMKilling   node/node-7   " + kubectlKill, want: detector + " node=node-7" + values},
		{name: "kubectl events", text: "3m56s (x2 over 9m)   Warning   OOMKilling   Node/node-7   " + kubectlKill, want: detector + " node=node-7 observed=2" + values},
		{name: "without an age", text: "<unknown>   Warning   OOMKilling   node/node-7   " + kubectlKill, want: detector + " node=node-7" + values},
		{name: "with tabs", text: "3m56s\tWarning\tOOMKilling\tnode/node-7\t" + kubectlKill, want: detector + " node=node-7" + values},
		{name: "evicted", text: "3m   Warning   Evicted   pod/cart-0   " + kubectlLow, want: "eviction by=kubelet of=pod podname=cart-0 container=cart" + usage},
		{name: "evicted, with the namespace", text: "shop   3m   Warning   Evicted   pod/cart-0   " + kubectlLow, want: "eviction by=kubelet of=pod podname=shop/cart-0 container=cart" + usage},

		{name: "describe's head", text: "  Type     Reason      Age                   From            Message\n  ----     ------      ----                  ----            -------"},
		{name: "head of get events", text: "LAST SEEN   TYPE      REASON       OBJECT        MESSAGE"},
		{name: "another reason", text: "3m56s   Warning   TaskHung   node/node-7   " + kubectlKill},
		{name: "another reason, describe", text: "  Warning  ContextOOMKilling  3m  kernel-monitor  " + kubectlKill},
		{name: "another type", text: "3m56s   Normal   OOMKilling   node/node-7   " + kubectlKill},
		{name: "another writer", text: "  Warning  OOMKilling  3m56s  my-operator  " + kubectlKill},
		{name: "another writer of SystemOOM", text: "  Warning  SystemOOM  3m56s  kernel-monitor  " + kubectlOOM},
		{name: "about a pod", text: "3m56s   Warning   OOMKilling   pod/cart-0   " + kubectlKill},
		{name: "without a victim", text: "  Warning  SystemOOM  3m57s  kubelet  System OOM encountered"},
		{name: "cut short", text: "3m56s   Warning   OOMKilling   node/node-7   Memory cgroup out of memory: Killed process 24117 (ing"},
		{name: "only the selection", text: "3m56s   Warning   OOMKilling   node/node-7   Memory cgroup out of memory: Kill process 25169 (hyperkube) score 2109 or sacrifice child"},
		{name: "evicted, which pod is elsewhere", text: "  Warning  Evicted  3m  kubelet  " + kubectlLow},
		{name: "evicted for the disk", text: "3m   Warning   Evicted   pod/cart-0   The node was low on resource: ephemeral-storage. Container cart was using 2213048Ki, which exceeds its request of 0."},
		{name: "no age", text: "soon   Warning   OOMKilling   node/node-7   " + kubectlKill},
		{name: "no end of the count", text: "3m (x2 over 9m   Warning   OOMKilling   node/node-7   " + kubectlKill},
		{name: "wide", text: "3m56s   Warning   OOMKilling   node/node-7      kernel-monitor, node-7   " + kubectlKill + "   3m56s   1   node-7.17d"},
		{name: "wide, no source", text: "3m56s   Warning   OOMKilling   node/node-7         " + kubectlKill + "   3m56s   1   node-7.17d"},
		{name: "describe to 1.6", text: "  3m  3m  1  kubelet, node-7    Warning  SystemOOM  " + kubectlOOM},
		{name: "prose", text: "we saw Warning OOMKilling 3m56s kernel-monitor " + kubectlKill + " and then SystemOOM"},
		{name: "prose with one space", text: "3m56s Warning OOMKilling node/node-7 " + kubectlKill},
		{name: "quoted", text: "> 3m56s   Warning   OOMKilling   node/node-7   " + kubectlKill},
		{name: "another command", text: "cart-0   0/1   OOMKilling   2 (3m ago)   9m"},
	})
}

// TestKubectlRowHasNoTime: the age of a row is no time, and what brought the row was there at
// another time, on another host.
func TestKubectlRowHasNoTime(t *testing.T) {
	l := Line{Text: "  Warning  SystemOOM  3m57s  kubelet  " + kubectlOOM, At: report.Stamp{
		Number: 7, Position: 70, Wall: time.Date(2026, 5, 2, 10, 0, 3, 0, time.UTC), Text: "2026-05-02T10:00:03Z", Assumed: 1,
		Uptime: 5, HasUptime: true, LogTime: 5, HasLogTime: true, Printed: 5, Host: "bastion", BootID: kubeUID,
	}}
	facts := 0
	new(Readers).Read(&l, func(f *Fact) {
		facts++
		if f.Age != 3*time.Minute+57*time.Second || !f.HasAge {
			t.Errorf("an age of %s, %t", f.Age, f.HasAge)
		}
		if !f.Timeless || !f.InnerTime.IsZero() || f.Verified || f.At.Host != "" || f.At.BootID != "" {
			t.Errorf("%+v", f)
		}
		if f.Text != "Warning  SystemOOM  3m57s  kubelet  "+kubectlOOM {
			t.Errorf("%q", f.Text)
		}
	})
	if facts != 1 {
		t.Errorf("%d facts", facts)
	}
}

// TestKubectlAges reads all that kubectl prints as an age, and nothing else.
func TestKubectlAges(t *testing.T) {
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"0s": 0, "119s": 119 * time.Second, "3m": 3 * time.Minute, "3m57s": 3*time.Minute + 57*time.Second, "15m": 15 * time.Minute,
		"7h59m": 7*time.Hour + 59*time.Minute, "47h": 47 * time.Hour, "2d5h": 2*day + 5*time.Hour, "2y3d": 733 * day, "9y": 3285 * day,
		"3m56s (x2 over 9m)": 3*time.Minute + 56*time.Second,
	} {
		if age, ok := ageOf(s); age != want || !ok {
			t.Errorf("%q: %s, %t, want %s", s, age, ok, want)
		}
	}
	for _, s := range []string{"", "<unknown>", "<invalid>", "3", "m", "3w", "3m ", "-3m", "3m57", "999y", "9223372036s1s", "999999999999999999999s"} {
		if age, ok := ageOf(s); ok {
			t.Errorf("%q is read as %s", s, age)
		}
	}
}

// TestKubectlRowOfKernel: what stands in the kernel's log is no row.
func TestKubectlRowOfKernel(t *testing.T) {
	l := Line{Text: "  Warning  SystemOOM  3m57s  kubelet  " + kubectlOOM, At: report.Stamp{Format: report.Kmsg}}
	new(Readers).Read(&l, func(f *Fact) { t.Errorf("%+v", f) })
}
