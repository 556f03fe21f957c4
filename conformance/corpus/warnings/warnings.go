// SPDX-License-Identifier: Apache-2.0

// Package warnings has records of warnings, one or two of each cause, as the tests of
// internal/warning wrote them. No log holds any.
package warnings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

// Load returns the records in the directory testdata.
func Load(testdata string) (records []*record.Record, err error) {
	text, err := os.ReadFile(filepath.Join(testdata, "warnings/records.json"))
	if err != nil {
		return nil, err
	}
	var list []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&list); err != nil {
		return nil, err
	}
	for _, values := range list {
		r, err := read(values)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// read makes the record of an object.
func read(values map[string]any) (*record.Record, error) {
	r := new(record.Record)
	r.Body, _ = values["body"].(string)
	at, _ := values["time"].(string)
	var err error
	if r.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return nil, err
	}
	var attrs []record.Attr
	for i := range record.Fields {
		f := &record.Fields[i]
		if value, ok := values[f.Name]; ok {
			v, err := valueOf(f, value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			attrs = append(attrs, record.Attr{Name: f.Name, Value: v})
		}
	}
	return r.With(attrs...), nil
}

// valueOf returns a value in the type of its field.
func valueOf(f *record.Field, value any) (record.Value, error) {
	switch v := value.(type) {
	case string:
		return record.StringValue(v), nil
	case json.Number:
		if f.Type == record.KindInt64 {
			n, err := v.Int64()
			return record.Int64Value(n), err
		}
		n, err := v.Float64()
		return record.Float64Value(n), err
	}
	return record.Value{}, fmt.Errorf("%v is no value of a warning", value)
}
