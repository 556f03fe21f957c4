// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	kubeID  = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	kubeUID = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
)

// kubeCase is lines of one stream, and what is read from them: all facts, each on a line.
type kubeCase struct {
	name, text string
	fields     map[string]string
	container  bool
	program    string
	want       string
}

// readAll returns what all programs say of the lines of a text, each fact on a line.
func readAll(c *kubeCase, deaths bool) string {
	r := Readers{Deaths: deaths}
	var got []string
	for i, text := range strings.Split(c.text, "\n") {
		l := Line{Text: text, Author: Author{Program: c.program, Container: c.container}, At: report.Stamp{Number: i + 1}}
		if c.fields != nil {
			l.Author.Field = func(name string) string { return c.fields[name] }
			l.At.Wall = time.Date(2026, 5, 2, 10, 0, 3, 0, time.UTC)
		}
		r.Read(&l, func(f *Fact) { got = append(got, said(f)) })
	}
	return strings.Join(got, "\n")
}

// said writes what a fact says.
func said(f *Fact) string {
	var b strings.Builder
	b.WriteString(kindNames[f.Kind])
	add := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	number := func(name string, v report.Int) {
		if v.OK {
			fmt.Fprintf(&b, " %s=%d", name, v.V)
		}
	}
	k := &f.Keys
	add("by", f.Writer)
	add("killer", f.Killer)
	add("of", f.VictimKind)
	if k.HasPID {
		add("pid", fmt.Sprint(k.PID))
	}
	add("comm", k.Comm)
	add("id", strings.ReplaceAll(k.ContainerID, kubeID, "ID"))
	add("cgroup", k.Cgroup)
	add("pod", strings.ReplaceAll(k.PodUID, kubeUID, "UID"))
	add("podname", strings.Trim(k.Namespace+"/"+k.PodName, "/"))
	add("container", k.ContainerName)
	add("step", k.SlurmStep)
	add("occurrence", strings.ReplaceAll(k.Occurrence, kubeID, "ID"))
	add("signal", f.Signal)
	add("reason", f.Reason)
	add("node", f.Node)
	add("name", f.Name)
	add("image", f.Image)
	number("exit", f.ExitCode)
	number("observed", f.Observed)
	number("rss", f.RSS)
	number("uid", f.UserID)
	number("adj", f.ScoreAdj)
	number("usage", f.Usage)
	number("limit", f.Limit)
	number("threshold", f.Evicted.Threshold)
	number("available", f.Evicted.Available)
	number("used", f.Evicted.Usage)
	number("request", f.Evicted.Request)
	if f.Hold != 0 {
		add("hold", f.Hold.String())
	}
	if f.Verified {
		b.WriteString(" verified")
	}
	if !f.InnerTime.IsZero() {
		add("at", f.InnerTime.Format("15:04:05.999"))
	}
	return b.String()
}

// testKube reads each case with deaths; without, the same is read but for deaths and what was sent.
func testKube(t *testing.T, cases []kubeCase) {
	t.Helper()
	for i := range cases {
		c := &cases[i]
		c.text = strings.NewReplacer("$ID", kubeID, "$UID", kubeUID).Replace(c.text)
		t.Run(c.name, func(t *testing.T) {
			got := readAll(c, true)
			if got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
			}
			var others []string
			for _, line := range strings.Split(c.want, "\n") {
				if !strings.HasPrefix(line, "death") && !strings.HasPrefix(line, "sent") {
					others = append(others, line)
				}
			}
			if got, want := readAll(c, false), strings.Join(others, "\n"); got != want {
				t.Errorf("without deaths:\n got %s\nwant %s", got, want)
			}
		})
	}
}

// FuzzKube: whatever a line holds, a fact of it names its writer and holds only keys that can be.
func FuzzKube(f *testing.F) {
	for _, seed := range []string{
		`I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z"}`,
		`I0502 10:00:02.331907    1021 oom_watcher_linux.go:77] Got sys oom event: &{24117 ingest 2026-05-02 10:00:01.9 +0000 UTC m=+81.100 / / CONSTRAINT_NONE}`,
		"W0311 09:12:44.120043    1021 eviction_manager.go:344] eviction manager: attempting to reclaim memory\nI0311 09:12:44.998120    1021 eviction_manager.go:577] eviction manager: pod cart-0_shop(" + kubeUID + ") is evicted successfully",
		`I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="` + kubeUID + `" containerName="cart" containerID="containerd://` + kubeID + `" gracePeriod=30`,
		`{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z","count":4}`,
		`{"kind":"Pod","metadata":{"uid":"` + kubeUID + `"},"status":{"containerStatuses":[{"name":"cart","lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-05-02T10:00:01Z","containerID":"containerd://` + kubeID + `"}}}]}}`,
		`I0502 10:00:02.331907       1 log_monitor.go:160] New status generated: &{Source:kernel-monitor Events:[{Severity:warn Timestamp:2026-05-02 10:00:01.9 +0000 UTC Reason:OOMKilling Message:Out of memory: Killed process 1 (a) total-vm:8kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB}] Conditions:[]}`,
		`I0502 10:00:02.331907       1 manager.go:1216] Created an OOM event in container "/a/b" at 2026-05-02 10:00:01.9 +0000 UTC m=+12.1`,
		`level=info time=2026-05-02T10:00:02Z msg="DockerGoClient: process within container ` + kubeID + ` (name: \"ecs-web-1\") died due to OOM" module=docker_client.go`,
		`{"@message":"OOM Killed","@timestamp":"2026-05-02T10:00:02.123Z","container_id":"` + kubeID + `","nomad_task_name":"web","nomad_alloc_id":"a-1"}`,
		`2026-05-02T10:00:02.300Z [INFO]  client.alloc_runner.task_runner: Task event: alloc_id=a-1 task=web type=Terminated msg="Exit Code: 137, Exit Message: \"OOM Killed\"" failed=false`,
		"Job has gone over cgroup memory limit of 8192 megabytes. Last measured usage: 8190 megabytes.  Consider resubmitting with a higher request_memory.",
		"slurmstepd: error: Detected 3 oom_kill events in StepId=77120.0. Some of the step tasks have been OOM Killed.",
		"3m56s (x2 over 9m)   Warning   OOMKilling   node/node-7   " + kubectlKill,
		"shop   3m   Warning   Evicted   pod/cart-0   " + kubectlLow,
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, trusted bool) {
		readers := Readers{Deaths: true}
		for _, line := range strings.Split(text, "\n") {
			l := Line{Text: line, Author: Author{Trusted: trusted}}
			readers.Read(&l, func(f *Fact) {
				k := &f.Keys
				switch {
				case f.Kind == None || f.Writer == "" || f.Verified:
					t.Errorf("kind, writer or trust: %+v", f)
				case k.ContainerID != "" && !ids.IsContainerID(k.ContainerID), k.PodUID != "" && podUID(k.PodUID) == "":
					t.Errorf("ids: %+v", k)
				case k.HasPID && k.PID <= 0, f.Killer != "" && f.Killer != Kernel:
					t.Errorf("victim: %+v", k)
				case f.Hold < 0, f.Evicted.Usage.V < 0, f.Limit.V < 0, f.Usage.V < 0, f.Observed.V < 0:
					t.Errorf("figures: %+v", f)
				}
			})
		}
	})
}
