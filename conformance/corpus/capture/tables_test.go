// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"testing"
)

var builtGuest = sync.OnceValues(func() (*guest, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return buildGuest(dir)
})

// compileGuest builds the guest once, where a compiler is.
func compileGuest(t *testing.T) *guest {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("NOT RUN: this test needs gcc, to build the guest")
	}
	g, err := builtGuest()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestTables holds the guest's scenarios against the driver's machines: each names the other.
func TestTables(t *testing.T) {
	g := compileGuest(t)
	used := map[string]bool{"host": true}
	seen := map[string]bool{}
	plain := regexp.MustCompile(`^[a-z]_[a-z0-9_]+$`)
	for _, s := range g.scenarios {
		if seen[s.name] || !plain.MatchString(s.name) {
			t.Errorf("scenario %q: twice, or no plain name", s.name)
		}
		seen[s.name] = true
		if len(s.machines) == 0 || s.about == "" {
			t.Errorf("%s: machines %v, about %q", s.name, s.machines, s.about)
		}
		for _, name := range s.machines {
			if name != "host" && findMachine(name) == nil {
				t.Errorf("%s: no machine %q in machines.go", s.name, name)
			}
			used[name] = true
		}
	}
	for _, m := range machines {
		if !used[m.name] {
			t.Errorf("machine %q: no scenario names it", m.name)
		}
		if n := len(g.on(m.name, nil)); m.panics && n != 1 {
			t.Errorf("machine %q ends in a panic and has %d scenarios", m.name, n)
		}
	}
}

// TestCapturesStayApart: two machines must not write the same directory.
func TestCapturesStayApart(t *testing.T) {
	g := compileGuest(t)
	for _, s := range g.scenarios {
		var suffixes []string
		for _, name := range s.machines {
			if m := findMachine(name); m != nil {
				if slices.Contains(suffixes, m.suffix()) {
					t.Errorf("%s runs twice into %s%s", s.name, s.name, m.suffix())
				}
				suffixes = append(suffixes, m.suffix())
			}
		}
	}
}

func TestOnlySome(t *testing.T) {
	g := compileGuest(t)
	if got := g.on("cgroup-v2", []string{"e_docker", "a_global_anon"}); !slices.Equal(got, []string{"e_docker"}) {
		t.Errorf("on(cgroup-v2) is %v", got)
	}
	f := flags{only: []string{"e_dokcer"}}
	if err := f.check(g); err == nil {
		t.Error("a scenario that there is not was taken")
	}
	f = flags{machines: []string{"globl"}}
	if err := f.check(g); err == nil {
		t.Error("a machine that there is not was taken")
	}
}

func TestFindKernel(t *testing.T) {
	if k, err := findKernel("6.12"); err != nil || k.suite == "" {
		t.Errorf("6.12: %+v, %v", k, err)
	}
	if _, err := findKernel("2.6"); err == nil {
		t.Error("2.6 was found")
	}
}
