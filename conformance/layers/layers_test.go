// SPDX-License-Identifier: Apache-2.0

// Package layers holds what each part of the project may link: the parser the standard library
// alone, the command nothing of a collector, and nobody but the command what draws a terminal.
package layers

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const self = "github.com/oomtrail/oomtrail"

// platforms are those that an import may hang on.
var platforms = []string{"linux", "darwin", "windows", "js"}

// mayImport are the packages of internal that import more than the standard library, and what.
var mayImport = map[string][]string{
	"internal/health":    {"go.opentelemetry.io/collector/component"},                  // of both collector components
	"internal/kmsg":      {"golang.org/x/sys"},                                         // the device
	"internal/livelog":   {"github.com/cenkalti/backoff"},                              // waits between restarts
	"internal/unpack":    {"github.com/ulikunitz/xz", "github.com/klauspost/compress"}, // logs that are packed
	"internal/warning":   {self + "/watch"},                                            // what it warns of
	"internal/watchtest": {self + "/watch"},                                            // files for tests of it
}

// onlyCommand is what the command alone may link, or the web page with it.
var onlyCommand = []string{"github.com/spf13", "github.com/jedib0t/go-pretty", "github.com/ulikunitz/xz", "golang.org/x/term"}

// onlyTests are the requirements of go.mod that no program links. The tests that mdatagen generates
// of both collector components import them.
var onlyTests = []string{
	"github.com/google/go-cmp",
	"github.com/stretchr/testify",
	"go.opentelemetry.io/collector/component/componenttest",
	"go.opentelemetry.io/collector/consumer/consumertest",
	"go.opentelemetry.io/collector/processor/processortest",
	"go.opentelemetry.io/collector/receiver/receivertest",
	"go.opentelemetry.io/otel/sdk/metric",
	"go.uber.org/goleak",
}

// look looks at every source file, so that go test does not take a result from its cache that go
// list, another process, would not repeat.
var look = sync.OnceValue(func() error {
	return filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "build" || entry.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) == ".go" || entry.Name() == "go.mod":
			_, err = os.Stat(path)
		}
		return err
	})
})

// list runs go list for a platform and returns its lines.
func list(t *testing.T, platform string, args ...string) []string {
	t.Helper()
	if err := look(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS="+platform, "GOARCH=amd64", "CGO_ENABLED=1")
	if platform == "js" {
		cmd.Env = append(cmd.Env, "GOARCH=wasm")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}

// linked returns the packages that some packages link on a platform, without the standard library.
func linked(t *testing.T, platform string, packages ...string) []string {
	t.Helper()
	return list(t, platform, append([]string{"-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, packages...)...)
}

// within reports whether a package is one of some modules or directories, or below one.
func within(pkg string, parents ...string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") })
}

func TestParserLinksTheStandardLibraryOnly(t *testing.T) {
	for _, platform := range platforms {
		packages := linked(t, platform, "./parser/...", "./workload/...")
		if !slices.Contains(packages, self+"/parser") {
			t.Fatalf("%s: the parser is not among what is listed: %v", platform, packages)
		}
		for _, pkg := range packages {
			if !within(pkg, self+"/parser", self+"/workload", self+"/internal") {
				t.Errorf("%s: parser or workload link %s", platform, pkg)
			}
		}
	}
}

// TestWatchLinksLittle: who watches a machine brings nothing along but the calls of its kernel.
func TestWatchLinksLittle(t *testing.T) {
	for _, platform := range platforms {
		for _, pkg := range linked(t, platform, "./watch/...") {
			if !within(pkg, self+"/watch", self+"/parser/report", self+"/internal", "golang.org/x/sys") {
				t.Errorf("%s: watch links %s", platform, pkg)
			}
		}
	}
}

func TestInternalImportsTheStandardLibrary(t *testing.T) {
	seen := map[string]bool{}
	for _, platform := range platforms {
		for _, line := range list(t, platform, "-f", "{{$p := .ImportPath}}{{range .Imports}}{{$p}}:{{.}}\n{{end}}", "./internal/...") {
			from, to, _ := strings.Cut(line, ":")
			from = strings.TrimPrefix(from, self+"/")
			first, _, _ := strings.Cut(to, "/")
			switch {
			case !strings.Contains(first, "."), within(to, self+"/internal", self+"/parser", self+"/workload"):
			case slices.ContainsFunc(mayImport[from], func(prefix string) bool { return strings.HasPrefix(to, prefix) }):
				seen[from] = true
			default:
				t.Errorf("%s: %s imports %s", platform, from, to)
			}
		}
	}
	for from := range mayImport {
		if !seen[from] {
			t.Errorf("%s imports nothing beyond the standard library any more: take it off mayImport", from)
		}
	}
}

func TestProgramsLinkTheirOwnOnly(t *testing.T) {
	for _, pkg := range linked(t, "linux", "./cmd/oomtrail") {
		if within(pkg, "go.opentelemetry.io", "go.uber.org", "github.com/fluent", "github.com/elastic", self+"/fluentbit", self+"/otelreceiver", self+"/otelprocessor", self+"/conformance") {
			t.Errorf("the command links %s", pkg)
		}
	}
	for _, pkg := range linked(t, "linux", "./fluentbit", "./otelreceiver", "./otelprocessor") {
		if within(pkg, append(onlyCommand, self+"/cmd", self+"/conformance")...) {
			t.Errorf("plugin or collector links %s", pkg)
		}
	}
}

// TestUnitsAreAllPackages: make unit and make race run the tests of each package that needs nothing
// built. What needs something is below conformance or packaging.
func TestUnitsAreAllPackages(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, units, ok := strings.Cut(string(makefile), "\nUNITS := ")
	if !ok {
		t.Fatal("the Makefile has no UNITS")
	}
	units, _, _ = strings.Cut(units, "\n")
	parents := []string{self + "/conformance", self + "/packaging"}
	for _, pattern := range strings.Fields(units) {
		parents = append(parents, self+strings.TrimSuffix(strings.TrimPrefix(pattern, "."), "/..."))
	}
	for _, pkg := range list(t, "linux", "./...") {
		if !within(pkg, parents...) {
			t.Errorf("make unit does not run the tests of %s: add it to UNITS of the Makefile", pkg)
		}
	}
}

// TestWebPageIsSmall: the parser in the web page links nothing of a terminal, of other programs or
// of the network, so that the page stays small, and nothing in it could send what it reads.
func TestWebPageIsSmall(t *testing.T) {
	packages := list(t, "js", "-deps", "./web/wasm")
	if !slices.Contains(packages, self+"/web/internal/session") {
		t.Fatalf("the page is not among what is listed: %v", packages)
	}
	for _, pkg := range packages {
		if within(pkg, "net", "os/exec", "time/tzdata", "crypto/tls", "text/template", "html/template", "github.com/spf13", "github.com/jedib0t", "github.com/klauspost", "golang.org/x",
			"go.opentelemetry.io", self+"/cmd", self+"/fluentbit", self+"/otelreceiver", self+"/otelprocessor", self+"/conformance") {
			t.Errorf("the web page links %s", pkg)
		}
	}
}

// TestRequirements holds go.mod to what programs link and what generated tests import. Tools and
// test servers have modules of their own.
func TestRequirements(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	modules := list(t, "linux", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/oomtrail", "./fluentbit", "./otelreceiver", "./otelprocessor")
	for _, require := range mod.Require {
		isLinked, listed := slices.Contains(modules, require.Path), slices.Contains(onlyTests, require.Path)
		switch {
		case require.Indirect:
		case !isLinked && !listed:
			t.Errorf("no program links %s: a tool or a test server that needs it has a module of its own", require.Path)
		case isLinked && listed:
			t.Errorf("%s is linked: take it off onlyTests", require.Path)
		}
	}
}
