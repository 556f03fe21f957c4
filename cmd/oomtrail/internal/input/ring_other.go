// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package input

import (
	"io"
	"os"
)

// kernelRing knows no device: only Linux has it.
func kernelRing(*os.File) (r io.Reader, ok bool) { return nil, false }
