package main

import (
	"io"
	"os"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
)

// printPages writes a page for each kill of an input, a line between two of them.
func printPages(std stdio, r io.Reader, opt parser.Options) error {
	options := page.Options{Color: wantsColor(std)}
	first := true
	return eachKill(r, opt, func(k page.Kill) error {
		if !first {
			if _, err := std.out.WriteString(strings.Repeat("─", 78) + "\n\n"); err != nil {
				return err
			}
		}
		first = false
		if _, err := std.out.Write(page.Append(nil, k, options)); err != nil {
			return err
		}
		return std.out.Flush()
	}, nil)
}

// wantsColor reports whether the output is a terminal whose reader has not asked for plain text (https://no-color.org).
func wantsColor(std stdio) bool {
	return std.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
