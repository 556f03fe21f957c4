// SPDX-License-Identifier: Apache-2.0

// Command grafana writes the dashboards of oomtrail's records: loki.json and victorialogs.json.
//
//	go run . DIRECTORY
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . DIRECTORY")
		os.Exit(2)
	}
	for _, s := range stores {
		if err := write(os.Args[1], s); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// stores are those that a dashboard is written for.
var stores = []store{loki, victoriaLogs}

// write writes the dashboard of a store into a directory.
func write(dir string, s store) error {
	text, err := generate(s)
	if err != nil {
		return fmt.Errorf("%s: %w", s.file, err)
	}
	return os.WriteFile(filepath.Join(dir, s.file), text, 0o644)
}

// generate returns the JSON of the dashboard of a store.
func generate(s store) ([]byte, error) {
	d, err := board(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // queries stay readable
	e.SetIndent("", "  ")
	err = e.Encode(d)
	return b.Bytes(), err
}
