// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"strings"
	"testing"
)

// TestForkOfEachLine: a gateway forks the state of a report for each batch, which may hold one of
// its lines only.
func TestForkOfEachLine(t *testing.T) {
	var a arena
	line, held := strings.Repeat("x", 100), 0
	for range 100 {
		a = a.fork()
		a.keep(line)
		held += cap(a.chunk)
	}
	if held > 100*1024 {
		t.Errorf("100 lines of 100 bytes hold %d bytes", held)
	}
	for range 1000 {
		a.keep(line)
	}
	if cap(a.chunk) != arenaChunk {
		t.Errorf("after many lines in one batch a block has %d bytes", cap(a.chunk))
	}
}
