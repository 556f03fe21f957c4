// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var (
	imagesDir   = flag.String("images", "", "`DIRECTORY` of the images that make images made")
	made        = flag.String("made", "", "`NAMES` of the images that it holds")
	madeArch    = flag.String("arch", "", "their architectures")
	madeVersion = flag.String("version", "", "their version")
	madeCommit  = flag.String("commit", "", "their commit")
	madeDate    = flag.String("date", "", "its time")
)

// links are the names of the plugin's file as output and as input.
var links = []string{"out_oom_kill.so", "flb-in_oom_kill.so"}

// entry is a file of an image.
type entry struct {
	header  *tar.Header
	content []byte
}

// open reads the image of a layout.
func open(t *testing.T, dir string) v1.ImageIndex {
	t.Helper()
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 {
		t.Fatalf("%s holds %d images, want 1", dir, len(manifest.Manifests))
	}
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// platforms returns the images of an index by architecture.
func platforms(t *testing.T, index v1.ImageIndex) map[string]v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	images := map[string]v1.Image{}
	for _, m := range manifest.Manifests {
		image, err := index.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		images[m.Platform.OS+"/"+m.Platform.Architecture] = image
	}
	return images
}

// tree returns the files of an image as a container sees them.
func tree(t *testing.T, image v1.Image) map[string]entry {
	t.Helper()
	flat := mutate.Extract(image)
	defer flat.Close()
	files := map[string]entry{}
	for r := tar.NewReader(flat); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeDir {
			files[header.Name] = entry{header, content}
		}
	}
}

// stage makes a tree of an image, with a mode that depends on who makes it.
func stage(t *testing.T, dir, image, arch string, umask fs.FileMode) {
	t.Helper()
	root := filepath.Join(dir, image, arch, "usr/local/lib/fluent-bit")
	if err := os.MkdirAll(root, 0o777&^umask); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"flb-filter_oom_kill.so": 0o644, "plugins.conf": 0o600, "run": 0o755} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(arch+name), mode&^umask); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range links {
		if err := os.Symlink("flb-filter_oom_kill.so", filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReproducible: the same files give the same digest, whoever makes the image, and when.
func TestReproducible(t *testing.T) {
	var digests []string
	for i, umask := range []fs.FileMode{0o022, 0o077} {
		dir := t.TempDir()
		for _, arch := range []string{"amd64", "arm64"} {
			stage(t, dir, "oomtrail-fluent-bit", arch, umask)
		}
		if i == 1 { // another age
			old := time.Unix(1, 0)
			if err := os.Chtimes(filepath.Join(dir, "oomtrail-fluent-bit/amd64/usr"), old, old); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(t.TempDir(), "out")
		args := []string{"-stage", dir, "-out", out, "-version", "v1.2.3", "-commit", "0123", "-date", "2026-05-01T12:00:00Z", "oomtrail-fluent-bit"}
		for range 2 { // the second replaces the first
			if err := run(args); err != nil {
				t.Fatal(err)
			}
		}
		index := open(t, filepath.Join(out, "oomtrail-fluent-bit"))
		digest, err := index.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest.String())
		for name, image := range platforms(t, index) {
			files := tree(t, image)
			for _, of := range links {
				link := files["usr/local/lib/fluent-bit/"+of].header
				if link == nil || link.Typeflag != tar.TypeSymlink || link.Linkname != "flb-filter_oom_kill.so" {
					t.Errorf("%s: the link %s is %+v", name, of, link)
				}
			}
			for file, mode := range map[string]int64{"plugins.conf": 0o644, "run": 0o755} {
				if got := files["usr/local/lib/fluent-bit/"+file].header.Mode; got != mode {
					t.Errorf("%s: %s has mode %o, want %o", name, file, got, mode)
				}
			}
			if got := string(files["usr/local/lib/fluent-bit/run"].content); !strings.HasSuffix(name, strings.TrimSuffix(got, "run")) {
				t.Errorf("%s holds the file of %s", name, got)
			}
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("two digests of the same files: %s", digests)
	}
}

// TestPush: a registry takes the image, and gives it back as it is.
func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://") + "/project"
	dir := t.TempDir()
	stage(t, dir, "oomtrail-fluent-bit", "amd64", 0o022)
	out := t.TempDir()
	if err := run([]string{"-stage", dir, "-out", out, "-arch", "amd64", "-version", "v1.2.3+dirty", "-push", host, "oomtrail-fluent-bit"}); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(host + "/oomtrail-fluent-bit:1.2.3_dirty")
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Index(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(got); err != nil {
		t.Error(err)
	}
	gotDigest, _ := got.Digest()
	wantDigest, _ := open(t, filepath.Join(out, "oomtrail-fluent-bit")).Digest()
	if gotDigest != wantDigest {
		t.Errorf("the registry has %s, the layout %s", gotDigest, wantDigest)
	}
}

// TestErrors: what is missing is named.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "oomtrail/amd64/empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"name the images":    {},
		"no such image":      {"other"},
		"holds no file":      {"-arch", "amd64", "oomtrail"},
		"arm64: no such":     {"-arch", "arm64", "oomtrail"},
		"-date: parsing":     {"-date", "today", "oomtrail"},
		"-push: could not p": {"-arch", "amd64", "-push", "A b", "oomtrail-fluent-bit"},
	} {
		stageDir := dir
		if strings.HasPrefix(want, "-push") {
			stageDir = t.TempDir()
			stage(t, stageDir, "oomtrail-fluent-bit", "amd64", 0o022)
		}
		err := run(append([]string{"-stage", stageDir, "-out", filepath.Join(t.TempDir(), "out")}, args...))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}

// contents says what each image holds, and the size it may not pass.
var contents = map[string]struct {
	files []string
	size  int64
}{
	"oomtrail":    {[]string{"licenses/LICENSE", "licenses/oomtrail.txt", "usr/local/bin/oomtrail"}, 8 << 20},
	"otelcol-oom": {[]string{"etc/otelcol-oom/config.yaml", certificatesPath, "licenses/LICENSE", "licenses/otelcol-oom.txt", "otelcol-oom"}, 60 << 20},
	"oomtrail-fluent-bit": {[]string{"copy", "licenses/LICENSE", "licenses/oomtrail-fluent-bit.txt", "usr/local/lib/fluent-bit/flb-filter_oom_kill.so",
		"usr/local/lib/fluent-bit/flb-in_oom_kill.so", "usr/local/lib/fluent-bit/out_oom_kill.so", "usr/local/lib/fluent-bit/plugins.conf"}, 10 << 20},
}

// TestContents looks at what make images made.
func TestContents(t *testing.T) {
	if *imagesDir == "" {
		t.Skip("NOT RUN: make check-images makes the images that this test looks at")
	}
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	for _, image := range strings.Fields(*made) {
		index := open(t, filepath.Join(*imagesDir, image))
		if err := validate.Index(index); err != nil {
			t.Errorf("%s: %v", image, err)
		}
		images := platforms(t, index)
		arches := strings.Fields(*madeArch)
		if len(images) != len(arches) {
			t.Errorf("%s is for %d platforms, want %q", image, len(images), arches)
		}
		for _, arch := range arches {
			t.Run(image+"/"+arch, func(t *testing.T) {
				one := images["linux/"+arch]
				if one == nil {
					t.Fatal("missing")
				}
				checkConfig(t, image, arch, one)
				files := tree(t, one)
				var names []string
				for name, file := range files {
					names = append(names, name)
					h := file.header
					if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Mode&0o022 != 0 || h.ModTime.UTC().Format(time.RFC3339) != *madeDate {
						t.Errorf("%s: owner %d:%d (%s), mode %o, age %s", name, h.Uid, h.Gid, h.Uname, h.Mode, h.ModTime)
					}
					if !bytes.HasPrefix(file.content, []byte(elf.ELFMAG)) {
						continue
					}
					program, err := elf.NewFile(bytes.NewReader(file.content))
					if err != nil {
						t.Fatal(err)
					}
					if program.Machine != machines[arch] {
						t.Errorf("%s is for %s", name, program.Machine)
					}
					if libraries, _ := program.ImportedLibraries(); len(libraries) > 0 && !strings.HasSuffix(name, ".so") {
						t.Errorf("%s needs %q, which are not in the image", name, libraries)
					}
				}
				slices.Sort(names)
				if !slices.Equal(names, contents[image].files) {
					t.Errorf("it holds %q,\nwant %q", names, contents[image].files)
				}
				size := int64(0)
				layers, _ := one.Layers()
				for _, layer := range layers {
					n, err := layer.Size()
					if err != nil {
						t.Fatal(err)
					}
					size += n
				}
				if size > contents[image].size {
					t.Errorf("%d bytes to download, want at most %d", size, contents[image].size)
				}
				t.Logf("%d layers, %.1f MB to download", len(layers), float64(size)/1e6)
				if pem := files[certificatesPath].content; pem != nil {
					if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(pem) {
						t.Error("there are no certificates in the file of certificates")
					}
				}
				runs(t, image, arch, files)
			})
		}
	}
}

func checkConfig(t *testing.T, image, arch string, one v1.Image) {
	t.Helper()
	file, err := one.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	k := kinds[image]
	want := v1.Config{
		Entrypoint: k.Entrypoint, Cmd: k.Cmd, User: "65532:65532", WorkingDir: "/", Env: []string{"PATH=/usr/local/bin"},
		Labels: map[string]string{
			"org.opencontainers.image.title": image, "org.opencontainers.image.description": k.Description,
			"org.opencontainers.image.version": *madeVersion, "org.opencontainers.image.revision": *madeCommit,
			"org.opencontainers.image.created": *madeDate, "org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.source":        "https://github.com/oomtrail/oomtrail",
			"org.opencontainers.image.documentation": "https://github.com/oomtrail/oomtrail/tree/main/deploy",
		},
	}
	gotJSON, _ := json.Marshal(file.Config)
	wantJSON, _ := json.Marshal(want)
	if !bytes.Equal(gotJSON, wantJSON) {
		t.Errorf("configuration %s\nwant %s", gotJSON, wantJSON)
	}
	if file.OS != "linux" || file.Architecture != arch || file.Created.UTC().Format(time.RFC3339) != *madeDate {
		t.Errorf("%s/%s of %s", file.OS, file.Architecture, file.Created)
	}
}

// runs starts the program of an image for this machine: the version is that of the label, and the
// plugin arrives in a volume as it is.
func runs(t *testing.T, image, arch string, files map[string]entry) {
	t.Helper()
	if arch != runtime.GOARCH || runtime.GOOS != "linux" {
		return
	}
	root := t.TempDir()
	for name, file := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if file.header.Typeflag == tar.TypeSymlink {
			if err := os.Symlink(file.header.Linkname, path); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, file.content, fs.FileMode(file.header.Mode)); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(root, kinds[image].Entrypoint[0])
	if image != "oomtrail-fluent-bit" {
		out, err := exec.Command(program, "--version").CombinedOutput()
		if err != nil || !strings.Contains(string(out), *madeVersion) {
			t.Errorf("--version: %v, %s", err, out)
		}
		return
	}
	volume := t.TempDir()
	for range 2 { // a pod that starts again finds the files there
		if out, err := exec.Command(program, filepath.Join(root, kinds[image].Entrypoint[1]), volume).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, of := range links {
		link, err := os.Readlink(filepath.Join(volume, of))
		if err != nil || link != "flb-filter_oom_kill.so" {
			t.Errorf("the link %s is %q, %v", of, link, err)
		}
	}
	got, err := os.ReadFile(filepath.Join(volume, "flb-filter_oom_kill.so"))
	if err != nil || !bytes.Equal(got, files["usr/local/lib/fluent-bit/flb-filter_oom_kill.so"].content) {
		t.Errorf("the plugin arrives as %d bytes, %v", len(got), err)
	}
	if left, _ := os.ReadDir(volume); len(left) != 4 {
		t.Errorf("the volume holds %v", left)
	}
	out, err := exec.Command(program, root, filepath.Join(volume, "none")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "none is no directory: mount a volume (emptyDir) there") {
		t.Errorf("without a volume: %v, %s", err, out)
	}
}
