// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// attack is an input that somebody made to hide or to forge a kill, and what its records must say.
type attack struct {
	file string
	// records are the attributes of each record that matter; one that is nil must be absent.
	records []map[string]any
}

// attacks are named as the files in testdata/attacks.
var attacks = []attack{
	// rsyslog writes each control byte of a name as four, so that the name is longer than a name
	// can be.
	{"A02-hidden-kill-rsyslog-escapes.log", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(749), "process.title": `\x01\x01\x01\x01`, "process.real_user.id": int64(0),
		"oom.victim.memory.virtual": int64(4772 << 10), "host.name": "node1", "oom.trust": "unverified",
	}}},
	// Newlines in the name of a dying process break the kill line into three, by syslog(2).
	{"A05-hidden-kill-newlines.syslog2", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(749), "process.title": `l\x0a[\x0a`, "process.real_user.id": int64(0),
		"oom.victim.memory.virtual": int64(4772 << 10), "oom.victim.memory.rss": int64(456 << 10), "oom.victim.oom_score_adj": int64(0),
		"oom.report.missing": "invocation",
	}}},
	// A size of a dying process fell below zero.
	{"A06-hidden-kill-underflow.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(1), "process.title": "init", "oom.victim.memory.virtual": nil,
		"oom.victim.memory.rss": int64(1 << 20), "oom.victim.memory.page_tables": int64(8 << 10),
	}}},
	// Cgroups whose names hold the words of the oom-kill: line. The one that a process is in stands
	// below its owner's.
	{"A08-cgroup-a.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(5), "process.title": "hog", "oom.cgroup.path": "/u", "oom.victim.cgroup": "/u/a,task_memcg=" + forgedPath,
		"container.id": nil, "container.runtime.name": nil, "k8s.pod.uid": nil, "oom.k8s.qos_class": nil, "oom.cgroup.container_id": nil,
	}}},
	{"A08-cgroup-b.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(5), "oom.scope": "host", "oom.victim.cgroup": "/u/a,task_memcg=" + forgedPath,
		"container.id": nil, "container.runtime.name": nil, "k8s.pod.uid": nil, "systemd.unit.name": nil, "oom.systemd.slice": nil,
	}}},
	// No kernel has a slash in the name of a cpuset. With one, the line says nothing of whose the
	// process was.
	{"A08-cgroup-c.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(5), "process.title": "hog", "process.real_user.id": int64(1000), "oom.scope": "host",
		"oom.victim.cgroup": nil, "oom.trigger.cpuset": nil, "container.id": nil, "k8s.pod.uid": nil, "oom.k8s.qos_class": nil, "oom.systemd.slice": nil,
	}}},
	// The kill line has the name: hog, not @,task=hog.
	{"A08-cgroup-d.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(5), "process.title": "hog", "oom.victim.cgroup": "/u/,task=@", "oom.scope": "host",
	}}},
	// The sentence was cut in the middle of a character.
	{"A09-broken-utf8.kmsg", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(5),
		"oom.diagnosis.summary": `hog (pid 5) held 23.4 MiB against the 24 MiB limit of cgroup /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\x01\x01\x01\x01\x01aébbbbbbb.`,
	}}},
	// Journal entries that break off, other lines between them, each with a carriage return.
	{"A11-block-loses-kill.log", []map[string]any{{"oom.trigger.name": "hog", "process.pid": nil}, {
		"event.name": "oom.kill", "process.pid": int64(297), "process.title": "java", "process.real_user.id": int64(1000), "oom.victim.memory.anon": int64(24468 << 10),
	}}},
	// A task that is called what a journal entry begins with, or a stamp, asks for memory in a log
	// without stamps.
	{"A17-bare-cursor.log", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(160), "process.title": "__CURSOR=x", "oom.trigger.name": "__CURSOR=x", "oom.trigger.pid": int64(160),
		"oom.trigger.order": int64(0), "oom.kernel.release": "6.12.107+deb13-cloud-amd64", "oom.report.missing": nil, "oom.tasks.count": int64(2),
	}}},
	{"A17-bare-stamp.log", []map[string]any{{
		"event.name": "oom.kill", "process.pid": int64(160), "process.title": "[    1.000000]", "oom.trigger.name": "[    1.000000]", "oom.trigger.pid": int64(160),
		"oom.trigger.order": int64(0), "oom.kernel.release": "6.12.107+deb13-cloud-amd64", "oom.report.missing": nil, "oom.tasks.count": int64(2),
	}}},
}

const forgedPath = "/kubepods.slice/kubepods-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a.scope"

// TestAttacks: whatever somebody writes, calls himself or puts in the kernel's way, no kill is
// hidden and none is made up.
func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		log, err := os.ReadFile(filepath.Join("testdata", "attacks", a.file))
		if err != nil {
			t.Fatal(err)
		}
		records := readText(t, Options{}, string(log))
		if len(records) != len(a.records) {
			t.Errorf("%s: %d records, want %d\n%s", a.file, len(records), len(a.records), summary(records))
			continue
		}
		for i, r := range records {
			checkText(t, r)
			for name, want := range a.records[i] {
				if v, _ := r.Get(name); v.Any() != want {
					t.Errorf("%s: record %d: %s is %v, want %v", a.file, i, name, fmt.Sprintf("%#v", v.Any()), want)
				}
			}
		}
	}
}
