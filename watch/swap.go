// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
)

// Swap is a swap area, by a line of /proc/swaps.
type Swap struct {
	// Name is its device or file, Type partition or file.
	Name, Type string
	// Size and Used are in bytes.
	Size, Used Int
	Priority   Int
	// Zram is set where it is compressed memory.
	Zram *Zram
}

// Zram is a swap area that is compressed memory, by mm_stat of its device (4.1).
type Zram struct {
	// Original is what is stored, before compression. Compressed is what is left of it.
	Original, Compressed Int
	// Used is the memory that it takes, Limit what it may take at most; absent is no limit.
	Used, Limit Int
}

// Swaps reads /proc/swaps, and the figures of zram.
func (s System) Swaps() ([]Swap, error) {
	b, err := read(filepath.Join(s.Proc, "swaps"))
	if err != nil {
		return nil, err
	}
	swaps := parseSwaps(b)
	for i := range swaps {
		if device := filepath.Base(swaps[i].Name); strings.HasPrefix(device, "zram") {
			if b, err := read(filepath.Join(s.Sys, "block", device, "mm_stat")); err == nil {
				z := parseZram(b)
				swaps[i].Zram = &z
			}
		}
	}
	return swaps, nil
}

// parseSwaps reads lines "name type size used priority", sizes in KiB, after a heading. A name has
// its blanks escaped as \040.
func parseSwaps(b []byte) (swaps []Swap) {
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) < 5 || string(f[0]) == "Filename" {
			continue
		}
		swap := Swap{Name: unescape(string(f[0])), Type: string(f[1]), Size: kib(parseInt(f[2])), Used: kib(parseInt(f[3])), Priority: parseSigned(f[4])}
		if swap.Size.OK {
			swaps = append(swaps, swap)
		}
	}
	return swaps
}

// parseZram reads mm_stat: original, compressed and used bytes, then the limit, 0 for none.
func parseZram(b []byte) (z Zram) {
	f := bytes.Fields(b)
	if len(f) < 4 {
		return z
	}
	z.Original, z.Compressed, z.Used = parseInt(f[0]), parseInt(f[1]), parseInt(f[2])
	if limit := parseInt(f[3]); limit.V > 0 {
		z.Limit = limit
	}
	return z
}

// unescape undoes \NNN, octal, by which seq_file prints blanks, tabs, newlines and backslashes.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
