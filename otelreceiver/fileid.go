// SPDX-License-Identifier: Apache-2.0

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
	"time"
)

// headSize is how many bytes of a file tell it from others.
const headSize = 1024

// fileID identifies a log file by how its text begins, so that it is known again under another
// name, as a copy, and compressed. A kernel log begins with a time stamp of its own.
type fileID struct {
	// Length is the number of bytes that Hash covers, at most headSize; a file grows, so it can be
	// less.
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

// matches reports whether the file can be the one with this identity.
func (id fileID) matches(log *logFile) bool {
	return id.Length > 0 && id.Length <= len(log.head) && log.idOf(id.Length) == id
}

// errIncomplete says that a compressed file is still being written.
var errIncomplete = errors.New("not complete yet")

// logFile is an open log file.
type logFile struct {
	*os.File
	// info is what the system said of the file when it was opened.
	info os.FileInfo
	// head is how the text begins: headSize bytes, or all that there is. It only grows.
	head []byte
	// ids are the identities that were asked for so far, one a length.
	ids []fileID
	// compressed tells that the file is gzip.
	compressed bool
	// cutAt is the size of a compressed file that broke off while it was read, else 0.
	cutAt int64
	// broken tells that it cannot be read past there, however much it grows.
	broken bool
}

// openLog opens a log file for reading from its beginning.
func openLog(path string) (*logFile, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	l := &logFile{File: f, info: info}
	if err := l.readHead(); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// readHead fills head and finds out whether the file is compressed.
func (l *logFile) readHead() error {
	var err error
	if l.head, err = l.readHeadInto(make([]byte, headSize)); err != nil {
		return err
	}
	l.compressed = bytes.HasPrefix(l.head, []byte{0x1f, 0x8b})
	switch {
	case !l.compressed && strings.HasSuffix(l.Name(), ".gz") && len(l.head) < 2:
		return errIncomplete
	case !l.compressed:
		return nil
	}
	text, err := l.unzip()
	if err != nil {
		return err
	}
	l.head, err = io.ReadAll(io.LimitReader(text, headSize))
	return noteIncomplete(err)
}

// noteIncomplete tells a compressed file that ends too early from one that is broken.
func noteIncomplete(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errIncomplete
	}
	return err
}

// brokeOff notes that the file could not be read further. One that ends too early may have grown
// since: it ends where reading came to.
func (l *logFile) brokeOff(err error) {
	l.cutAt, l.broken = l.diskSize(), !errors.Is(noteIncomplete(err), errIncomplete)
	if !l.compressed || l.broken {
		return
	}
	if end, err := l.Seek(0, io.SeekCurrent); err == nil && end > 0 {
		l.cutAt = end
	}
}

// awaitsRest reports whether the file is one that broke off, and that has grown since or may still
// be being compressed.
func (l *logFile) awaitsRest() bool {
	if l.cutAt == 0 || l.broken {
		return false
	}
	info, err := l.Stat()
	return err == nil && (info.Size() != l.cutAt || time.Since(info.ModTime()) < compressTime)
}

// unzip returns the text of a compressed file from its beginning.
func (l *logFile) unzip() (io.Reader, error) {
	if _, err := l.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	text, err := gzip.NewReader(bufio.NewReader(l.File))
	return text, noteIncomplete(err)
}

// readHeadInto reads how a plain file begins now into buf, and returns that part of it.
func (l *logFile) readHeadInto(buf []byte) ([]byte, error) {
	n, err := l.ReadAt(buf[:headSize], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return buf[:n], nil
}

// id returns the identity of the file as far as it is known now.
func (l *logFile) id() fileID { return l.idOf(len(l.head)) }

// idOf returns the identity by the first length bytes.
func (l *logFile) idOf(length int) fileID {
	for _, id := range l.ids {
		if id.Length == length {
			return id
		}
	}
	id := idOf(l.head[:length])
	l.ids = append(l.ids, id)
	return id
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

// sameFile reports whether two open files are one, under whatever name.
func sameFile(a, b *logFile) bool {
	if a == nil || b == nil {
		return false
	}
	return os.SameFile(a.info, b.info)
}
