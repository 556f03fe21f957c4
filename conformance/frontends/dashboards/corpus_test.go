// SPDX-License-Identifier: Apache-2.0

// Package dashboards runs every query of the dashboards and the alert rules in deploy on a real
// store that holds the records of the captures, and compares what each panel shows with what is
// counted from the records.
package dashboards

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/workload"
)

const top = "../../../"

// corpus returns the records of the captures, of nodes whose files name pods, of journals with
// other killers and deaths by SIGKILL, of those without the kernel's lines, of logs that lost some,
// and of warnings. They come from six hosts, 20 s apart, the last one right before end. No two have
// the same id.
func corpus(t *testing.T, end time.Time) (records []*record.Record) {
	t.Helper()
	seen := map[string]bool{}
	add := func(r *record.Record) error {
		if uid := r.Text("log.record.uid"); !seen[uid] {
			seen[uid] = true
			records = append(records, r)
		}
		return nil
	}
	read := func(log []byte, o parser.Options) {
		err := parser.ReadAll(bytes.NewReader(log), o, add)
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := captures.Load(top + "testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		read(c.Kmsg, parser.Options{Transport: parser.FormatKmsg})
	}
	for _, file := range files(t, "workload/testdata/real/*/kmsg.raw") {
		resolver, err := workload.New(workload.Options{Root: filepath.Join(filepath.Dir(file), "root")})
		if err != nil {
			t.Fatal(err)
		}
		read(content(t, file), parser.Options{Transport: parser.FormatKmsg, Names: resolver.Lookup})
	}
	for _, file := range files(t, "testdata/witnesses/*/journal.json") {
		journal := content(t, file)
		read(journal, parser.Options{Transport: parser.FormatJournalJSON, Sigkill: true})
		var rest []byte
		for line := range bytes.Lines(journal) {
			if !bytes.Contains(line, []byte(`"_TRANSPORT":"kernel"`)) {
				rest = append(rest, line...)
			}
		}
		read(rest, parser.Options{Transport: parser.FormatJournalJSON})
	}
	for _, file := range files(t, "testdata/cases/E0*.kmsg", "testdata/cases/E0*.log") {
		read(content(t, file), parser.Options{})
	}
	all, err := warnings.Load(top + "testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all { // some are one warning in several forms
		_ = add(r)
	}
	for i, r := range records {
		r = r.With(record.Attr{Name: "host.name", Value: record.StringValue(fmt.Sprintf("node-%d", i%6))})
		r.Time = end.Add(time.Duration(i-len(records)) * 20 * time.Second)
		records[i] = r
	}
	return records
}

func files(t *testing.T, patterns ...string) (list []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(top + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		list = append(list, found...)
	}
	return list
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// get returns the text of a field of a record, "" where it has none.
func get(r *record.Record, name string) string {
	v, _ := r.Get(name)
	return v.String()
}

// chosen are the values of a dashboard's variables; none means All.
type chosen struct{ namespaces, hosts []string }

func (c chosen) String() string {
	return fmt.Sprintf("namespace %s, host %s", orAll(c.namespaces), orAll(c.hosts))
}

func orAll(values []string) string {
	if values == nil {
		return "All"
	}
	return strings.Join(values, " and ")
}

// of returns the records that a choice lets pass.
func (c chosen) of(records []*record.Record) (some []*record.Record) {
	for _, r := range records {
		if (c.namespaces == nil || slices.Contains(c.namespaces, get(r, "k8s.namespace.name"))) &&
			(c.hosts == nil || slices.Contains(c.hosts, get(r, "host.name"))) {
			some = append(some, r)
		}
	}
	return some
}

// choices are those that the dashboards are shown with.
var choices = []chosen{{}, {namespaces: []string{"shop"}}, {hosts: []string{"node-2"}}, {namespaces: []string{"shop", "payments"}, hosts: []string{"node-1", "node-2", "node-3"}}}
