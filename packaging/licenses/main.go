// SPDX-License-Identifier: Apache-2.0

// Command licenses lists the licences of what a program links, and fails where one of them is not
// to be linked: any that asks for the source of the whole program (AGPL, GPL, LGPL), and any that
// is not known.
//
//	licenses [-platform linux/amd64,windows/amd64] [-notices FILE] NAME PACKAGE…
//	licenses -modules GO.MOD…
//
// The first form runs in the directory of the module that the packages are in. NAME is what the
// program is called. The second fails where a go.mod names a module under the AGPL, linked or not,
// as far as it is in the module cache: what is not there is no part of any build.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-licenses/v2/licenses"
	"k8s.io/klog/v2"
)

// self is this project's path, which every list leaves out.
const self = "github.com/oomtrail/oomtrail"

func main() {
	platforms := flag.String("platform", "", "GOOS/GOARCH of the programs, with commas between; this machine's when empty")
	notices := flag.String("notices", "", "write the licences' texts into this file")
	modules := flag.Bool("modules", false, "ask of the modules that the named go.mod name")
	flag.Parse()
	klog.LogToStderr(false) // it warns of every file that is not Go's
	klog.SetOutput(io.Discard)
	if err := run(flag.Args(), *platforms, *notices, *modules); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(args []string, platforms, notices string, modules bool) error {
	classifier, err := licenses.NewClassifier()
	if err != nil {
		return err
	}
	if modules {
		return ofModules(classifier, args)
	}
	if len(args) < 2 {
		return fmt.Errorf("the name of a program and its packages are missing")
	}
	works, err := linked(classifier, strings.Split(platforms, ","), args[1:])
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d works of others\n", args[0], len(works))
	for _, w := range works {
		fmt.Printf("  %-70s %-40s %s\n", w.name, w.version, w.licence())
	}
	if err := refused(works, work.mayLink); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if notices == "" {
		return nil
	}
	text, err := noticesOf(args[0], works)
	if err != nil {
		return err
	}
	return os.WriteFile(notices, []byte(text), 0o644)
}

// work is a library of others, as far as one licence file covers it.
type work struct {
	name, version string
	file          string // of the licence
	licences      []licenses.License
}

// licence is the names of the licences that the file holds.
func (w work) licence() string {
	var names []string
	for _, l := range w.licences {
		if !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	if len(names) == 0 {
		return "unknown"
	}
	slices.Sort(names)
	return strings.Join(names, " AND ")
}

// byHand are the licences of modules whose LICENSE the classifier does not know, by module and
// version.
var byHand = map[string]licenses.License{
	// It is the notice that the Apache licence asks for, and not its text.
	"github.com/Showmax/go-fqdn v1.0.0": {Name: "Apache-2.0", Type: licenses.Notice},
}

// identified returns the work with its licence by hand where the classifier knows none.
func (w work) identified() work {
	l, ok := byHand[w.name+" "+w.version]
	if !ok || len(w.licences) > 0 {
		return w
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", w.name).Output()
	if err == nil {
		w.file, w.licences = filepath.Join(strings.TrimSpace(string(dir)), "LICENSE"), []licenses.License{l}
	}
	return w
}

// agpl: whether the AGPL is among the work's licences.
func (w work) agpl() bool {
	return slices.ContainsFunc(w.licences, func(l licenses.License) bool { return strings.HasPrefix(l.Name, "AGPL") })
}

// allPermissive is a licence that the classifier knows by name and has no type for. It permits
// everything as long as its notice stays. Apache Thrift names it for a build file, which nothing
// links.
const allPermissive = "GNU-All-permissive-Copying-License"

// mayLink: whether the work's licences let this project link it, and give away what came of it,
// with the licences' texts beside it.
func (w work) mayLink() bool {
	for _, l := range w.licences {
		if l.Name == allPermissive {
			continue
		}
		switch l.Type {
		case licenses.Notice, licenses.Permissive, licenses.Unencumbered, licenses.Reciprocal:
		default:
			return false
		}
	}
	return len(w.licences) > 0
}

// refused names the works that are not allowed.
func refused(works []work, allowed func(work) bool) error {
	var bad []string
	for _, w := range works {
		if !allowed(w) {
			bad = append(bad, fmt.Sprintf("%s %s: %s", w.name, w.version, w.licence()))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("not allowed by their licences:\n  %s", strings.Join(bad, "\n  "))
}

// linked returns the works that the packages link on any of the platforms, in the order of their
// names, Go's own library first.
func linked(classifier licenses.Classifier, platforms, packages []string) ([]work, error) {
	own, err := goItself(classifier)
	if err != nil {
		return nil, err
	}
	var works []work
	for _, platform := range platforms {
		if os, arch, ok := strings.Cut(platform, "/"); ok {
			setenv("GOOS", os)
			setenv("GOARCH", arch)
		}
		libraries, err := licenses.Libraries(context.Background(), classifier, false, []string{self}, packages...)
		if err != nil {
			return nil, err
		}
		for _, l := range libraries {
			w := work{name: l.Name(), version: l.Version(), file: l.LicenseFile, licences: l.Licenses}.identified()
			if !slices.ContainsFunc(works, func(o work) bool { return o.name == w.name && o.file == w.file }) {
				works = append(works, w)
			}
		}
	}
	slices.SortFunc(works, func(a, b work) int { return strings.Compare(a.name+"\x00"+a.file, b.name+"\x00"+b.file) })
	return append([]work{own}, works...), nil
}
