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
