package oomkillreceiver

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// headSize is how many bytes of a file tell it from others.
const headSize = 1024

// fileID identifies a log file by how its text begins, so that it is known again under another name, as a
// copy, and compressed. A kernel log begins with a time stamp of its own.
type fileID struct {
	// Length is the number of bytes that Hash covers, at most headSize; a file grows, so it can be less.
	Length int `json:"length"`
	// Hash is the hash of these bytes in hex.
	Hash string `json:"hash"`
}

// idOf returns the identity of a file that begins with head.
func idOf(head []byte) fileID {
	head = head[:min(len(head), headSize)]
	sum := sha256.Sum256(head)
	return fileID{Length: len(head), Hash: hex.EncodeToString(sum[:16])}
}

// matches reports whether a file that begins with head can be the one with this identity.
func (id fileID) matches(head []byte) bool {
	return id.Length > 0 && id.Length <= len(head) && idOf(head[:id.Length]) == id
}

// errIncomplete says that a compressed file is still being written.
var errIncomplete = errors.New("not complete yet")

// logFile is an open log file.
type logFile struct {
	*os.File
	// head is how the text begins: headSize bytes, or all that there is.
	head []byte
	// compressed tells that the file is gzip.
	compressed bool
	// cutAt is the size of a compressed file that broke off while it was read, else 0.
	cutAt  int64
	reader io.Reader
}

// openLog opens a log file for reading from its beginning.
func openLog(path string) (*logFile, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	l := &logFile{File: f, reader: f}
	if err := l.readHead(); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// readHead fills head and takes off the compression.
func (l *logFile) readHead() error {
	var err error
	if l.head, err = l.headAt(); err != nil {
		return err
	}
	l.compressed = bytes.HasPrefix(l.head, []byte{0x1f, 0x8b})
	switch {
	case !l.compressed && strings.HasSuffix(l.Name(), ".gz") && len(l.head) < 2:
		return errIncomplete
	case !l.compressed:
		return nil
	}
	if err := l.unzip(); err != nil {
		return err
	}
	if l.head, err = io.ReadAll(io.LimitReader(l.reader, headSize)); err != nil {
		return noteIncomplete(err)
	}
	return l.unzip()
}

// noteIncomplete tells a compressed file that ends too early from one that is broken.
func noteIncomplete(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errIncomplete
	}
	return err
}

// unzip puts the reader at the beginning of the compressed text.
func (l *logFile) unzip() error {
	if _, err := l.Seek(0, io.SeekStart); err != nil {
		return err
	}
	z, err := gzip.NewReader(bufio.NewReader(l.File))
	if err != nil {
		return noteIncomplete(err)
	}
	l.reader = z
	return nil
}

// headAt reads how a plain file begins now.
func (l *logFile) headAt() ([]byte, error) {
	head := make([]byte, headSize)
	n, err := l.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

// size returns the number of bytes of text; for a compressed file it is not known and -1.
func (l *logFile) size() (int64, error) {
	if l.compressed {
		return -1, nil
	}
	info, err := l.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// diskSize returns the size of the file itself.
func (l *logFile) diskSize() int64 {
	info, err := l.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// skip moves the reader to an offset of the text.
func (l *logFile) skip(offset int64) error {
	if l.compressed {
		_, err := io.CopyN(io.Discard, l.reader, offset)
		return err
	}
	_, err := l.Seek(offset, io.SeekStart)
	return err
}

// sameFile reports whether two open files are one, under whatever name.
func sameFile(a, b *logFile) bool {
	if a == nil || b == nil {
		return false
	}
	infoA, errA := a.Stat()
	infoB, errB := b.Stat()
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
