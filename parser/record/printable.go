// SPDX-License-Identifier: Apache-2.0

package record

import "github.com/oomtrail/oomtrail/internal/plain"

// AppendPrintable appends s with every byte that is no part of a printable UTF-8 character written \xNN.
func AppendPrintable(dst []byte, s string) []byte { return plain.AppendPrintable(dst, s) }

// AppendSize writes a size for a person: three digits and a binary unit. n is not negative.
func AppendSize(dst []byte, n int64) []byte { return plain.AppendSize(dst, n) }
