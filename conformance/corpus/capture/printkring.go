// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// memoryReader reads n bytes at a virtual address of a guest.
type memoryReader func(address uint64, n int) ([]byte, error)

// printkRing is the kernel's log buffer (kernel/printk/printk_ringbuffer.h, 5.10 and newer, 64
// bits) as it lies in memory: after a panic nobody is left to read /dev/kmsg.
type printkRing struct {
	descs, infos, text []byte
	infoSize           int
	head, tail         uint64
}

const (
	ringHeadSize = 96
	descSize     = 24 // state, begin, next
	deviceSize   = 64 // SUBSYSTEM (16 bytes) and DEVICE (48), at the end of an info
	recordIDMask = 1<<62 - 1
	// States of a record, in the two bits above its id.
	committed, finalized = 1, 2
	// noText marks the position of a record without text.
	noText  = 1
	blockID = 8 // bytes of id before each text
	contBit = 8 // LOG_CONT
)

// infoSizes are those of struct printk_info: callers and devices were added over time.
var infoSizes = []int{88, 112, 96, 104, 120}

func readUint64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// readPrintkRing reads the ring that the variable prb points to.
func readPrintkRing(read memoryReader, prb uint64) (*printkRing, error) {
	pointer, err := read(prb, 8)
	if err != nil {
		return nil, err
	}
	h, err := read(readUint64(pointer, 0), ringHeadSize)
	if err != nil {
		return nil, err
	}
	count := 1 << (binary.LittleEndian.Uint32(h) & 31)
	textBits, textAddress, ok := textRing(h)
	if !ok || count > 1<<24 {
		return nil, fmt.Errorf("no printk ring at %#x", prb)
	}
	r := &printkRing{head: readUint64(h, 24) & recordIDMask, tail: readUint64(h, 32) & recordIDMask}
	if r.descs, err = read(readUint64(h, 8), count*descSize); err != nil {
		return nil, err
	}
	if r.text, err = read(textAddress, 1<<textBits); err != nil {
		return nil, err
	}
	for _, size := range infoSizes {
		if r.infos, err = read(readUint64(h, 16), count*size); err != nil {
			return nil, err
		}
		if r.infoSize = size; r.inSequence() {
			return r, nil
		}
	}
	return nil, errors.New("size of struct printk_info not found: the kernel's log buffer is of a newer form")
}

// textRing finds the ring of texts behind that of records, which grew by one word in 6.x.
func textRing(h []byte) (bits uint32, address uint64, ok bool) {
	for _, at := range []int{40, 48} {
		bits, address = binary.LittleEndian.Uint32(h[at:]), readUint64(h, at+8)
		if bits >= 10 && bits <= 30 && address>>63 == 1 {
			return bits, address, true
		}
	}
	return 0, 0, false
}

// inSequence reports whether the first records are numbered one after the other.
func (r *printkRing) inSequence() bool {
	n := min(len(r.infos)/r.infoSize, 30)
	for i := 2; i < n; i++ {
		if readUint64(r.infos, i*r.infoSize) != readUint64(r.infos, (i-1)*r.infoSize)+1 {
			return false
		}
	}
	return true
}

// kmsg returns the records as /dev/kmsg would have given them.
func (r *printkRing) kmsg() []byte {
	var out bytes.Buffer
	count := uint64(len(r.descs) / descSize)
	for id, n := r.tail, uint64(0); n < count; id, n = (id+1)&recordIDMask, n+1 {
		d := r.descs[id%count*descSize:]
		state := readUint64(d, 0)
		if s := state >> 62; state&recordIDMask == id && (s == committed || s == finalized) {
			info := r.infos[int(id%count)*r.infoSize:][:r.infoSize]
			writeRecord(&out, info, r.textOf(readUint64(d, 8), readUint64(d, 16), info))
		}
		if id == r.head {
			break
		}
	}
	return out.Bytes()
}

// textOf returns the text between two positions. One that does not fit before the ring's end is at
// its beginning.
func (r *printkRing) textOf(begin, next uint64, info []byte) []byte {
	size := uint64(len(r.text))
	if begin&noText != 0 {
		return nil
	}
	at := begin % size
	if begin/size != next/size && next%size != 0 {
		at = 0
	}
	at += blockID
	n := uint64(binary.LittleEndian.Uint16(info[16:]))
	return r.text[min(at, size):min(at+n, size)]
}

func writeRecord(out *bytes.Buffer, info, text []byte) {
	sequence, nanoseconds := readUint64(info, 0), readUint64(info, 8)
	facility, bits := info[18], info[19]
	flag := '-'
	if bits&contBit != 0 {
		flag = 'c'
	}
	fmt.Fprintf(out, "%d,%d,%d,%c;", int(facility)<<3|int(bits>>5), sequence, nanoseconds/1000, flag)
	for _, c := range text {
		if c < ' ' || c > '~' || c == '\\' {
			fmt.Fprintf(out, "\\x%02x", c)
		} else {
			out.WriteByte(c)
		}
	}
	out.WriteByte('\n')
	device := info[len(info)-deviceSize:]
	writeDevice(out, "SUBSYSTEM", device[:16])
	writeDevice(out, "DEVICE", device[16:])
}

func writeDevice(out *bytes.Buffer, key string, value []byte) {
	if value, _, _ = bytes.Cut(value, []byte{0}); len(value) > 0 {
		fmt.Fprintf(out, " %s=%s\n", key, value)
	}
}
