package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// runParse prints one record for each killed process.
func runParse(std stdio, args []string) error {
	var format, trust, stats string
	opt := parser.Options{}
	in, err := parseArgs("parse", std, args, func(f *flag.FlagSet) {
		f.StringVar(&format, "format", "json", "json (one flat object a line) or text (for people)")
		f.StringVar(&trust, "trust", "auto", "which lines may make a record: auto, kernel or any")
		f.StringVar(&stats, "memory-stat", "main", "how much of memory.stat: main, all or none")
		f.IntVar(&opt.TasksTop, "tasks-top", 0, "how many of the largest tasks to list (default 10, -1 for none)")
		f.BoolVar(&opt.IncludeOriginal, "original", false, "add the report's lines as log.record.original")
	})
	if err != nil {
		return err
	}
	if opt.Trust, err = parser.ParseTrust(trust); err != nil {
		return fmt.Errorf("%w: -trust: %w", errUsage, err)
	}
	if opt.MemoryStat, err = parser.ParseMemoryStat(stats); err != nil {
		return fmt.Errorf("%w: -memory-stat: %w", errUsage, err)
	}
	opt.Transport = in.transport
	if _, err := parser.New(opt); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	var print func(*record.Record) error
	switch format {
	case "json":
		print = func(r *record.Record) error { return printJSON(std.out, r) }
	case "text":
		print = func(r *record.Record) error { return printText(std.out, r) }
	default:
		return fmt.Errorf("%w: -format: unknown format %q: use json or text", errUsage, format)
	}
	return in.each(func(r io.Reader) error { return parser.ReadAll(r, opt, print) })
}

// printJSON writes a record as one flat JSON object on a line.
func printJSON(w io.Writer, r *record.Record) error {
	line := []byte{'{'}
	if !r.Time.IsZero() {
		line = append(line, `"time":"`...)
		line = r.Time.UTC().AppendFormat(line, time.RFC3339Nano)
		line = append(line, `",`...)
	}
	if r.HasUptime {
		line = append(line, `"uptime":`...)
		line = strconv.AppendFloat(line, float64(r.Uptime)/1e6, 'f', 6, 64)
		line = append(line, ',')
	}
	line = append(line, `"severity_number":`...)
	line = strconv.AppendInt(line, record.SeverityNumber, 10)
	line = append(line, `,"body":`...)
	line = appendJSON(line, r.Body)
	for i := range r.Attrs {
		line = append(line, ',')
		line = appendJSON(line, r.Attrs[i].Name)
		line = append(line, ':')
		line = appendJSON(line, r.Attrs[i].Value.Any())
	}
	line = append(line, "}\n"...)
	_, err := w.Write(line)
	return err
}

// appendJSON appends a value of a record as JSON, characters such as < left as they are.
func appendJSON(dst []byte, v any) []byte {
	b := &sliceWriter{dst}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // a record holds strings, integers, finite floats and booleans
		return append(dst, "null"...)
	}
	return b.b[:len(b.b)-1]
}

// sliceWriter appends what is written to it.
type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
