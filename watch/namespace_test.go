// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLocated: what lies above a namespace is named only where the mount reaches that far.
func TestLocated(t *testing.T) {
	for _, c := range []struct{ origin, cgroup, want string }{
		{"", "/a", "/a"},
		{"", "/../a", "/../a"},
		{"/pods/a", "/", "/pods/a"},
		{"/pods/a", "/b/c", "/pods/a/b/c"},
		{"/pods/a", "/../b", "/pods/b"},
		{"/pods/a", "/../../b", "/b"},
		{"/pods/a", "/../..", "/"},
		{"/pods/a", "/../../../b", "/../../../b"},
		{"/pods/a", "/..b", "/pods/a/..b"},
		{"/a", "/../..b/c", "/..b/c"},
	} {
		s := System{Proc: t.TempDir()}
		origins.Store(s, c.origin)
		if got := s.located(c.cgroup); got != c.want {
			t.Errorf("%s in %q: %s, want %s", c.cgroup, c.origin, got, c.want)
		}
	}
}

// TestNarrowed: a container that has the machine's own directories mounted sees all.
func TestNarrowed(t *testing.T) {
	for _, c := range []struct {
		name               string
		pids, cgroups      string
		files              []string
		processes, groups2 bool
	}{
		{"the machine", firstPIDs, firstCgroups, []string{"proc/2/comm", "cgroup/cgroup.controllers"}, false, false},
		{"a container", "pid:[4026532178]", "cgroup:[4026532179]", []string{"cgroup/cgroup.controllers", "cgroup/cgroup.events"}, true, true},
		{"a container of version 1", "pid:[4026532178]", "cgroup:[4026532179]", []string{"cgroup/memory/memory.usage_in_bytes"}, true, true},
		{"the machine's root in a container", "pid:[4026532178]", "cgroup:[4026532179]", []string{"proc/2/comm", "cgroup/cgroup.controllers"}, false, false},
		{"that of version 1", "pid:[4026532178]", "cgroup:[4026532179]", []string{"proc/2/comm", "cgroup/memory/memory.usage_in_bytes", "cgroup/memory/release_agent"}, false, false},
		{"not known", "", "", nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := System{Proc: filepath.Join(dir, "proc"), Cgroups: filepath.Join(dir, "cgroup")}
			content := map[string]string{"comm": "kthreadd\n", "cgroup.controllers": "cpu memory\n", "memory.usage_in_bytes": "1\n"}
			for _, name := range c.files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content[filepath.Base(path)]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for kind, name := range map[string]string{"pid": c.pids, "cgroup": c.cgroups} {
				ns := filepath.Join(s.Proc, "self/ns")
				if err := os.MkdirAll(ns, 0o700); err != nil {
					t.Fatal(err)
				}
				if name == "" {
					continue
				}
				if err := os.Symlink(name, filepath.Join(ns, kind)); err != nil {
					t.Skip("NOT RUN: no symbolic link can be made here: ", err)
				}
			}
			if processes, cgroups := s.Narrowed(); processes != c.processes || cgroups != c.groups2 {
				t.Errorf("processes %t, cgroups %t", processes, cgroups)
			}
		})
	}
}
