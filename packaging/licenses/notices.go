// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// noticeFile is what the Apache licence calls a NOTICE, and other files of copyright.
var noticeFile = regexp.MustCompile(`(?i)^(notice|copyright|patents)(\.txt|\.md)?$`)

// noticesOf returns the text that goes with a program: each work with its licence. A text that
// several works have stands once.
func noticesOf(program string, works []work) (string, error) {
	type section struct {
		heads []string
		text  string
	}
	var sections []*section
	for _, w := range works {
		text, err := textsOf(w)
		if err != nil {
			return "", err
		}
		head := fmt.Sprintf("%s %s (%s)", w.name, w.version, w.licence())
		if at := slices.IndexFunc(sections, func(s *section) bool { return s.text == text }); at >= 0 {
			sections[at].heads = append(sections[at].heads, head)
			continue
		}
		sections = append(sections, &section{[]string{head}, text})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s is under the Apache License, version 2.0. The program contains the following works of others.\n", program)
	b.WriteString("Their source is at https://pkg.go.dev/NAME@VERSION, that of Go at https://go.dev/dl.\n")
	for _, s := range sections {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(s.heads, "\n"), s.text)
	}
	return b.String(), nil
}

// textsOf returns the work's licence and, where it has one, its notice.
func textsOf(w work) (string, error) {
	if w.file == "" {
		return "", fmt.Errorf("%s %s has no licence file", w.name, w.version)
	}
	dir := filepath.Dir(w.file)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	files := []string{w.file}
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); path != w.file && !e.IsDir() && noticeFile.MatchString(e.Name()) {
			files = append(files, path)
		}
	}
	var texts []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	return strings.Join(texts, "\n\n"), nil
}
