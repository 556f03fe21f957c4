package main

import (
	"fmt"
	"io"

	"github.com/oomtrail/oomtrail/parser/record"
)

// printText writes a record as a short block for a person.
func printText(w io.Writer, r *record.Record) error {
	if _, err := fmt.Fprintln(w, r.Body); err != nil {
		return err
	}
	for i := range r.Attrs {
		if _, err := fmt.Fprintf(w, "  %-36s %v\n", r.Attrs[i].Name, r.Attrs[i].Value.Any()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}
