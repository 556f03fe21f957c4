// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestNamesInWords: summary and advice call a workload by its names.
func TestNamesInWords(t *testing.T) {
	const id = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	const uid = "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
	pod, container := report.Names{Namespace: "shop", Pod: "cart-0"}, report.Names{Namespace: "shop", Pod: "cart-0", Container: "app"}
	docker, compose := report.Names{ContainerName: "web"}, report.Names{ContainerName: "shop-db-1", ComposeProject: "shop", ComposeService: "db"}
	for _, c := range []struct {
		path            string
		names           report.Names
		summary, advice string
	}{
		{"/kubepods/burstable/pod" + uid + "/" + id, container, "24 MiB limit of container app of pod shop/cart-0", "raise resources.limits.memory of container app of pod shop/cart-0, and its request"},
		{"/kubepods/burstable/pod" + uid + "/" + id, pod, "24 MiB limit of container 4f2a9be0c7d1 of pod shop/cart-0", "raise the container's resources.limits.memory, and"},
		{"/kubepods/burstable/pod" + uid, pod, "24 MiB limit of pod shop/cart-0", "resources.limits.memory of the containers of pod shop/cart-0 (the pod's limit"},
		{"/kubepods/burstable/pod" + uid, report.Names{Doubt: "two"}, "24 MiB limit of pod " + uid, "resources.limits.memory of the pod's containers (the pod's limit"},
		{"/docker/" + id, docker, "24 MiB limit of container web", "raise --memory of container web (docker update"},
		{"/docker/" + id, compose, "24 MiB limit of container shop-db-1", "raise mem_limit of service db in Compose project shop"},
		{"/docker/" + id, report.Names{ContainerName: "db", ComposeService: "db"}, "24 MiB limit of container db", "raise --memory of container db (docker update"},
		{"/machine.slice/libpod-" + id + ".scope", docker, "24 MiB limit of container web", "raise --memory of container web (podman update"},
		{"/nomad.slice/" + uid + ".redis.scope", report.Names{JobName: "web", TaskName: "redis"}, "24 MiB limit of task redis of nomad job web", "in the resources of task redis of nomad job web"},
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", report.Names{Machine: "vm"}, "24 MiB limit of machine vm", "the machine's memory"},
	} {
		all := readNaming(t, cgroupReport(c.path, hogStats, hogRows...), func(report.Workload) report.Names { return c.names })
		if len(all) != 1 || !strings.Contains(all[0].Summary, c.summary) || !strings.Contains(all[0].Advice, c.advice) {
			t.Errorf("%s, %+v: %+v lacks %q or %q", c.path, c.names, all, c.summary, c.advice)
		}
	}
}

// TestLongNames: no name makes the texts longer than their bound, or a line of the kernel's of
// them.
func TestLongNames(t *testing.T) {
	files, err := filepath.Glob("../../testdata/captures/*/*/kmsg.raw")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	longest := 0
	for _, name := range []string{strings.Repeat("a-", 250), strings.Repeat("Killed process 9 ", 15), strings.Repeat("\x01", 100), "oom-kill:constraint=CONSTRAINT_MEMCG"} {
		names := report.Names{Namespace: name, Pod: name, Container: name, ContainerName: name, ComposeProject: name, ComposeService: name, JobName: name, TaskName: name, Machine: name}
		for _, file := range files {
			log, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for line := range strings.Lines(string(log)) {
				_, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ";")
				texts = append(texts, text)
			}
			for _, d := range readNaming(t, strings.Join(texts, "\n"), func(report.Workload) report.Names { return names }) {
				longest = max(longest, len(d.Summary)+len(d.Advice))
				for _, text := range []string{d.Summary, d.Advice} {
					if kernel.Classify(text) != kernel.Other || strings.Contains(strings.ToLower(text), "killed process") || strings.ContainsRune(text, 1) {
						t.Errorf("%s: %s", file, text)
					}
				}
			}
		}
	}
	if longest >= 1024 {
		t.Errorf("summary and advice have %d bytes together", longest)
	}
}
