// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// guestModules are loaded where a kernel has them as modules: for swap on compressed memory, the
// power button that wakes a guest, and disks.
var guestModules = []string{"lzo", "lzo_rle", "zram", "button", "virtio_pci", "virtio_blk"}

// buildInitramfs returns the archive that the kernel unpacks as its root: the guest, modules and
// further files (path in the guest to contents).
func buildInitramfs(t *tree, guest []byte, files map[string][]byte) ([]byte, error) {
	var a cpioArchive
	for _, dir := range []string{"dev", "proc", "sys", "mnt", "run", "modules.d"} {
		a.dir(dir)
	}
	a.console("dev/console")
	a.file("init", 0o755, guest)
	var list []string
	for _, name := range guestModules {
		if err := addModule(&a, t, name, &list); err != nil {
			return nil, err
		}
	}
	a.file("modules", 0o644, []byte(strings.Join(list, "\n")+"\n"))
	for _, name := range sortedKeys(files) {
		a.parents(name)
		a.file(name, permissions(files[name]), files[name])
	}
	return a.bytes(), nil
}

var depends = regexp.MustCompile(`\x00depends=([^\x00]*)\x00`)

// addModule adds a module behind those that it depends on; one that is built in is passed over.
func addModule(a *cpioArchive, t *tree, name string, list *[]string) error {
	name = strings.ReplaceAll(name, "-", "_")
	file := path.Join("modules.d", name+".ko")
	source, ok := t.modules[name]
	if !ok || slices.Contains(*list, "/"+file) {
		return nil
	}
	data, err := readModule(source)
	if err != nil {
		return err
	}
	if m := depends.FindSubmatch(append([]byte{0}, data...)); m != nil {
		for _, d := range strings.Split(string(m[1]), ",") {
			if err := addModule(a, t, d, list); err != nil {
				return err
			}
		}
	}
	a.file(file, 0o644, data)
	*list = append(*list, "/"+file)
	return nil
}

func readModule(file string) ([]byte, error) {
	switch path.Ext(file) {
	case ".xz":
		return command("", "xz", "-dc", file)
	case ".ko":
		return os.ReadFile(file)
	}
	return nil, fmt.Errorf("%s: modules compressed like this are not read; xz and none are", file)
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// permissions let programs be run.
func permissions(data []byte) int {
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return 0o755
	}
	return 0o644
}

// cpioArchive is the "newc" format of the kernel's Documentation/driver-api/early-userspace.
// Writing it here needs no root for the device node.
type cpioArchive struct {
	buf   bytes.Buffer
	inode int
	made  map[string]bool
}

const (
	modeDir  = 0o040000
	modeFile = 0o100000
	modeChar = 0o020000
)

func (a *cpioArchive) entry(name string, mode int, data []byte, major, minor int) {
	a.inode++
	// Magic, inode, mode, uid, gid, links, mtime, size, device, the node's device, length of the
	// name, checksum.
	fmt.Fprintf(&a.buf, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name)+1, 0)
	a.buf.WriteString(name)
	a.buf.WriteByte(0)
	a.pad()
	a.buf.Write(data)
	a.pad()
}

func (a *cpioArchive) pad() {
	for a.buf.Len()%4 != 0 {
		a.buf.WriteByte(0)
	}
}

func (a *cpioArchive) dir(name string) {
	if a.made == nil {
		a.made = map[string]bool{}
	}
	if !a.made[name] {
		a.made[name] = true
		a.entry(name, modeDir|0o755, nil, 0, 0)
	}
}

// parents makes the directories above a file.
func (a *cpioArchive) parents(name string) {
	for i, c := range name {
		if c == '/' {
			a.dir(name[:i])
		}
	}
}

func (a *cpioArchive) file(name string, perm int, data []byte) {
	a.entry(name, modeFile|perm, data, 0, 0)
}
func (a *cpioArchive) console(name string) { a.entry(name, modeChar|0o600, nil, 5, 1) }

func (a *cpioArchive) bytes() []byte {
	a.entry("TRAILER!!!", 0, nil, 0, 0)
	return a.buf.Bytes()
}
