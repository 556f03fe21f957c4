// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// captureHost runs the scenarios that stay within a cgroup of their own on this machine.
func captureHost(f flags, g *guest, work string) error {
	if err := requireHost(); err != nil {
		return err
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	scenarios := g.on("host", f.only)
	if len(scenarios) == 0 {
		return fmt.Errorf("-only: none of these scenarios is for a host; -list tells which are")
	}
	files := filepath.Join(work, "files")
	if err := os.MkdirAll(files, 0o755); err != nil {
		return err
	}
	base := fmt.Sprintf("/oomtrail-capture-%d", os.Getpid())
	said, err := command("", g.program, "host", base, files, strings.Join(scenarios, ","))
	if err != nil {
		return fmt.Errorf("%w %s", err, tail(said, 500))
	}
	about := map[string]any{"host": true}
	for _, s := range scenarios {
		got, err := readFiles(filepath.Join(files, s))
		if err != nil {
			return err
		}
		dir := filepath.Join(f.out, "host-"+strings.TrimSpace(string(release)), s+hostSuffix())
		if err := storeScenario(dir, got, about); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	fmt.Printf("%s: %d scenarios, ok\n", strings.TrimSpace(string(release)), len(scenarios))
	return nil
}

// hostSuffix tells which version of cgroups has the memory controller here.
func hostSuffix() string {
	if _, err := os.Stat("/sys/fs/cgroup/memory/tasks"); err == nil {
		return "@v1"
	}
	return ""
}

func readFiles(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}
