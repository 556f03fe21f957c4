// SPDX-License-Identifier: Apache-2.0

// Package packaging holds what packages are made of. Its tests read packages that make packages
// made, and use them in a clean Debian tree: make check-packages.
package packaging

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	packages = flag.String("packages", "", "directory of the packages to test")
	again    = flag.String("again", "", "directory of the same packages, made once more")
	debian   = flag.String("tree", "", "tar file of a clean Debian, which tree.sh makes")
)

// find returns the files of a package in a format, one an architecture that it was made for.
// Without any it skips the test.
func find(t *testing.T, name, format string) []string {
	t.Helper()
	if *packages == "" {
		t.Skip("NOT RUN: -packages names no directory of packages: make check-packages")
	}
	files, err := filepath.Glob(filepath.Join(*packages, name+"_*."+format))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("NOT RUN: %s has no %s of %s", *packages, format, name)
	}
	return files
}

// forThis returns the deb of a package for this machine's architecture.
func forThis(t *testing.T, name string) string {
	t.Helper()
	for _, file := range find(t, name, "deb") {
		if strings.HasSuffix(file, "_"+runtime.GOARCH+".deb") {
			return file
		}
	}
	t.Skipf("NOT RUN: %s has no deb of %s for %s", *packages, name, runtime.GOARCH)
	return ""
}

// output runs a program and returns what it printed; an error fails the test.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %q: %s", name, args, out)
	return string(out)
}

func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("NOT RUN: there is no %s here", program)
	}
}

// TestSameBytes: what is built twice from one commit is the same.
func TestSameBytes(t *testing.T) {
	if *again == "" {
		t.Skip("NOT RUN: -again names no second build")
	}
	names := func(dir string) (names []string) {
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, f := range files {
			names = append(names, f.Name())
		}
		return names
	}
	require.NotEmpty(t, names(*packages))
	require.Equal(t, names(*packages), names(*again))
	for _, name := range names(*packages) {
		one, err := os.ReadFile(filepath.Join(*packages, name))
		require.NoError(t, err)
		other, err := os.ReadFile(filepath.Join(*again, name))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(one, other), "%s differs from one build to the next", name)
	}
}

// entry is a file in a package: its permissions and, where it is a link, what it points to.
type entry struct {
	mode fs.FileMode
	link string
}

// files is what a package installs, without its directories.
type files map[string]entry

func (f files) paths() []string {
	var paths []string
	for p := range f {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// readTar adds the files of a tar archive, and has content called with each.
func (f files) readTar(t *testing.T, from io.Reader, content func(path string, from io.Reader)) {
	t.Helper()
	archive := tar.NewReader(from)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if head.Typeflag == tar.TypeDir {
			continue
		}
		path := "/" + strings.TrimPrefix(strings.TrimPrefix(head.Name, "./"), "/")
		assert.True(t, head.Uname == "root" || head.Uname == "", "%s is of %s", path, head.Uname)
		f[path] = entry{head.FileInfo().Mode().Perm(), head.Linkname}
		content(path, archive)
	}
}

func readDeb(t *testing.T, file string, content func(string, io.Reader)) files {
	t.Helper()
	out, err := exec.Command("dpkg-deb", "--fsys-tarfile", file).Output()
	require.NoError(t, err)
	f := files{}
	f.readTar(t, bytes.NewReader(out), content)
	return f
}

// readRPM asks rpm itself.
func readRPM(t *testing.T, file string) files {
	t.Helper()
	f := files{}
	for _, line := range strings.Split(strings.TrimRight(output(t, "rpm", "-qp", "--qf", `[%{FILENAMES}\t%{FILEMODES:octal}\t%{FILELINKTOS}\n]`, file), "\n"), "\n") {
		part := strings.Split(line, "\t")
		require.Len(t, part, 3, line)
		var mode uint32
		_, err := fmt.Sscanf(part[1], "%o", &mode)
		require.NoError(t, err)
		if mode&0o170000 == 0o040000 {
			continue
		}
		f[part[0]] = entry{fs.FileMode(mode & 0o777), part[2]}
	}
	return f
}

// readAPK reads what an apk is: archives of gzip behind each other, the last with the files. Debian
// has no apk.
func readAPK(t *testing.T, file string) (control string, f files) {
	t.Helper()
	raw, err := os.Open(file)
	require.NoError(t, err)
	defer raw.Close()
	buffered := bufio.NewReader(raw)
	f = files{}
	for {
		unpacked, err := gzip.NewReader(buffered)
		if errors.Is(err, io.EOF) {
			return control, f
		}
		require.NoError(t, err)
		unpacked.Multistream(false)
		member, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		f = files{} // of the last
		f.readTar(t, bytes.NewReader(member), func(path string, from io.Reader) {
			if path == "/.PKGINFO" {
				text, err := io.ReadAll(from)
				require.NoError(t, err)
				control = string(text)
			}
		})
	}
}

// machines are the architectures, as Go, ELF, rpm and apk call them.
var machines = map[string]struct {
	elf  elf.Machine
	name string
}{
	"amd64": {elf.EM_X86_64, "x86_64"},
	"arm64": {elf.EM_AARCH64, "aarch64"},
}

func architecture(file string) string {
	base := strings.TrimSuffix(file, filepath.Ext(file))
	return base[strings.LastIndex(base, "_")+1:]
}

// TestContents: the three formats have the same files, those that are meant; programs are for the
// architecture that the package says, and need no newer C library than it says.
func TestContents(t *testing.T) {
	for name, want := range map[string]struct {
		files   []string // in each format, beside documentation
		perDeb  []string
		perRPM  []string
		perAPK  []string
		conf    []string
		program string
		static  bool
	}{
		"oomtrail": {
			files: []string{"/usr/bin/oomtrail", "/usr/share/man/man1/oomtrail.1.gz", "/usr/share/man/man1/oomtrail-explain.1.gz", "/usr/share/man/man1/oomtrail-follow.1.gz",
				"/usr/share/bash-completion/completions/oomtrail", "/usr/share/fish/vendor_completions.d/oomtrail.fish"},
			perDeb:  []string{"/usr/share/zsh/vendor-completions/_oomtrail"},
			perRPM:  []string{"/usr/share/zsh/site-functions/_oomtrail"},
			perAPK:  []string{"/usr/share/zsh/site-functions/_oomtrail"},
			program: "/usr/bin/oomtrail", static: true,
		},
		"oomtrail-fluent-bit": {
			files: []string{"/usr/lib/fluent-bit/flb-filter_oom_kill.so", "/usr/lib/fluent-bit/out_oom_kill.so", "/usr/lib/fluent-bit/flb-in_oom_kill.so",
				"/etc/fluent-bit/oom_kill/plugins.conf", "/etc/fluent-bit/oom_kill/kmsg-loki.yaml"},
			conf:    []string{"/etc/fluent-bit/oom_kill/plugins.conf"},
			program: "/usr/lib/fluent-bit/flb-filter_oom_kill.so",
		},
		"otelcol-oom": {
			files:   []string{"/usr/bin/otelcol-oom"},
			perDeb:  []string{"/lib/systemd/system/otelcol-oom.service"},
			perRPM:  []string{"/usr/lib/systemd/system/otelcol-oom.service"},
			perAPK:  []string{"/etc/init.d/otelcol-oom"},
			conf:    []string{"/etc/otelcol-oom/config.yaml", "/etc/otelcol-oom/environment"},
			program: "/usr/bin/otelcol-oom", static: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var documents []string
			for _, document := range []string{"copyright", "notices.gz", "changelog.gz"} {
				documents = append(documents, "/usr/share/doc/"+name+"/"+document)
			}
			holds := func(file string, f files, own []string) {
				for _, path := range slices.Concat(want.files, own, want.conf, documents) {
					assert.Contains(t, f.paths(), path, file)
				}
				for path, e := range f {
					wanted := fs.FileMode(0o644)
					switch {
					case e.link != "":
						continue
					case strings.HasPrefix(path, "/usr/bin/"), strings.HasPrefix(path, "/etc/init.d/"):
						wanted = 0o755
					case strings.HasSuffix(path, "/environment"):
						wanted = 0o600
					}
					assert.Equal(t, wanted, e.mode, "%s in %s", path, file)
				}
				if name == "oomtrail-fluent-bit" {
					for _, link := range []string{"out_oom_kill.so", "flb-in_oom_kill.so"} {
						assert.Equal(t, "flb-filter_oom_kill.so", f["/usr/lib/fluent-bit/"+link].link, file)
					}
				}
			}
			var common []string // what deb has, but for what is Debian's own
			for _, file := range find(t, name, "deb") {
				arch := architecture(file)
				assert.Equal(t, arch, strings.TrimSpace(output(t, "dpkg-deb", "-f", file, "Architecture")))
				var program []byte
				f := readDeb(t, file, func(path string, from io.Reader) {
					if path == want.program {
						var err error
						program, err = io.ReadAll(from)
						require.NoError(t, err)
					}
				})
				holds(file, f, want.perDeb)
				common = slices.DeleteFunc(f.paths(), func(p string) bool {
					return slices.Contains(want.perDeb, p) || strings.HasSuffix(p, "/changelog.Debian.gz")
				})
				conf, _ := exec.Command("dpkg-deb", "-I", file, "conffiles").Output()
				for _, path := range want.conf {
					assert.Contains(t, strings.Fields(string(conf)), path, file)
				}
				needs(t, file, program, machines[arch].elf, want.static)
			}
			t.Run("rpm", func(t *testing.T) {
				need(t, "rpm")
				for _, file := range find(t, name, "rpm") {
					f := readRPM(t, file)
					holds(file, f, want.perRPM)
					assert.ElementsMatch(t, slices.Concat(common, want.perRPM), f.paths(), file)
					assert.Equal(t, machines[architecture(file)].name, output(t, "rpm", "-qp", "--qf", "%{ARCH}", file))
					assert.Contains(t, output(t, "rpm", "-K", "--nosignature", file), "digests OK")
					conf := strings.Fields(output(t, "rpm", "-qpc", file))
					for _, path := range want.conf {
						assert.Contains(t, conf, path, file)
					}
				}
			})
			t.Run("apk", func(t *testing.T) {
				for _, file := range find(t, name, "apk") {
					control, f := readAPK(t, file)
					holds(file, f, want.perAPK)
					assert.ElementsMatch(t, slices.Concat(common, want.perAPK), f.paths(), file)
					assert.Contains(t, control, "arch = "+machines[architecture(file)].name+"\n")
					for _, line := range strings.Split(strings.TrimSpace(control), "\n") {
						assert.Contains(t, line, " = ", "apk reads no other line")
					}
				}
			})
		})
	}
}

// needs holds a program against what its package says of it.
func needs(t *testing.T, file string, program []byte, machine elf.Machine, static bool) {
	t.Helper()
	read, err := elf.NewFile(bytes.NewReader(program))
	require.NoError(t, err, file)
	assert.Equal(t, machine, read.Machine, file)
	libraries, err := read.ImportedLibraries()
	require.NoError(t, err)
	depends := output(t, "dpkg-deb", "-f", file, "Depends")
	if static {
		assert.Empty(t, libraries, "%s needs libraries", file)
		assert.NotContains(t, depends, "libc6", file)
		return
	}
	symbols, err := read.ImportedSymbols()
	require.NoError(t, err)
	newest := ""
	for _, s := range symbols {
		if v, ok := strings.CutPrefix(s.Version, "GLIBC_"); ok && exec.Command("dpkg", "--compare-versions", v, "gt", newest+"~").Run() == nil {
			newest = v
		}
	}
	assert.Equal(t, "libc6 (>= "+newest+")", strings.TrimSpace(depends), file)
}
