// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/go-licenses/v2/licenses"
)

func setenv(key, value string) {
	if err := os.Setenv(key, value); err != nil {
		panic(err) // only a key that is none
	}
}

// goItself is Go's own library, which every program links. It also sets where that library is, by
// which [licenses.Libraries] knows it: a program built with -trimpath does not know, and then takes
// all for it.
func goItself(classifier licenses.Classifier) (work, error) {
	out, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	if err != nil {
		return work{}, fmt.Errorf("go env: %w", err)
	}
	version, root, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	build.Default.GOROOT = root
	w := work{name: "Go standard library", version: version, file: filepath.Join(root, "LICENSE")}
	w.licences, err = classifier.Identify(w.file)
	return w, err
}

// ofModules asks of all modules that the go.mod name.
func ofModules(classifier licenses.Classifier, files []string) error {
	for _, file := range files {
		works, absent, err := named(classifier, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		fmt.Printf("%s: %d modules looked at, %d not in the module cache\n", file, len(works), absent)
		if err := refused(works, func(w work) bool { return !w.agpl() }); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// named returns the modules that a go.mod requires and the module cache holds, and how many it does
// not hold.
func named(classifier licenses.Classifier, file string) (works []work, absent int, err error) {
	goCommand := func(args ...string) (*json.Decoder, error) {
		c := exec.Command("go", args...)
		c.Dir = filepath.Dir(file)
		c.Stderr = os.Stderr
		out, err := c.Output()
		return json.NewDecoder(bytes.NewReader(out)), err
	}
	out, err := goCommand("mod", "edit", "-json")
	if err != nil {
		return nil, 0, err
	}
	var mod struct{ Require []struct{ Path string } }
	if err := out.Decode(&mod); err != nil || len(mod.Require) == 0 {
		return nil, 0, err
	}
	args := []string{"list", "-m", "-json"}
	for _, r := range mod.Require {
		args = append(args, r.Path)
	}
	if out, err = goCommand(args...); err != nil {
		return nil, 0, err
	}
	for {
		var m struct{ Path, Version, Dir string }
		switch err := out.Decode(&m); {
		case errors.Is(err, io.EOF):
			return works, absent, nil
		case err != nil:
			return nil, 0, err
		case m.Dir == "":
			absent++
			continue
		case m.Path == self:
			continue
		}
		w := work{name: m.Path, version: m.Version}
		candidates, err := licenses.FindCandidates(m.Dir, m.Dir)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range candidates {
			if w.licences, err = classifier.Identify(c); err != nil {
				return nil, 0, err
			}
			if len(w.licences) > 0 {
				w.file = c
				break
			}
		}
		works = append(works, w)
	}
}
