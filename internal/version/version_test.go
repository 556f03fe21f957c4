// SPDX-License-Identifier: Apache-2.0

package version

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	if got := Get(); got.Version == "" {
		t.Error("a build without a version")
	}
	version, commit, date = "v1.2.3", "0123abcd", "2026-05-01T12:00:00Z"
	defer func() { version, commit, date = "", "", "" }()
	if got := Get().String(); got != "v1.2.3 (commit 0123abcd, 2026-05-01T12:00:00Z)" {
		t.Error(got)
	}
}

// TestNoted: what Go notes in a program counts where the linker set nothing.
func TestNoted(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: strings.Repeat("a", 40)}, {Key: "vcs.time", Value: "2026-05-01T12:00:00Z"}, {Key: "vcs.modified", Value: "true"}}
	ours := debug.Module{Path: module, Version: "v1.2.3"}
	other := debug.Module{Path: "example.com/collector", Version: "v9.9.9"}
	for _, test := range []struct {
		name  string
		set   Info
		build *debug.BuildInfo
		want  string
	}{
		{"nothing", Info{}, nil, "devel"},
		{"go install", Info{}, &debug.BuildInfo{Main: ours}, "v1.2.3"},
		{"go build without git", Info{}, &debug.BuildInfo{Main: debug.Module{Path: module, Version: "(devel)"}}, "devel"},
		{"go build with changes", Info{}, &debug.BuildInfo{Main: ours, Settings: vcs}, "v1.2.3 (commit aaaaaaaaaaaa+changes, 2026-05-01T12:00:00Z)"},
		{"a release", Info{"v2.0.0", "0123abcd", "2026-06-01T12:00:00Z"}, &debug.BuildInfo{Main: ours, Settings: vcs}, "v2.0.0 (commit 0123abcd, 2026-06-01T12:00:00Z)"},
		{"a collector of others", Info{}, &debug.BuildInfo{Main: other, Deps: []*debug.Module{&ours}, Settings: vcs}, "v1.2.3"},
		{"a collector of others, from a directory", Info{}, &debug.BuildInfo{Main: other, Deps: []*debug.Module{{Path: module, Version: "v0.0.0", Replace: &debug.Module{Path: "../.."}}}}, "devel"},
	} {
		if got := get(test.set, test.build).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestScript: a tag is the version; between tags it is what Go would call the commit.
func TestScript(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("NOT RUN: there is no git here")
	}
	dir := t.TempDir()
	script, err := os.ReadFile("version.sh")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "version.sh")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(script))
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL=/dev/null", "TZ=Asia/Tokyo",
			"GIT_AUTHOR_NAME=n", "GIT_AUTHOR_EMAIL=n@example.com", "GIT_COMMITTER_NAME=n", "GIT_COMMITTER_EMAIL=n@example.com", "GIT_COMMITTER_DATE=2026-05-01T12:00:00+02:00")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	is := func(want string) {
		t.Helper()
		if got := run("sh", file); !regexp.MustCompile("^" + want + "\n$").MatchString(got) {
			t.Errorf("%q, want %s", got, want)
		}
	}
	const rest = ` [0-9a-f]{40} 2026-05-01T10:00:00Z`
	is("devel")
	run("git", "init", "-q")
	run("git", "add", ".")
	run("git", "commit", "-qm", "one")
	is(`v0\.0\.0-20260501100000-[0-9a-f]{12}` + rest)
	write(string(script) + "# changed\n")
	is(`v0\.0\.0-20260501100000-[0-9a-f]{12}\+dirty` + rest)
	write(string(script))
	run("git", "tag", "v1.2.9")
	is(`v1\.2\.9` + rest)
	run("git", "commit", "-qm", "two", "--allow-empty")
	is(`v1\.2\.10-0\.20260501100000-[0-9a-f]{12}` + rest)
	run("git", "tag", "v1.3.0-rc.1")
	run("git", "commit", "-qm", "three", "--allow-empty")
	is(`v1\.3\.0-rc\.1\.0\.20260501100000-[0-9a-f]{12}` + rest)
}
