// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"errors"
	"io"
)

// ociAnnotations returns the annotations of an OCI runtime configuration, config.json: OCI runtime
// specification 1.0 to 1.2, config.md. It reads no further than they go: what is behind them
// (seccomp's lists) is the largest part of the file. A map keeps names that differ in case apart,
// which a struct does not: some annotations are the pod's own.
func ociAnnotations(r io.Reader) (map[string]string, error) {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoObject
	}
	var other json.RawMessage
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		if key == "annotations" {
			var a map[string]string
			err = d.Decode(&a)
			return a, err
		}
		if err := d.Decode(&other); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

var errNoObject = errors.New("no JSON object")

// readAnnotations returns the annotations of a config.json; ok reports whether there is one that
// can be read.
func readAnnotations(f *files, name string) (a map[string]string, ok bool) {
	read := f.read(name, func(r io.Reader) {
		var err error
		a, err = ociAnnotations(r)
		ok = err == nil
	})
	return a, read && ok
}
