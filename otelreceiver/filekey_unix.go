// SPDX-License-Identifier: Apache-2.0

//go:build unix

package oomkillreceiver

import (
	"os"
	"syscall"
)

// fileKey is equal for two names of one file.
type fileKey struct{ device, inode uint64 }

func keyOf(info os.FileInfo) fileKey {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileKey{}
	}
	return fileKey{uint64(st.Dev), uint64(st.Ino)} //nolint:unconvert // other systems have other types
}
