package main

import (
	"io"
	"os"
	"strings"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/page"
	"github.com/oomtrail/oomtrail/parser"
)

// printPages writes a page for each kill of the inputs, a line between two of them.
func printPages(std stdio, in input, opt parser.Options) error {
	options := page.Options{Color: wantsColor(std)}
	first := true
	printPage := func(k page.Kill) error {
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
	}
	err := in.each(func(r io.Reader, in input) error { return eachKill(r, in.apply(opt), printPage, nil) })
	if err == nil && first {
		std.noteNothing()
	}
	return err
}

// wantsColor reports whether the output is a terminal whose reader has not asked for plain text (https://no-color.org).
func wantsColor(std stdio) bool {
	return std.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
