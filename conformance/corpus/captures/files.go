// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// wanted are the files of a capture that are read; the others can be had from these.
var wanted = map[string]bool{"kmsg.raw": true, "syslog.raw": true, "journal.json": true, "truth.json": true}

// maxFile is the most that one file of an archive may hold, in bytes. The largest that was captured
// holds 1.5 MB.
const maxFile = 64 << 20

// files are the wanted files of captures: by the directory they are in, then by name.
type files map[string]map[string][]byte

// readFiles reads an archive (.tar.gz), or a directory with the archives in it.
func readFiles(root string) (files, error) {
	f := files{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case strings.HasSuffix(file, ".tar.gz"):
			return f.addArchive(file)
		case wanted[d.Name()]:
			data, err := os.ReadFile(file)
			f.add(filepath.ToSlash(file), data)
			return err
		}
		return nil
	})
	return f, err
}

func (f files) add(file string, data []byte) {
	dir, name := path.Split(file)
	dir = path.Clean(dir)
	if f[dir] == nil {
		f[dir] = map[string][]byte{}
	}
	f[dir][name] = data
}

func (f files) addArchive(file string) error {
	archive, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }() // it was only read
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if h.Typeflag != tar.TypeReg || !wanted[path.Base(h.Name)] {
			continue
		}
		if h.Size > maxFile {
			return fmt.Errorf("%s: %s has %d bytes, more than %d", file, h.Name, h.Size, maxFile)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, h.Name, err)
		}
		f.add(path.Clean(h.Name), data)
	}
}
