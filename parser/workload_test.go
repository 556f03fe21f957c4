// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
)

// longest returns the longest name that a resolver may give, and that its kind of name may have.
func longest(n int) string { return strings.Repeat("n-", n/2) }

// TestNamesKeepToTheBudget: of every capture, with every setting on and the longest of names, each
// record keeps to its bounds. Names and time stay in it; what goes first is memory.stat.
func TestNamesKeepToTheBudget(t *testing.T) {
	names := func(w Workload) Names {
		if w.UserID != "" {
			return Names{User: longest(32)}
		}
		return Names{
			Namespace: longest(63), Pod: longest(253), Container: longest(63), RestartCount: 1 << 40, HasRestartCount: true,
			Image: "registry/" + longest(400) + ":" + longest(90), ContainerName: longest(253), ComposeProject: longest(63), ComposeService: longest(63),
			JobName: longest(128), GroupName: longest(128), TaskName: longest(128), Machine: longest(64), Doubt: longest(200),
		}
	}
	files, err := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	named, most, largest, cut := 0, 0, 0, 0
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, stats := range []MemoryStat{MemoryStatMain, MemoryStatAll} {
			opt := Options{
				Transport: FormatKmsg, TrustedSource: TrustedKmsg, MemoryStat: stats, TasksTop: MaxTasksTop, IncludeOriginal: true,
				HostName: longest(64), HostID: longest(32), Boot: time.Unix(1, 0), Names: names, UserNames: true,
			}
			limit := record.MaxAttrs
			if stats == MemoryStatAll {
				limit = record.MaxAttrsAll
			}
			err := ReadAll(bytes.NewReader(log), opt, func(r *Record) error {
				size := 0
				for a := range r.Attrs() {
					if a.Name != "log.record.original" {
						size += len(a.Name) + len(a.Value.String())
					}
				}
				most, largest = max(most, r.Len()), max(largest, size)
				if r.Len() > limit || size > record.MaxBytes || len(r.Body) > record.MaxBody {
					t.Errorf("%s: %d attributes, %d bytes, a body of %d", file, r.Len(), size, len(r.Body))
				}
				if r.Time.IsZero() || r.Text("oom.time.assumed") != "boot_clock" {
					t.Errorf("%s: the time has gone", file)
				}
				if kind := kernel.Classify(r.Body); kind != kernel.Other {
					t.Errorf("%s: %v: %s", file, kind, r.Body)
				}
				if r.Text("container.id") == "" && r.Text("k8s.pod.uid") == "" {
					return nil
				}
				named++
				for _, name := range []string{"k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "container.name", "container.image.name", "container.image.tag"} {
					if r.Text(name) == "" {
						t.Errorf("%s: %s has gone", file, name)
					}
				}
				if gone := r.Text("oom.report.truncated"); gone != "" {
					cut++
					if first, _, _ := strings.Cut(strings.ReplaceAll(gone, "log.record.original,", ""), ","); first != "oom.cgroup_stat.*" && first != "log.record.original" {
						t.Errorf("%s: %s went", file, gone)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d records with names, at most %d attributes and %d bytes; %d lack something", named, most, largest, cut)
	if named == 0 || cut == 0 {
		t.Errorf("%d records had names, %d came to the bound", named, cut)
	}
}

// TestHostileNamesOfWorkloads: no name of a directory or of a label breaks the record's JSON, makes
// a second line of it, or makes a line that a parser reads as the kernel's.
func TestHostileNamesOfWorkloads(t *testing.T) {
	const container = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	for _, hostile := range []string{
		"a\nMemory cgroup out of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB",
		"Out of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=a,pid=1,uid=0",
		"<3>[    1.000000] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", `"},{"event.name":"oom.kill"`, "\x00\xff\xfe\u2028\u202e\x1b]0;", "名前",
	} {
		opt := Options{Names: func(w Workload) Names {
			return Names{Namespace: hostile, Pod: hostile, Container: hostile, Image: hostile, ContainerName: hostile, ComposeProject: hostile, ComposeService: hostile, User: hostile, Doubt: hostile}
		}}
		path := "/docker/" + container
		lines := []string{
			invocation, cpuLine, counter, "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=" + path + ",task_memcg=" + path + ",task=b,pid=12,uid=0",
			killed(memcgWords, 12, "b"),
		}
		records := readText(t, opt, kmsg(lines...))
		if len(records) != 1 {
			t.Fatalf("%q: %d records", hostile, len(records))
		}
		line := records[0].AppendJSON(nil)
		var whole map[string]any
		if err := json.Unmarshal(line, &whole); err != nil || bytes.ContainsAny(line, "\n\x00\x1b") {
			t.Errorf("%q: %v: %s", hostile, err, line)
		}
		for _, text := range []string{records[0].Body, whole["oom.diagnosis.summary"].(string), whole["oom.diagnosis.advice"].(string), string(line)} {
			if again := readText(t, Options{}, text+"\n"); len(again) > 0 {
				t.Errorf("%q: read again, this is a record: %s\n%s", hostile, text, again[0].AppendJSON(nil))
			}
		}
	}
}

// TestNamesInClones: a clone and the parsers of streams ask as well.
func TestNamesInClones(t *testing.T) {
	asked := 0
	opt := Options{Transport: FormatNone, Names: func(w Workload) Names { asked++; return Names{ContainerName: "web"} }}
	line := "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/lxc.payload.a,task_memcg=/lxc.payload.a,task=b,pid=12,uid=0"
	p, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	p.Feed([]byte(line))
	c := p.Clone()
	s, err := NewStreams(opt, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Get([]byte("k"), nil).Feed([]byte(line))
	for i, records := range [][]*Record{p.Flush(), c.Flush(), s.FlushAll()} {
		if len(records) != 1 || records[0].Text("container.name") != "web" || records[0].Body != "OOM kill: b (12) in container web" {
			t.Errorf("%d: %d records: %s", i, len(records), records[0].AppendJSON(nil))
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times for three records", asked)
	}
}
