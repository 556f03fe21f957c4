// SPDX-License-Identifier: Apache-2.0

// Package golden stores records one attribute a line, so that a diff of two versions shows the
// attribute.
package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/oomtrail/oomtrail/parser/record"
)

var update = flag.Bool("update", false, "write the expected records anew")

// Format returns records as a JSON array: one object a record, one attribute a line, in the order
// of the contract.
func Format(records []*record.Record) ([]byte, error) {
	if len(records) == 0 {
		return []byte("[]\n"), nil
	}
	var list []byte
	for i, r := range records {
		list = append(list, "[,"[min(i, 1)])
		list = r.AppendJSON(list)
	}
	var text bytes.Buffer
	err := json.Indent(&text, append(list, "]\n"...), "", "  ")
	return text.Bytes(), err
}

// Check compares records with those in file, and returns one error for each attribute that differs.
// With the flag -update it writes the file instead.
func Check(file string, records []*record.Record) error {
	got, err := Format(records)
	if err != nil {
		return err
	}
	if *update {
		return os.WriteFile(file, got, 0o644)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return Compare(got, want)
}

// Compare returns one error for each attribute in which two lists of records differ.
func Compare(got, want []byte) error {
	var g, w []map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(got, &g), json.Unmarshal(want, &w)); err != nil {
		return err
	}
	if len(g) != len(w) {
		return fmt.Errorf("%d records, expected %d", len(g), len(w))
	}
	var differences []error
	for i := range g {
		for name, value := range g[i] {
			if expected, ok := w[i][name]; !ok {
				differences = append(differences, fmt.Errorf("record %d: %s is %s, expected absent", i+1, name, value))
			} else if !bytes.Equal(value, expected) {
				differences = append(differences, fmt.Errorf("record %d: %s is %s, expected %s", i+1, name, value, expected))
			}
		}
		for name, expected := range w[i] {
			if _, ok := g[i][name]; !ok {
				differences = append(differences, fmt.Errorf("record %d: %s is absent, expected %s", i+1, name, expected))
			}
		}
	}
	return errors.Join(differences...)
}
