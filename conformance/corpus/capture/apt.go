// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// keyring of the distribution, from its package debian-archive-keyring.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// apt is a package index of one suite, taken from the repository that the machine's own sources
// name. It has its own state: the machine's is neither read nor written.
type apt struct {
	dir     string
	options []string
}

// openApt makes or refreshes the index of a suite below a directory.
func openApt(dir, suite string) (*apt, error) {
	repository, err := repositoryOfMachine()
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"lists/partial", "cache/archives/partial", "empty"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	source := filepath.Join(dir, "suite.list")
	line := fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keyring, repository, suite)
	if err := os.WriteFile(source, []byte(line), 0o644); err != nil {
		return nil, err
	}
	a := &apt{dir: dir}
	for _, o := range []string{
		"Dir::Etc::SourceList=" + source,
		"Dir::Etc::SourceParts=" + filepath.Join(dir, "empty"),
		"Dir::State::Lists=" + filepath.Join(dir, "lists"),
		"Dir::State::Status=/dev/null",
		"Dir::Cache=" + filepath.Join(dir, "cache"),
		"Acquire::Languages=none",
		"Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
	} {
		a.options = append(a.options, "-o", o)
	}
	if _, err := command("", "apt-get", append(slices.Clone(a.options), "update")...); err != nil {
		return nil, fmt.Errorf("suite %s: %w", suite, err)
	}
	return a, nil
}

// repositoryOfMachine returns the first Debian repository among the machine's sources.
func repositoryOfMachine() (string, error) {
	out, err := command("", "apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(out)) {
		if label, uri, _ := strings.Cut(strings.TrimSpace(line), " "); label == "Debian" {
			return uri, nil
		}
	}
	return "", errors.New("apt's sources on this machine name no Debian repository with an index; " +
		"add one below /etc/apt/sources.list.d and run apt-get update")
}

// depends returns packages and what they depend on, down to the last, of those whose names match.
func (a *apt) depends(match *regexp.Regexp, packages ...string) ([]string, error) {
	args := append(slices.Clone(a.options), "depends", "--recurse", "--important")
	out, err := command("", "apt-cache", append(args, packages...)...)
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		if name := strings.TrimRight(line, "\n"); match.MatchString(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil, fmt.Errorf("no package that %s depends on matches %s", strings.Join(packages, ", "), match)
	}
	return names, nil
}

// unpack downloads packages and unpacks them into a directory, which is there only when all is in
// it.
func (a *apt) unpack(packages []string, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	archives := filepath.Join(a.dir, "debs", filepath.Base(dir))
	partial := dir + ".partial"
	if err := errors.Join(os.RemoveAll(archives), os.RemoveAll(partial), os.MkdirAll(archives, 0o755)); err != nil {
		return err
	}
	if _, err := command(archives, "apt-get", append(append(slices.Clone(a.options), "download"), packages...)...); err != nil {
		return err
	}
	debs, _ := filepath.Glob(filepath.Join(archives, "*.deb"))
	for _, deb := range debs {
		if _, err := command("", "dpkg-deb", "-x", deb, partial); err != nil {
			return err
		}
	}
	return errors.Join(os.RemoveAll(archives), os.Rename(partial, dir))
}
