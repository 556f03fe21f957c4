// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// A browser runs no programs, and a page that holds the code for zstd is a fifth larger.

func (k *kind) runProgram(_ io.Reader, name, _, remedy string) (io.ReadCloser, error) {
	return nil, fmt.Errorf("cannot read %s: it is %s, which a web page cannot read: %s", name, k.what, remedy)
}

func openZstd(*bufio.Reader) (io.Reader, error) {
	return nil, errors.New("a web page cannot unpack it: unpack it first, with zstd -d")
}

func isTooWide(error) bool { return false }
