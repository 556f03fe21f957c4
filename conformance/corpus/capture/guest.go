// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed guest
var guestSource embed.FS

// scenario is a row of the guest's own table.
type scenario struct {
	name, about string
	// machines that it runs on; "host" for this one.
	machines []string
}

// guest is the program that makes processes be killed: pid 1 in a guest, a plain program on the
// host.
type guest struct {
	program   string
	scenarios []scenario
}

// buildGuest compiles it, linked statically, into a directory.
func buildGuest(dir string) (*guest, error) {
	if err := os.CopyFS(filepath.Join(dir, "src"), guestSource); err != nil {
		return nil, err
	}
	sources, _ := filepath.Glob(filepath.Join(dir, "src", "guest", "*.c"))
	program := filepath.Join(dir, "guest")
	args := append([]string{"-std=gnu11", "-static", "-O1", "-pthread", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-o", program}, sources...)
	if _, err := command("", "gcc", args...); err != nil {
		if strings.Contains(err.Error(), "cannot find -lc") {
			return nil, fmt.Errorf("no static C library: apt-get install libc6-dev (glibc-static elsewhere): %w", err)
		}
		return nil, err
	}
	table, err := command("", program, "list")
	if err != nil {
		return nil, err
	}
	g := &guest{program: program}
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		g.scenarios = append(g.scenarios, scenario{name: f[0], machines: strings.Fields(f[1]), about: f[2]})
	}
	return g, nil
}

// on returns the names of scenarios of a machine, of those only that are chosen where any is.
func (g *guest) on(machine string, only []string) []string {
	var names []string
	for _, s := range g.scenarios {
		if slices.Contains(s.machines, machine) && (len(only) == 0 || slices.Contains(only, s.name)) {
			names = append(names, s.name)
		}
	}
	return names
}

func (g *guest) has(name string) bool {
	return slices.ContainsFunc(g.scenarios, func(s scenario) bool { return s.name == name })
}
