// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// programLimit is the longest that a program may say nothing.
const programLimit = 10 * time.Minute

// program is another program to boot in the place of the guest, as /init. What it writes to
// /dev/ttyS1 is printed. It says "exit: 0" at the end, and powers off.
type program struct {
	file, with, options, disks string
	memoryMB                   int
}

func (p *program) flags() {
	flag.StringVar(&p.file, "program", "", "boot this program as /init, in the place of the scenarios")
	flag.StringVar(&p.with, "with", "", "further files for it, PATH=FILE, separated by commas")
	flag.StringVar(&p.options, "options", "", "words for the kernel's command line")
	flag.StringVar(&p.disks, "disks", "", "sizes of disks in MiB, separated by commas")
	flag.IntVar(&p.memoryMB, "memory", 512, "memory of its guest in MiB")
}

func (p *program) run(f flags) error {
	t, _, err := openKernel(f)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "capture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m := &machine{name: "program", memoryMB: p.memoryMB, cpus: 2}
	if m.disks, err = p.makeDisks(dir); err != nil {
		return err
	}
	initrd := filepath.Join(dir, "initramfs")
	if err := p.pack(t, initrd); err != nil {
		return err
	}
	e, err := emulate(t, m, initrd, dir, "quiet "+p.options)
	if err != nil {
		return err
	}
	return p.follow(e)
}

func (p *program) makeDisks(dir string) (disks []string, err error) {
	for i, size := range words(p.disks) {
		n, err := strconv.Atoi(size)
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("-disks: %q is not a size in MiB", size)
		}
		disk := filepath.Join(dir, fmt.Sprintf("disk%d", i))
		if err := errors.Join(os.WriteFile(disk, nil, 0o600), os.Truncate(disk, int64(n)<<20)); err != nil {
			return nil, err
		}
		disks = append(disks, disk)
	}
	return disks, nil
}

// pack writes the archive that the kernel unpacks.
func (p *program) pack(t *tree, initrd string) error {
	init, err := os.ReadFile(p.file)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, pair := range words(p.with) {
		path, file, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("-with: %q is not PATH=FILE", pair)
		}
		if files[path], err = os.ReadFile(file); err != nil {
			return err
		}
	}
	archive, err := buildInitramfs(t, init, files)
	if err != nil {
		return err
	}
	return os.WriteFile(initrd, archive, 0o644)
}

// follow prints what the program says, until the guest has ended.
func (p *program) follow(e *emulation) error {
	printed, changed := 0, time.Now()
	said := func() []byte { return bytes.ReplaceAll(e.read("files.bin"), []byte("\r"), nil) }
	printNew := func() {
		if text := said(); len(text) > printed {
			fmt.Printf("%s", text[printed:])
			printed, changed = len(text), time.Now()
		}
	}
	for {
		select {
		case err := <-e.exited:
			printNew()
			if err == nil && !bytes.HasSuffix(said(), []byte("exit: 0\n")) {
				err = fmt.Errorf("the program failed: %s", tail(e.read("console.log"), 1000))
			}
			return err
		case <-time.After(pollInterval):
			printNew()
		}
		if time.Since(changed) > programLimit {
			return errors.Join(fmt.Errorf("the guest does nothing any more: %s", tail(e.read("console.log"), 1000)), e.stop())
		}
	}
}
