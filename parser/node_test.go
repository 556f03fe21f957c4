// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"strings"
	"testing"
)

const (
	nodeKill = `%s kernel: [ 4242.100000] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/kubepods/burstable/podx,task=ingest,pid=24117,uid=1000
%[1]s kernel: [ 4242.100100] Out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985`
	nodeEvent  = `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7.example.net"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet","host":"node-7.example.net"},"lastTimestamp":"2026-05-02T10:00:02Z"}`
	nodeFinder = `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7.example.net"},"reason":"OOMKilling","message":"Out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985","source":{"component":"kernel-monitor","host":"node-7.example.net"},"lastTimestamp":"2026-05-02T10:00:03Z"}`
)

// TestEventOfANode: what an exporter says of a node is about that node, not about the host whose
// log brought the line.
func TestEventOfANode(t *testing.T) {
	kill := func(host string) string {
		return fmt.Sprintf(nodeKill, strings.TrimSuffix("2026-05-02T10:00:01.500000+00:00 "+host, " "))
	}
	const exported = "2026-05-02T10:00:04.000000+00:00 node-1 exporter[9]: "
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"the node's own kill", []string{kill("node-7"), exported + nodeEvent, exported + nodeFinder}, "oom.kill node-7"},
		{"the event first", []string{exported + nodeFinder, exported + nodeEvent, kill("node-7.example.net")}, "oom.kill node-7.example.net"},
		{"another node's kill of an equal process", []string{kill("node-1"), exported + nodeEvent}, "oom.kill node-1, oom.observed node-7.example.net"},
		{"a log that names no host", []string{kill(""), nodeEvent}, "oom.kill "},
		{"events alone", []string{exported + nodeEvent, exported + nodeFinder}, "oom.observed node-7.example.net"},
		{"a file of events", []string{nodeEvent, nodeFinder}, "oom.observed node-7.example.net"},
		{"the event again", []string{nodeEvent, nodeEvent}, "oom.observed node-7.example.net"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			err := ReadAll(strings.NewReader(strings.Join(test.lines, "\n")+"\n"), Options{}, func(r *Record) error {
				got = append(got, r.Text("event.name")+" "+r.Text("host.name"))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestContainerOfAPod: the kernel's kill, the status of the pod, the kubelet's line and cadvisor's
// are one death, in any order.
func TestContainerOfAPod(t *testing.T) {
	const (
		id   = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
		uid  = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
		path = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-" + id + ".scope"
		at   = "2026-05-02T10:00:01.500000+00:00 node-7 kernel: [ 4242.100000] "
	)
	lines := []string{
		at + "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=" + path + ",task_memcg=" + path + ",task=ingest,pid=24117,uid=1000\n" +
			at + "Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985",
		"2026-05-02T10:00:03.000000+00:00 node-7 exporter[9]: " + `{"kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":"` + uid + `"},"spec":{"nodeName":"node-7"},"status":{"containerStatuses":[{"name":"cart","lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-05-02T10:00:01Z","containerID":"containerd://` + id + `"}}}]}}`,
		"2026-05-02T10:00:03.100000+00:00 node-7 kubelet[10]: " + `I0502 10:00:03.100211    1021 generic.go:358] "Generic (PLEG): container finished" podID="` + uid + `" containerID="` + id + `" exitCode=137`,
		"2026-05-02T10:00:03.200000+00:00 node-7 kubelet[10]: " + `I0502 10:00:02.331907       1 manager.go:1216] Created an OOM event in container "` + path + `" at 2026-05-02 10:00:01.5 +0000 UTC m=+12.1`,
	}
	for sigkill, want := range map[bool]string{false: "oom.kill", true: "oom.kill, oom.sigkill kernel_oom"} {
		orders := 0
		permute(lines, 0, func(lines []string) {
			orders++
			var got []string
			err := ReadAll(strings.NewReader(strings.Join(lines, "\n")+"\n"), Options{Sigkill: sigkill}, func(r *Record) error {
				got = append(got, strings.TrimSpace(r.Text("event.name")+" "+r.Text("oom.verdict.cause")))
				return nil
			})
			if got := strings.Join(got, ", "); err != nil || got != want {
				t.Errorf("%s, %v, want %s:\n%s", got, err, want, strings.Join(lines, "\n"))
			}
		})
		if orders != 24 {
			t.Errorf("%d orders", orders)
		}
	}
}

// permute calls fn with each order of items[from:].
func permute(items []string, from int, fn func([]string)) {
	if from == len(items) {
		fn(items)
	}
	for i := from; i < len(items); i++ {
		items[from], items[i] = items[i], items[from]
		permute(items, from+1, fn)
		items[from], items[i] = items[i], items[from]
	}
}
