// SPDX-License-Identifier: Apache-2.0

package main

import (
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// daemonPackages hold programs that read the log or kill before the kernel does. A suite need not
// have all.
var daemonPackages = []string{"systemd", "systemd-oomd", "earlyoom"}

var (
	daemonPrograms = []string{"systemd-journald", "journalctl", "systemd-oomd", "earlyoom"}
	// daemonParts are these packages and the libraries that they depend on.
	daemonParts = regexp.MustCompile(`^(systemd|systemd-oomd|earlyoom|zlib1g|lib[^:]*)$`)
)

const (
	daemonDir = "daemon/"
	// libraryDir is where the loader looks when nothing else is said.
	libraryDir = "usr/lib/x86_64-linux-gnu/"
)

// daemonSettings are files that the programs want to find. oomd shall not wait half a minute.
var daemonSettings = map[string]string{
	"etc/machine-id":        "0123456789abcdef0123456789abcdef\n",
	"etc/systemd/oomd.conf": "[OOM]\nDefaultMemoryPressureDurationSec=1s\n",
	"etc/passwd":            "root:x:0:0:root:/root:/bin/sh\n",
	"etc/group":             "root:x:0:\nsystemd-journal:x:101:\n",
}

// fetchDaemons returns the files that the programs need in a guest, from the suite that the kernel
// is from.
func fetchDaemons(suite string, a *apt, cache string) (map[string][]byte, error) {
	var packages []string
	for _, p := range daemonPackages {
		if _, err := command("", "apt-cache", append(append([]string{}, a.options...), "show", p)...); err == nil {
			packages = append(packages, p)
		}
	}
	parts, err := a.depends(daemonParts, packages...)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "daemons-"+suite)
	if err := a.unpack(parts, dir); err != nil {
		return nil, err
	}
	c := collection{found: map[string]string{}, files: map[string][]byte{}}
	if err := c.index(dir); err != nil {
		return nil, err
	}
	for _, name := range daemonPrograms {
		if c.found[name] == "" {
			continue // the scenario notes it
		}
		if err := c.program(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, text := range daemonSettings {
		c.files[name] = []byte(text)
	}
	return c.files, nil
}

// collection gathers programs with their libraries out of unpacked packages.
type collection struct {
	found map[string]string // path by name of file
	files map[string][]byte // path in the guest to contents
}

func (c *collection) index(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && linkable(path) {
			c.found[d.Name()] = path
		}
		return err
	})
}

// linkable reports whether a path is a program or library, or a link to one beside it and not into
// this machine.
func linkable(path string) bool {
	target, err := os.Readlink(path)
	if err == nil && filepath.IsAbs(target) {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	magic := make([]byte, len(elf.ELFMAG))
	_, err = io.ReadFull(f, magic)
	return err == nil && string(magic) == elf.ELFMAG
}

func (c *collection) program(name string) error {
	data, err := os.ReadFile(c.found[name])
	if err != nil {
		return err
	}
	c.files[daemonDir+name] = data
	f, err := elf.Open(c.found[name])
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	loader := interpreter(f)
	if err := c.library(filepath.Base(loader), strings.TrimPrefix(loader, "/")); err != nil {
		return err
	}
	return c.libraries(f)
}

// libraries adds what a program or library is linked with.
func (c *collection) libraries(f *elf.File) error {
	names, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.library(name, libraryDir+name); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) library(name, as string) error {
	if c.files[as] != nil {
		return nil
	}
	path := c.found[name]
	if path == "" {
		return fmt.Errorf("no package has library %s", name)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c.files[as] = data
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return c.libraries(f)
}

// interpreter returns the path of the loader that a program asks for.
func interpreter(f *elf.File) string {
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			b := make([]byte, p.Filesz)
			if _, err := p.ReadAt(b, 0); err != nil {
				return ""
			}
			return strings.TrimRight(string(b), "\x00")
		}
	}
	return ""
}
