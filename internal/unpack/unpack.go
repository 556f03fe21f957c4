// SPDX-License-Identifier: Apache-2.0

// Package unpack reads a compressed log as the log that it is, and names what is no log at all.
package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/oomtrail/oomtrail/internal/format"
)

// ErrNoLog is wrapped by errors of what is no log whatever reads it.
var ErrNoLog = errors.New("no log")

// maxWindow is how much a compressed log may ask to be held of what was unpacked.
const maxWindow = 128 << 20

// kind is a kind of file that is not itself lines of text.
type kind struct {
	magic string // what it begins with
	what  string
	// open unpacks it here; nil where a program has to.
	open func(*bufio.Reader) (io.Reader, error)
	// program unpacks it, from standard input to standard output; with FILE it opens the file
	// itself.
	program []string
	// remedy is what to do where nothing here can read it; FILE stands for the file.
	remedy string
}

var kinds = []kind{
	{magic: "\x1f\x8b", what: "compressed by gzip", open: func(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{magic: "BZh", what: "compressed by bzip2", open: func(r *bufio.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{magic: "\xfd7zXZ\x00", what: "compressed by xz", open: openXZ},
	{magic: "\x28\xb5\x2f\xfd", what: "compressed by zstd", open: openZstd},
	{magic: "\x04\x22\x4d\x18", what: "compressed by lz4", program: []string{"lz4", "-dc"}, remedy: "install lz4, or unpack it elsewhere"},
	{magic: "LPKSHHRH", what: "a journal file of systemd", program: []string{"journalctl", "--quiet", "--no-pager", "--output=json", "--file=FILE", "_TRANSPORT=kernel"},
		remedy: "run journalctl --file=FILE -o json where systemd is, and read what it prints"},
	{magic: "PK\x03\x04", what: "a zip archive", remedy: "unzip -p FILE | oomtrail"},
	{magic: "\x7fELF", what: "a program", remedy: "name a log, such as /var/log/kern.log"},
	{magic: "SQLite format 3\x00", what: "a database", remedy: "name a log, such as /var/log/kern.log"},
}

// longestMagic is how much of an input shows what it is.
const longestMagic = 16

// Reader reads r, an input of that name, as the lines that it holds. file is the path under which
// another program can open it, "" for none. The error says what the input is, and what to do.
func Reader(r io.Reader, name, file string) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 64<<10) // as much as the parser looks at before it begins
	head, _ := peek(buffered)
	for i := range kinds {
		k := &kinds[i]
		if !bytes.HasPrefix(head, []byte(k.magic)) || k.magic == "BZh" && !isBzip2(head) {
			continue
		}
		if k.open != nil {
			unpacked, err := k.open(buffered)
			if err != nil {
				return nil, fmt.Errorf("cannot read %s: it is %s: %w", name, k.what, err)
			}
			return closing{damaged{unpacked, name, k.what}, unpacked}, nil
		}
		return k.run(buffered, name, file)
	}
	return io.NopCloser(format.TextReader(buffered)), nil
}

// peek returns the beginning of an input. It does not wait for more where that is no beginning of
// such a file.
func peek(r *bufio.Reader) ([]byte, error) {
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		if err != nil || n == longestMagic {
			return head, err
		}
		if more := r.Buffered(); more > n {
			n = min(more, longestMagic)
			head, _ = r.Peek(n)
		}
		if !mayBegin(head) || n == longestMagic {
			return head, nil
		}
	}
}

// mayBegin reports whether a head is the beginning of a magic, and shorter than that.
func mayBegin(head []byte) bool {
	for i := range kinds {
		if len(head) < len(kinds[i].magic) && strings.HasPrefix(kinds[i].magic, string(head)) {
			return true
		}
	}
	return false
}

// isBzip2 tells bzip2 from a line that begins with BZh: a block's size and its first bytes come
// next.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && head[3] >= '1' && head[3] <= '9' && string(head[4:10]) == "1AY&SY"
}

// run lets the kind's own program unpack r, where it has one.
func (k *kind) run(r io.Reader, name, file string) (io.ReadCloser, error) {
	remedy := strings.ReplaceAll(k.remedy, "FILE", name)
	if len(k.program) == 0 {
		return nil, fmt.Errorf("cannot read %s: it is %s, not a log: %s%w", name, k.what, remedy, silent{ErrNoLog})
	}
	return k.runProgram(r, name, file, remedy)
}

// damaged is an unpacked input whose errors name it, and say what became of the rest.
type damaged struct {
	io.Reader
	name, what string
}

func (d damaged) Read(b []byte) (int, error) {
	n, err := d.Reader.Read(b)
	switch {
	case err == nil || err == io.EOF: //nolint:errorlint // a wrapped one is no end
	case errors.As(err, new(tooLarge)):
		err = fmt.Errorf("cannot read %s: it is %s: %w", d.name, d.what, err)
	case isTooWide(err):
		err = fmt.Errorf("cannot read %s: it is %s, and needs more than %d MiB to unpack: zstd -dc --long=31 %s | oomtrail", d.name, d.what, maxWindow>>20, d.name)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("cannot read %s to its end: it is %s, and cut off; what stands before was read: get the whole file (%w)", d.name, d.what, err)
	default:
		err = fmt.Errorf("cannot read %s to its end: it is %s, and damaged; what stands before was read: get the file once more (%w)", d.name, d.what, err)
	}
	return n, err
}

// closing closes what an unpacked input holds, where it holds anything.
type closing struct {
	io.Reader
	unpacked io.Reader
}

func (c closing) Close() error {
	if z, ok := c.unpacked.(interface{ Close() }); ok {
		z.Close()
	}
	return nil
}

// silent is an error that can be asked for, and that says nothing.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }
