// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// logs is what the demo reads of OTLP JSON.
type logs struct {
	ResourceLogs []struct {
		ScopeLogs []struct {
			LogRecords []logRecord `json:"logRecords"`
		} `json:"scopeLogs"`
	} `json:"resourceLogs"`
}

// logRecord is what the demo reads of a log record.
type logRecord struct {
	TimeUnixNano string `json:"timeUnixNano"`
	Body         struct {
		StringValue string `json:"stringValue"`
	} `json:"body"`
	Attributes []struct {
		Key   string `json:"key"`
		Value struct {
			StringValue string `json:"stringValue"`
		} `json:"value"`
	} `json:"attributes"`
}

// text returns a string among the attributes, "" where the record has none of that name.
func (r *logRecord) text(name string) string {
	for _, a := range r.Attributes {
		if a.Key == name {
			return a.Value.StringValue
		}
	}
	return ""
}

// entries returns the kernel's lines of a record. Of a verified record they are entries of the
// journal, which say that the kernel wrote them, and when.
func (r *logRecord) entries() []byte {
	entry := map[string]string{"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel"}
	if nanos, err := strconv.ParseInt(r.TimeUnixNano, 10, 64); err == nil && nanos > 0 {
		entry["__REALTIME_TIMESTAMP"] = strconv.FormatInt(nanos/1000, 10)
	}
	if r.text("oom.trust") != "verified" {
		return []byte(r.text("log.record.original") + "\n")
	}
	var b bytes.Buffer
	for line := range strings.Lines(r.text("log.record.original")) {
		entry["MESSAGE"] = strings.TrimSuffix(line, "\n")
		_ = json.NewEncoder(&b).Encode(entry) // strings to a buffer
	}
	return b.Bytes()
}

// printer prints the page of each record, by the command.
type printer struct {
	oomtrail string
	// root has the names of the replayed kill.
	root  string
	color string
}

// print prints the records of one line of OTLP JSON and returns how many there were.
func (p *printer) print(ctx context.Context, line []byte) (int, error) {
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return 0, nil
	}
	var l logs
	if err := json.Unmarshal(line, &l); err != nil {
		return 0, err
	}
	count := 0
	for _, rl := range l.ResourceLogs {
		for _, sl := range rl.ScopeLogs {
			for i := range sl.LogRecords {
				if sl.LogRecords[i].text("log.record.uid") == "" {
					continue
				}
				if err := p.explain(ctx, &sl.LogRecords[i]); err != nil {
					return count, err
				}
				count++
			}
		}
	}
	return count, nil
}

// explain prints one record as `oomtrail explain` prints a kill, from the lines that the record
// carries.
func (p *printer) explain(ctx context.Context, r *logRecord) error {
	args := []string{"explain", "--color", p.color}
	if r.text("oom.trust") == "verified" {
		args = append(args, "--format", "journal-json")
	}
	if r.text("oom.source") == "file" { // the capture: it is of another machine
		args = append(args, "--root", p.root)
	}
	fmt.Printf("Record %s, %s:\n\n", r.text("log.record.uid"), r.text("oom.trust"))
	cmd := exec.CommandContext(ctx, p.oomtrail, append(args, "-")...)
	cmd.Stdin = bytes.NewReader(r.entries())
	var page bytes.Buffer
	cmd.Stdout, cmd.Stderr = &page, os.Stderr
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%s: %w", p.oomtrail, err)
	}
	if page.Len() == 0 { // of a report that was too long for the record, or cut off
		page.WriteString(r.Body.StringValue + "\n")
	}
	_, err := os.Stdout.Write(page.Bytes())
	return err
}
