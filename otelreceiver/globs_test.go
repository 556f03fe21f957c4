// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGlobs: include and exclude name the files that they name for file_log.
func TestGlobs(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"kern.log", "messages", "a/kern.log", "a/b/c/kern.log", "a/b/c/kern.log.1", "a/b/other.txt", "old/kern.log", "br{ace.log"} {
		path := filepath.Join(dir, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(file+"\n"), 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(dir, "messages"), filepath.Join(dir, "link.log")))
	for glob, want := range map[string][]string{
		"kern.log":            {"kern.log"},
		"*.log":               {"br{ace.log", "kern.log", "link.log"},
		"*/kern.log":          {"a/kern.log", "old/kern.log"},
		"**/kern.log":         {"a/b/c/kern.log", "a/kern.log", "kern.log", "old/kern.log"},
		"a/**":                {"a/b/c/kern.log", "a/b/c/kern.log.1", "a/b/other.txt", "a/kern.log"},
		"a/**/kern.log*":      {"a/b/c/kern.log", "a/b/c/kern.log.1", "a/kern.log"},
		"{kern.log,messages}": {"kern.log", "messages"},
		"{a,old}/kern.log":    {"a/kern.log", "old/kern.log"},
		"[k-m]*[^g]":          {"messages"},
		`br\{ace.log`:         {"br{ace.log"},
		"absent/**/kern.log":  nil,
	} {
		cfg := quick(func(c *Config) { c.Source, c.File.Include = sourceFile, []string{filepath.Join(dir, glob)} })
		require.NoError(t, cfg.Validate(), glob)
		assert.Equal(t, want, named(t, dir, cfg), glob)
	}
	cfg := quick(func(c *Config) {
		c.Source, c.File.Include = sourceFile, []string{filepath.Join(dir, "**/kern.log"), filepath.Join(dir, "a/**")}
		c.File.Exclude = []string{filepath.Join(dir, "{old,a/b}/**"), filepath.Join(dir, "kern.*")}
	})
	assert.Equal(t, []string{"a/kern.log"}, named(t, dir, cfg))
}

// named returns the files below dir that a configuration names.
func named(t *testing.T, dir string, cfg *Config) (files []string) {
	for _, path := range newFileSource(cfg).(*fileSource).paths() {
		file, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// TestReadsBelowDirectories: files in directories that appear later are read, too, and the
// directories are no mistake.
func TestReadsBelowDirectories(t *testing.T) {
	dir := t.TempDir()
	next := &sink{}
	logs := runObserved(t, fileConfig(false, filepath.Join(dir, "**", "*")), next)
	for i, sub := range []string{"", "node-1", "node-1/kernel"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, sub), 0o700))
		w := &logWriter{t: t, path: filepath.Join(dir, sub, "kern.log")}
		w.append(w.syslog(100 + i)...)
		next.waitFor(t, []int64{100, 101, 102}[:i+1]...)
	}
	assert.Empty(t, logs.FilterMessageSnippet("left out").All())
}
