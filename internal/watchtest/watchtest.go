// SPDX-License-Identifier: Apache-2.0

// Package watchtest has the files of /proc and of cgroups as real kernels gave them, for tests.
package watchtest

import (
	"embed"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/watch"
)

// Version1 and Version2 are a guest of Linux 6.1 with cgroups of that version: services app, two,
// grp, ssh and lowered, and a container of a pod, each with processes of known size. In lowered one
// was killed, and then its limit was set below its peak.
const (
	Version1 = "6.1-v1.txt"
	Version2 = "6.1-v2.txt"
)

//go:embed testdata/*.txt
var files embed.FS

// Unpack writes a machine's files below a new directory, and returns the directory and the machine.
func Unpack(t testing.TB, name string) (root string, system watch.System) {
	t.Helper()
	text, err := files.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	root = t.TempDir()
	for file := range strings.SplitSeq("\n"+string(text), "\n-- ") {
		path, content, found := strings.Cut(file, " --\n")
		if !found {
			continue
		}
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	system = watch.At(root)
	system.PageSize = 4096
	return root, system
}
