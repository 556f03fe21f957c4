// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// fakeMemory is a guest's memory that holds a printk ring of eight records and 1 KB of text.
type fakeMemory map[uint64][]byte

func (m fakeMemory) read(address uint64, n int) ([]byte, error) {
	for base, data := range m {
		if address >= base && address+uint64(n) <= base+uint64(len(data)) {
			return data[address-base:][:n], nil
		}
	}
	return nil, fmt.Errorf("nothing at %#x", address)
}

const (
	atPrb, atRing, atDescs, atInfos, atText = 0xffff800000000000, 0xffff800000001000, 0xffff800000002000, 0xffff800000003000, 0xffff800000008000
	ringRecords                             = 8
	ringText                                = 1024
)

// ringAt writes records (id, position of the text) into a ring whose text ring is described at
// textAt.
func ringAt(textAt, infoSize int, first, last uint64, texts map[uint64]string, positions map[uint64][2]uint64) fakeMemory {
	put := binary.LittleEndian.PutUint64
	prb, head := make([]byte, 8), make([]byte, ringHeadSize)
	put(prb, atRing)
	head[0] = 3 // 2^3 records
	put(head[8:], atDescs)
	put(head[16:], atInfos)
	put(head[24:], last)
	put(head[32:], first)
	head[textAt] = 10 // 2^10 bytes
	put(head[textAt+8:], atText)
	descs, infos, text := make([]byte, ringRecords*descSize), make([]byte, ringRecords*infoSize), make([]byte, ringText)
	for i := range uint64(ringRecords) { // what was there before: numbered, and overwritten
		put(infos[i*uint64(infoSize):], i)
	}
	for id := first; id <= last; id++ {
		slot := id % ringRecords
		d, info := descs[slot*descSize:], infos[slot*uint64(infoSize):]
		put(d, finalized<<62|id)
		put(d[8:], positions[id][0])
		put(d[16:], positions[id][1])
		put(info, slot)
		put(info[8:], (100+id)*1_000_000)
		binary.LittleEndian.PutUint16(info[16:], uint16(len(texts[id])))
		info[18], info[19] = 0, 4<<5
		at := positions[id][0] % ringText
		if positions[id][0]/ringText != positions[id][1]/ringText && positions[id][1]%ringText != 0 {
			at = 0
		}
		if positions[id][0]&noText == 0 {
			copy(text[at+blockID:], texts[id])
		}
	}
	copy(infos[int(first%ringRecords)*infoSize+infoSize-deviceSize:], "pci")
	return fakeMemory{atPrb: prb, atRing: head, atDescs: descs, atInfos: infos, atText: text}
}

func TestPrintkRing(t *testing.T) {
	texts := map[uint64]string{8: "a\\b\n\x80", 9: "wraps", 10: ""}
	positions := map[uint64][2]uint64{8: {64, 96}, 9: {1016, 1024 + 16}, 10: {noText, noText}}
	want := "4,0,108000,-;a\\x5cb\\x0a\\x80\n SUBSYSTEM=pci\n4,1,109000,-;wraps\n4,2,110000,-;\n"
	for _, infoSize := range []int{88, 112} {
		for _, textAt := range []int{40, 48} {
			m := ringAt(textAt, infoSize, 8, 10, texts, positions)
			ring, err := readPrintkRing(m.read, atPrb)
			if err != nil {
				t.Errorf("info of %d bytes, text ring at %d: %v", infoSize, textAt, err)
				continue
			}
			if got := string(ring.kmsg()); got != want {
				t.Errorf("info of %d bytes, text ring at %d: %q, want %q", infoSize, textAt, got, want)
			}
		}
	}
}

func TestPrintkRingElsewhere(t *testing.T) {
	m := fakeMemory{atPrb: make([]byte, 8), 0: make([]byte, ringHeadSize)}
	if _, err := readPrintkRing(m.read, atPrb); err == nil {
		t.Error("a ring was found where none is")
	}
	if _, err := readPrintkRing(m.read, 1<<40); err == nil {
		t.Error("a ring was found in no memory")
	}
}
