// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

type cpioEntry struct {
	name, data         string
	mode, major, minor int
}

// readCpio reads the "newc" format as the kernel's init/initramfs.c does.
func readCpio(t *testing.T, b []byte) (list []cpioEntry) {
	t.Helper()
	round := func(n int) int { return (n + 3) &^ 3 }
	for at := 0; ; {
		field := func(i int) int {
			n, err := strconv.ParseUint(string(b[at+6+8*i:at+14+8*i]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
		if string(b[at:at+6]) != "070701" {
			t.Fatalf("no magic at %d", at)
		}
		size, length := field(6), field(11)
		name := string(b[at+110 : at+110+length-1])
		data := round(at + 110 + length)
		list = append(list, cpioEntry{name, string(b[data : data+size]), field(1), field(9), field(10)})
		if name == "TRAILER!!!" {
			return list
		}
		at = round(data + size)
	}
}

func TestInitramfs(t *testing.T) {
	dir := t.TempDir()
	module := func(name, depends string) string {
		file := filepath.Join(dir, name+".ko")
		if err := os.WriteFile(file, []byte("ELF\x00license=GPL\x00depends="+depends+"\x00"), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	tr := &tree{modules: map[string]string{"zram": module("zram", "lzo-compress,crypto"), "lzo_compress": module("lzo-compress", "")}}
	archive, err := buildInitramfs(tr, []byte("program"), map[string][]byte{"a/b/c": []byte("xyz")})
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]cpioEntry{}
	var order []string
	for _, e := range readCpio(t, archive) {
		entries[e.name] = e
		order = append(order, e.name)
	}
	if e := entries["init"]; e.data != "program" || e.mode != 0o100755 {
		t.Errorf("init: %+v", e)
	}
	if e := entries["dev/console"]; e.mode != 0o020600 || e.major != 5 || e.minor != 1 {
		t.Errorf("console: %+v", e)
	}
	if e := entries["modules"]; e.data != "/modules.d/lzo_compress.ko\n/modules.d/zram.ko\n" {
		t.Errorf("modules: %q", e.data)
	}
	if e := entries["a/b/c"]; e.data != "xyz" {
		t.Errorf("a/b/c: %+v", e)
	}
	if s := strings.Join(order, " "); !strings.Contains(s, "a a/b a/b/c") {
		t.Errorf("directories come after what is in them: %s", s)
	}
}

func TestModuleOfAnotherCompression(t *testing.T) {
	if _, err := readModule("/x/zram.ko.gz"); err == nil {
		t.Error("read")
	}
}
