// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// tree is an unpacked kernel.
type tree struct {
	kernel
	// release as uname prints it.
	release string
	image   string
	// modules by name with underscores, as the kernel calls them.
	modules map[string]string
	// cgroupV1: its memory controller can be on cgroup v1.
	cgroupV1 bool
	// packages it came from.
	packages []string
}

// versioned packages hold a kernel; the others that it depends on are tools to install it.
var versioned = regexp.MustCompile(`^linux-(image|binary|modules|base)-[0-9]`)

// fetchKernel takes a kernel from the machine's package sources.
func fetchKernel(k kernel, a *apt, cache string) (*tree, error) {
	parts, err := a.depends(versioned, kernelPackage)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, parts[0])
	if err := a.unpack(parts, dir); err != nil {
		return nil, err
	}
	t := &tree{kernel: k, packages: parts, modules: map[string]string{}}
	if err := t.scan(dir); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(t.release, k.name+".") {
		return nil, fmt.Errorf("suite %s ships kernel %s now, not %s: give it a row of its own in kernels.go", k.suite, t.release, k.name)
	}
	return t, nil
}

// scan finds image, configuration and modules, wherever this version of the packages puts them.
func (t *tree) scan(dir string) error {
	var config []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		base := d.Name()
		switch {
		case strings.HasPrefix(base, "vmlinuz"):
			t.image = path
		case base == "config" || strings.HasPrefix(base, "config-"):
			config, err = os.ReadFile(path)
		case strings.Contains(base, ".ko"):
			name, _, _ := strings.Cut(base, ".ko")
			t.modules[strings.ReplaceAll(name, "-", "_")] = path
			t.release = releaseOf(path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if t.image == "" || config == nil || t.release == "" {
		return fmt.Errorf("packages %s: no vmlinuz, config or modules in them", strings.Join(t.packages, " "))
	}
	// Before 6.11 there was no choice.
	t.cgroupV1 = bytes.Contains(config, []byte("\nCONFIG_MEMCG_V1=y")) || !bytes.Contains(config, []byte("CONFIG_MEMCG_V1"))
	return nil
}

// releaseOf takes the release out of a module's path, …/lib/modules/RELEASE/….
func releaseOf(path string) string {
	_, rest, _ := strings.Cut(path, "/lib/modules/")
	release, _, _ := strings.Cut(rest, "/")
	return release
}
