package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
)

// gzipMagic is what a gzip file begins with.
var gzipMagic = []byte{0x1f, 0x8b}

// uncompressed reads a file of gzip, such as a rotated log, as what it holds, and any other as it is.
func uncompressed(f *os.File) (io.Reader, error) {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return f, nil
	}
	buffered := bufio.NewReaderSize(f, 64<<10) // as much as the parser looks at before it begins
	if head, _ := buffered.Peek(len(gzipMagic)); !bytes.Equal(head, gzipMagic) {
		return buffered, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", f.Name(), err)
	}
	return unpackedFile{unpacked, f.Name()}, nil
}

// unpackedFile is a gzip file whose errors name it.
type unpackedFile struct {
	*gzip.Reader
	name string
}

func (u unpackedFile) Read(b []byte) (int, error) {
	n, err := u.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("cannot read %s: %w", u.name, err)
	}
	return n, err
}
