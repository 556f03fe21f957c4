// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// tree makes a directory as different users at different times make it.
func tree(t *testing.T, umask os.FileMode, at time.Time, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append(names, "library.so") {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o666)
		if !strings.Contains(name, ".") {
			mode = 0o777
		}
		if err := os.WriteFile(path, []byte("this is "+name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode&^umask); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("library.so", filepath.Join(dir, "alias.so")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func pack(t *testing.T, dir, ending string, more ...string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "archive"+ending)
	args := append([]string{"-date", "2026-05-01T12:30:10+02:00", "-into", "oomtrail_1.0.0"}, more...)
	if err := run(append(args, name, dir)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestTheSameFilesGiveTheSameBytes(t *testing.T) {
	one := tree(t, 0o022, time.Unix(1700000000, 0), "oomtrail", "man/oomtrail.1", "LICENSE.txt")
	other := tree(t, 0o077, time.Unix(1800000000, 7), "LICENSE.txt", "man/oomtrail.1", "oomtrail")
	changed := tree(t, 0o022, time.Unix(1700000000, 0), "oomtrail", "man/oomtrail-top.1", "LICENSE.txt")
	for _, ending := range []string{".tar", ".tar.gz", ".zip"} {
		if !bytes.Equal(pack(t, one, ending), pack(t, other, ending)) {
			t.Errorf("%s: the same files, made by another user in another order, give other bytes", ending)
		}
		if bytes.Equal(pack(t, one, ending), pack(t, changed, ending)) {
			t.Errorf("%s: another name gives the same bytes", ending)
		}
	}
}

func TestWhatIsInAnArchive(t *testing.T) {
	dir := tree(t, 0o077, time.Now(), "oomtrail", "man/oomtrail.1")
	want := []string{
		"oomtrail_1.0.0/ drwxr-xr-x ",
		"oomtrail_1.0.0/alias.so Lrwxrwxrwx library.so",
		"oomtrail_1.0.0/library.so -rw-r--r-- this is library.so",
		"oomtrail_1.0.0/man/ drwxr-xr-x ",
		"oomtrail_1.0.0/man/oomtrail.1 -rw-r--r-- this is man/oomtrail.1",
		"oomtrail_1.0.0/oomtrail -rwxr-xr-x this is oomtrail",
	}
	at := time.Date(2026, 5, 1, 10, 30, 10, 0, time.UTC)

	var got []string
	for r := tar.NewReader(bytes.NewReader(pack(t, dir, ".tar"))); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !header.ModTime.Equal(at) || header.Uid != 0 || header.Uname != "" {
			t.Errorf("%s: %v of %d %q", header.Name, header.ModTime, header.Uid, header.Uname)
		}
		got = append(got, fmt.Sprintf("%s %v %s%s", header.Name, header.FileInfo().Mode(), header.Linkname, content))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("tar: %q", got)
	}

	packed := pack(t, dir, ".zip")
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !file.Modified.Equal(at) {
			t.Errorf("%s: %v", file.Name, file.Modified)
		}
		got = append(got, fmt.Sprintf("%s %v %s", file.Name, file.Mode(), content))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("zip: %q", got)
	}
}

func TestNoHalfAnArchiveIsLeft(t *testing.T) {
	for _, name := range []string{"oomtrail.rar", "oomtrail.zip"} {
		path := filepath.Join(t.TempDir(), name)
		if err := run([]string{path, filepath.Join(t.TempDir(), "nothing")}); err == nil {
			t.Errorf("%s of a directory that is not there is no error", name)
		}
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
}

func TestNotesOfARelease(t *testing.T) {
	script, err := os.ReadFile("notes.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "packaging/release"), 0o755); err != nil {
		t.Fatal(err)
	}
	changes := "# Changelog\n\nAll of it.\n\n## Unreleased\n\n- not yet\n\n## 1.2.10 - 2026-05-02\n\n- ten\n\n### Records\n\n- new\n\n## 1.2.1 - 2026-05-01\n\n- one\n\n## 1.2.0\n"
	for name, content := range map[string]string{"packaging/release/notes.sh": string(script), "CHANGELOG.md": changes} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for tag, want := range map[string]string{
		"v1.2.10":      "- ten\n\n### Records\n\n- new\n",
		"v1.2.1":       "- one\n",
		"v1.3.0-rc.1":  "- not yet\n",
		"v1.2.0":       "", // nothing is written under it
		"v1.2":         "", // no such version
		"vUnreleased2": "",
	} {
		out, err := exec.Command("sh", filepath.Join(dir, "packaging/release/notes.sh"), tag).Output()
		if strings.TrimLeft(string(out), "\n") != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", tag, out, err)
		}
	}
}

// A tag of an action can be moved to other code, a digest cannot.
func TestWorkflowsPinTheirActions(t *testing.T) {
	workflows, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(workflows) < 2 {
		t.Fatal(workflows, err)
	}
	uses := regexp.MustCompile(`(?m)^.*\buses:.*$`)
	pinned := regexp.MustCompile(`uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, workflow := range workflows {
		content, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		lines := uses.FindAllString(string(content), -1)
		if len(lines) == 0 {
			t.Errorf("%s uses no action", workflow)
		}
		for _, line := range lines {
			if !pinned.MatchString(line) {
				t.Errorf("%s: %s: not pinned by digest, with its version after it", workflow, strings.TrimSpace(line))
			}
		}
	}
}
