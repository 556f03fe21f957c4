// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// openXZ unpacks an .xz file, as https://tukaani.org/xz/xz-file-format.txt has it: streams of
// blocks, the data of each packed by LZMA2. The library reads whole files, too, but allocates what
// each block of a file asks for, up to 4 GiB, so that the blocks are found here.
func openXZ(r *bufio.Reader) (io.Reader, error) {
	x := &xzReader{r: r}
	if err := x.openStream(); err != nil {
		return nil, cutOff(err)
	}
	if err := x.openBlock(); err != nil && err != io.EOF { //nolint:errorlint // it is this one
		return nil, cutOff(err)
	}
	return x, nil
}

// tooLarge is the error of a file that asks for that much memory.
type tooLarge int64

func (t tooLarge) Error() string {
	return fmt.Sprintf("it needs %d MiB to unpack: pipe it in, unpacked by xz -dc", int64(t)>>20)
}

// xzReader is what the blocks of an .xz file hold.
type xzReader struct {
	r *bufio.Reader
	// read is how much was read of r since a block or an index began.
	read int64
	// newCheck makes the check of a stream's blocks.
	newCheck func() hash.Hash
	// data is what a block holds, nil between blocks, and check the check of it.
	data  io.Reader
	check hash.Hash
	err   error
}

// Read implements io.Reader.
func (x *xzReader) Read(b []byte) (n int, err error) {
	for n == 0 && x.err == nil && len(b) > 0 {
		n, x.err = x.some(b)
	}
	return n, x.err
}

// some reads some of a block, or opens the next one.
func (x *xzReader) some(b []byte) (n int, err error) {
	if x.data != nil {
		n, err = x.data.Read(b)
		x.check.Write(b[:n])
		if err != io.EOF { //nolint:errorlint // a wrapped one is no end
			return n, err
		}
		x.data = nil
		return n, cutOff(x.closeBlock())
	}
	if err = x.openBlock(); err != io.EOF { //nolint:errorlint // it is this one
		return 0, cutOff(err)
	}
	if err = x.closeStream(); err != nil {
		return 0, cutOff(err)
	}
	return 0, x.openStream()
}

// cutOff makes the end of the input, where it may not end, an error.
func cutOff(err error) error {
	if err == io.EOF { //nolint:errorlint // a wrapped one is none of the input's
		return io.ErrUnexpectedEOF
	}
	return err
}

// readByte reads a byte, and counts it.
func (x *xzReader) readByte() (byte, error) {
	c, err := x.r.ReadByte()
	if err == nil {
		x.read++
	}
	return c, err
}

// packed is the rest of the input, byte by byte: LZMA2 reads none behind its end.
type packed struct{ x *xzReader }

func (p packed) ReadByte() (byte, error) { return p.x.readByte() }

func (p packed) Read(b []byte) (int, error) {
	n, err := p.x.r.Read(b)
	p.x.read += int64(n)
	return n, err
}

// next reads the next n bytes.
func (x *xzReader) next(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(packed{x}, b)
	return b, err
}

// errDamaged is the error of an .xz file in which stands what cannot.
var errDamaged = errors.New("its parts do not fit together")

// sums reports whether b ends in its CRC-32.
func sums(b []byte) bool {
	n := len(b) - crc32.Size
	return crc32.ChecksumIEEE(b[:n]) == binary.LittleEndian.Uint32(b[n:])
}

// openStream reads the header of a stream, and the padding before it. It returns io.EOF where there
// is none.
func (x *xzReader) openStream() error {
	const magic = "\xfd7zXZ\x00"
	for {
		head, err := x.next(4)
		if err != nil {
			return err
		}
		if bytes.Equal(head, make([]byte, 4)) {
			continue
		}
		rest, err := x.next(8)
		if err != nil {
			return cutOff(err)
		}
		head = append(head, rest...)
		if !bytes.HasPrefix(head, []byte(magic)) || !sums(head[len(magic):]) {
			return errDamaged
		}
		newCheck, known := xzChecks[binary.BigEndian.Uint16(head[len(magic):])]
		if !known {
			return errors.New("its check is of a kind that is not known")
		}
		x.newCheck = newCheck
		return nil
	}
}

// xzChecks are the checks of a block's data, by the flags of the stream, least byte first.
var xzChecks = map[uint16]func() hash.Hash{
	0:  func() hash.Hash { return unchecked{crc32.NewIEEE()} },
	1:  func() hash.Hash { return reversed{crc32.NewIEEE()} },
	4:  func() hash.Hash { return reversed{crc64.New(crc64.MakeTable(crc64.ECMA))} },
	10: sha256.New,
}

// unchecked is the check that there is none.
type unchecked struct{ hash.Hash }

func (unchecked) Write(b []byte) (int, error) { return len(b), nil }
func (unchecked) Sum(b []byte) []byte         { return b }

// reversed is a check that stands least byte first.
type reversed struct{ hash.Hash }

func (r reversed) Sum(b []byte) []byte {
	sum := r.Hash.Sum(nil)
	for i := range sum {
		b = append(b, sum[len(sum)-1-i])
	}
	return b
}

// openBlock reads the header of a block. It returns io.EOF where the index begins.
func (x *xzReader) openBlock() error {
	x.read = 0
	size, err := x.readByte()
	switch {
	case err != nil:
		return cutOff(err)
	case size == 0:
		return io.EOF
	}
	rest, err := x.next(4*(int(size)+1) - 1)
	if err != nil {
		return cutOff(err)
	}
	head := append([]byte{size}, rest...)
	if !sums(head) {
		return errDamaged
	}
	window, err := xzWindow(head[:len(head)-crc32.Size])
	switch {
	case err != nil:
		return err
	case window > maxWindow:
		return tooLarge(window)
	}
	x.check = x.newCheck()
	x.data, err = lzma.Reader2Config{DictCap: int(window)}.NewReader2(packed{x})
	return cutOff(err)
}

// xzWindow returns the size of the dictionary that the header of a block asks for.
func xzWindow(head []byte) (int64, error) {
	const packedSize, unpackedSize, lzma2, largest = 0x40, 0x80, 0x21, 40
	flags, rest := head[1], head[2:]
	for _, size := range [...]byte{packedSize, unpackedSize} {
		if flags&size == 0 {
			continue
		}
		_, n := binary.Uvarint(rest)
		if n <= 0 {
			return 0, errDamaged
		}
		rest = rest[n:]
	}
	if flags&^(packedSize|unpackedSize) != 0 || len(rest) < 3 || rest[0] != lzma2 {
		return 0, errors.New("it needs xz itself: pipe it in, unpacked by xz -dc")
	}
	bits := int64(rest[2])
	if rest[1] != 1 || bits > largest {
		return 0, errDamaged
	}
	return (2 | bits&1) << (bits/2 + 11), nil
}

// closeBlock reads what stands behind the data of a block.
func (x *xzReader) closeBlock() error {
	if err := x.pad(); err != nil {
		return err
	}
	sum, err := x.next(len(x.check.Sum(nil)))
	if err == nil && !bytes.Equal(sum, x.check.Sum(nil)) {
		err = errors.New("the check of a block does not match")
	}
	return err
}

// pad reads the zeros up to a multiple of four.
func (x *xzReader) pad() error {
	zeros, err := x.next(int(-x.read & 3))
	if err == nil && len(bytes.Trim(zeros, "\x00")) > 0 {
		err = errDamaged
	}
	return err
}

// closeStream reads the index, which says where which block is, and the footer.
func (x *xzReader) closeStream() error {
	records, err := binary.ReadUvarint(packed{x})
	for ; err == nil && records > 0; records-- {
		if _, err = binary.ReadUvarint(packed{x}); err == nil {
			_, err = binary.ReadUvarint(packed{x})
		}
	}
	if err == nil {
		err = x.pad()
	}
	if err != nil {
		return err
	}
	const check, footer = 4, 12
	end, err := x.next(check + footer)
	if err == nil && !bytes.HasSuffix(end, []byte("YZ")) {
		err = errDamaged
	}
	return err
}
