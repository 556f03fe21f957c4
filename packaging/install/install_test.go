// SPDX-License-Identifier: Apache-2.0

// Package install tries what a user of Go does: go install of a released version.
package install

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const (
	path    = "github.com/oomtrail/oomtrail"
	version = "v1.999.0"
)

// TestGoInstall: `go install github.com/oomtrail/oomtrail/cmd/oomtrail@latest` works for the last
// commit as if it were released, and the program knows its version. The module is published in a
// directory, as a module proxy has it; all else comes out of this machine's module cache.
func TestGoInstall(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	published, tree := filepath.Join(dir, "proxy", path, "@v"), filepath.Join(dir, "tree")
	for _, d := range []string{published, tree} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("git", "-C", root, "archive", "-o", filepath.Join(dir, "tree.tar"), "HEAD").CombinedOutput(); err != nil {
		t.Fatalf("this is no tree of git's: %s", out)
	}
	if out, err := exec.Command("tar", "-xf", filepath.Join(dir, "tree.tar"), "-C", tree).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mod, err := os.ReadFile(filepath.Join(tree, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(published, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	// It refuses names of files that not every system has, and modules that are too large.
	if err := zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, tree); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".mod": string(mod), version + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2026-05-01T12:00:00Z"}`, version),
	} {
		if err := os.WriteFile(filepath.Join(published, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "install", path+"/cmd/oomtrail@latest")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOMODCACHE="+filepath.Join(dir, "cache"), "GOSUMDB=off", "GOFLAGS=-modcacherw -trimpath", "GOWORK=off",
		"GOPROXY=file://"+filepath.Join(dir, "proxy")+",file://"+filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(filepath.Join(dir, "oomtrail"), "--version").CombinedOutput()
	if want := "oomtrail " + version + "\n"; err != nil || string(out) != want {
		t.Errorf("--version prints %q, %v, want %q", out, err, want)
	}
	out, err = exec.Command(filepath.Join(dir, "oomtrail"), filepath.Join(root, "testdata/captures/6.12/e_k8s_systemd/syslog.raw")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"oom.kill"`) {
		t.Errorf("a capture: %v\n%s", err, out)
	}
}
