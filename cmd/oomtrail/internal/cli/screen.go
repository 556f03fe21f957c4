// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"os"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// screen is the size of the terminal that the output is, 0 where it is not known. It may change
// while a command runs.
func (std *stdio) screen() (width, height int) {
	if std.tty == nil {
		return 0, 0
	}
	width, height, _ = term.GetSize(int(std.tty.Fd())) // 0 and 0 with an error
	return width, height
}

// cutToScreen leaves out the last lines of a page that is drawn again and again, where the terminal
// would push the first ones out of sight, and says how many. A height of 0 cuts nothing.
func cutToScreen(page []byte, width, height int) []byte {
	if height == 0 || width == 0 {
		return page
	}
	lines := bytes.SplitAfter(page, []byte{'\n'})
	lines = lines[:len(lines)-1] // behind the last newline
	const cursor, note = 1, 1    // rows that are taken besides
	rows, fit := 0, 0
	for _, line := range lines {
		columns := text.StringWidthWithoutEscSequences(string(line[:len(line)-1]))
		if rows += max(1, (columns+width-1)/width); rows+note+cursor <= height {
			fit++
		}
	}
	if rows+cursor <= height {
		return page
	}
	return fmt.Appendf(bytes.Join(lines[:fit], nil), "… %d more lines: a taller terminal shows them\n", len(lines)-fit)
}

// terminalOf returns the terminal that a stream is, nil where it is none.
func terminalOf(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}
