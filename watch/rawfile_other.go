// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package watch

import (
	"errors"
	"io"
	"os"
)

// rawFile is a file, which may stay open.
type rawFile struct{ f *os.File }

func openRaw(path string) (rawFile, error) {
	f, err := os.Open(path)
	return rawFile{f}, err
}

// Read reads on, from the beginning at first.
func (f rawFile) Read(buf []byte) (int, error) { return f.f.Read(buf) }

// reread reads the file from its beginning, as far as it fits.
func (f rawFile) reread(buf []byte) ([]byte, error) {
	n, err := f.f.ReadAt(buf, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return buf[:n], err
}

func (f rawFile) close() { _ = f.f.Close() }

// isLeaf is not known here.
func isLeaf(string) bool { return false }
