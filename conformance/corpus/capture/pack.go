// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// derived files can be had from the others and are not packed.
var derived = map[string]bool{"dmesg.txt": true}

// pack writes the captures of one kernel into dir/KERNEL.tar.gz: the same files give the same
// bytes.
func pack(captures, dir string) (failed error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, filepath.Base(captures)+".tar.gz")
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	n, err := addCaptures(w, captures)
	if err == nil && n == 0 {
		err = fmt.Errorf("no captures (SCENARIO/kmsg.raw) below %s", captures)
	}
	return errors.Join(err, w.Close(), z.Close(), out.Close())
}

// addCaptures adds every scenario's files, in the order of their names.
func addCaptures(w *tar.Writer, captures string) (n int, err error) {
	logs, err := filepath.Glob(filepath.Join(captures, "*", "kmsg.raw"))
	if err != nil {
		return 0, err
	}
	for _, log := range logs {
		if err := addDirectory(w, filepath.Dir(captures), filepath.Dir(log)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func addDirectory(w *tar.Writer, root, dir string) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || derived[d.Name()] {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}
