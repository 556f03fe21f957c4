// SPDX-License-Identifier: Apache-2.0

//go:build !js

package unpack

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

func openZstd(r *bufio.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
}

// isTooWide reports whether a file asks for a larger window than is given.
func isTooWide(err error) bool { return errors.Is(err, zstd.ErrWindowSizeExceeded) }
