// SPDX-License-Identifier: Apache-2.0

// Package swar reads several bytes of text at once.
package swar

import "math/bits"

// Load returns the first eight bytes of s, which has as many, the first one lowest.
func Load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Each has a one in each byte: a byte times Each is that byte eight times.
const Each = 0x0101010101010101

// NonDigits returns a bit in each byte of x that is more than 9, right up to the lowest such byte.
// Bytes of text are digits where, less '0', they are not more.
func NonDigits(x uint64) uint64 { return (x + (0x80-10)*Each | x) & (0x80 * Each) }

// FirstNumber returns the number whose digits are the lowest bytes of x, up to the first that is
// more than 9, and how many they are.
func FirstNumber(x uint64) (n uint64, digits int) {
	size := bits.TrailingZeros64(NonDigits(x)) &^ 7 // in bits: 64 where all are digits
	return JoinDigits(x << (64 - size)), size / 8
}

// LastDigits returns how many of the highest bytes of x are not more than 9.
func LastDigits(x uint64) int {
	others := (x&(0x7f*Each) + (0x80-10)*Each | x) & (0x80 * Each)
	return bits.LeadingZeros64(others) / 8
}

// JoinDigits returns the number of eight digits, the first one lowest.
func JoinDigits(x uint64) uint64 {
	x = 10*x + x>>8 // pairs of digits, in every second byte
	const pairs = 0x000000ff000000ff
	return ((x&pairs)*(1000000<<32+100) + (x>>16&pairs)*(10000<<32+1)) >> 32
}
