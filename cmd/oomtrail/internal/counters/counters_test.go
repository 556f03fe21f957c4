// SPDX-License-Identifier: Apache-2.0

package counters

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/watch"
)

// machine makes the counters of a machine.
func machine(t *testing.T, files map[string]string) watch.System {
	t.Helper()
	root := t.TempDir()
	s := watch.System{Proc: filepath.Join(root, "proc"), Cgroups: filepath.Join(root, "cgroup")}
	for path, text := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestMachine: how many kills the log lacks, and which cgroups counted them: of their own
// processes, in every version of the files.
func TestMachine(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		says  []string
		not   string
	}{
		{"no kill", map[string]string{"proc/vmstat": "nr_free_pages 5\noom_kill 0\n"}, []string{"counts no kill since boot either"}, "Cgroups"},
		{"before 4.13", map[string]string{"proc/vmstat": "nr_free_pages 5\n"}, []string{"does not count its kills"}, "Cgroups"},
		{"strict", map[string]string{"proc/vmstat": "oom_kill 0\n", "proc/sys/vm/overcommit_memory": "2\n"}, []string{"This machine has vm.overcommit_memory=2"}, "Cgroups"},
		{"host only", map[string]string{"proc/vmstat": "oom_kill 1\n", "cgroup/cgroup.controllers": "memory\n", "cgroup/a/memory.events": "oom 0\noom_kill 0\n"}, []string{"counts 1 kill since boot", "No cgroup"}, "Cgroups"},
		{"local", map[string]string{"proc/vmstat": "oom_kill 18\n", "cgroup/cgroup.controllers": "memory\n",
			"cgroup/a/memory.events": "oom_kill 18\n", "cgroup/a/memory.events.local": "oom_kill 0\n",
			"cgroup/a/b.service/memory.events": "oom_kill 15\n", "cgroup/a/b.service/memory.events.local": "oom 3\noom_kill 15\n",
			"cgroup/a/c/memory.events": "oom_kill 3\n", "cgroup/a/c/memory.events.local": "oom_kill 3\n"},
			[]string{"counts 18 kills since boot", "15  /a/b.service\n", "3  /a/c\n"}, " /a\n"},
		{"hierarchical", map[string]string{"proc/vmstat": "oom_kill 7\n", "cgroup/cgroup.controllers": "memory\n", "cgroup/a/memory.events": "oom_kill 7\n", "cgroup/a/b/memory.events": "oom_kill 5\n"},
			[]string{"5  /a/b\n", "2  /a\n"}, ""},
		{"version 1", map[string]string{"proc/vmstat": "oom_kill 4\n", "cgroup/memory/memory.usage_in_bytes": "5\n", "cgroup/memory/docker/x/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"},
			[]string{"4  /memory/docker/x\n"}, ""},
		{"hostile name", map[string]string{"proc/vmstat": "oom_kill 4\n", "cgroup/cgroup.controllers": "memory\n", "cgroup/a\x1b[2J\n/memory.events": "oom_kill 4\n", "cgroup/a\x1b[2J\n/memory.events.local": "oom_kill 4\n"}, []string{`4  /a\x1b[2J\n`}, "\x1b"},
	} {
		var out strings.Builder
		note(&out, machine(t, c.files))
		for _, want := range c.says {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %q:\n%s", c.name, want, &out)
			}
		}
		if c.not != "" && strings.Contains(out.String(), c.not) {
			t.Errorf("%s has %q:\n%s", c.name, c.not, &out)
		}
	}
}
