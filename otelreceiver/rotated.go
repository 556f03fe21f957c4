package oomkillreceiver

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rotatedFile is a file that a log was renamed, copied or compressed to.
type rotatedFile struct {
	path string
	info os.FileInfo
}

// rotatedFiles returns what the log at path was rotated to, the oldest first.
func rotatedFiles(path string) []rotatedFile {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []rotatedFile
	for _, e := range entries {
		suffix, ok := strings.CutPrefix(e.Name(), filepath.Base(path))
		if !ok || !isRotationSuffix(suffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, rotatedFile{filepath.Join(filepath.Dir(path), e.Name()), info})
		}
	}
	slices.SortFunc(found, func(a, b rotatedFile) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return strings.Compare(b.path, a.path) // kern.log.2 is older than kern.log.1
	})
	return found
}

// isRotationSuffix tells the names that log rotation gives (.1, .2.gz, -20261121, .old) from other neighbours.
func isRotationSuffix(suffix string) bool {
	suffix = strings.TrimSuffix(suffix, ".gz")
	if suffix == ".old" {
		return true
	}
	if len(suffix) < 2 || suffix[0] != '.' && suffix[0] != '-' && suffix[0] != '_' {
		return false
	}
	return strings.Trim(suffix, "0123456789.-_T") == ""
}
