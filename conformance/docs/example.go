// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"os"
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/conformance/corpus/warnings"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/workload"
)

const (
	// exampleLog is the capture whose record the documents show.
	exampleLog = "../../testdata/captures/6.12/e_k8s_systemd/kmsg.raw"
	// exampleNode is the root directory of the node that the capture could be of.
	exampleNode = "../../testdata/node/root"
)

// inShort are the attributes of the short example.
var inShort = []string{
	"event.name", "log.record.uid", "oom.killer", "oom.trust", "oom.scope", "process.pid", "process.title",
	"oom.victim.memory.rss", "oom.cgroup_memory.limit", "k8s.namespace.name", "k8s.pod.name", "k8s.container.name",
	"oom.report.complete", "oom.diagnosis.cause", "oom.diagnosis.confidence", "oom.diagnosis.summary",
}

// inShortWarning are those of a warning.
var inShortWarning = []string{
	"event.name", "log.record.uid", "oom.scope", "oom.cgroup.level", "oom.cgroup_memory.usage", "oom.cgroup_memory.limit", "oom.cgroup_memory.held",
	"oom.warning.id", "oom.warning.cause", "oom.warning.growth", "oom.warning.time_left", "oom.candidates.top",
	"k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "oom.diagnosis.summary", "oom.diagnosis.advice",
}

// lineWidth is how long a line of the short example may be, in bytes.
const lineWidth = 120

// Example renders the record of a bundled capture, one attribute a line; of the memory.stat figures
// only the first two.
func Example() string {
	return example(parser.Options{TrustedSource: parser.TrustedKmsg}, func(b *strings.Builder, r *record.Record) {
		stats := 0
		for a := range r.Attrs() {
			if strings.HasPrefix(a.Name, record.FamilyPrefix) {
				if stats++; stats > 2 {
					if stats == 3 {
						b.WriteString(",\n …")
					}
					continue
				}
			}
			b.WriteString(",\n " + attribute(a))
		}
	})
}

// ShortExample renders what one looks at first in the record of the same kill, with the names that
// the node's files give. Short attributes share a line.
func ShortExample() string {
	names, err := workload.New(workload.Options{Root: exampleNode})
	if err != nil {
		return err.Error()
	}
	options := parser.Options{TrustedSource: parser.TrustedKmsg, Names: names.Lookup}
	return example(options, func(b *strings.Builder, r *record.Record) { writeShort(b, r, inShort) })
}

// ShortWarning renders what one looks at first in a warning: the first of testdata/warnings.
func ShortWarning() string {
	all, err := warnings.Load("../../testdata")
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString("```\n" + `{"time": "…", "severity_number": 13, "body": `)
	b.Write(record.AppendJSONValue(nil, all[0].Body))
	writeShort(&b, all[0], inShortWarning)
	b.WriteString("}\n```\n")
	return b.String()
}

// writeShort writes some attributes. Short ones share a line.
func writeShort(b *strings.Builder, r *record.Record, names []string) {
	width := lineWidth
	for a := range r.Attrs() {
		if !slices.Contains(names, a.Name) {
			continue
		}
		text := attribute(a)
		if width += len(text) + 2; width > lineWidth {
			b.WriteString(",\n " + text)
			width = len(text) + 1
		} else {
			b.WriteString(", " + text)
		}
	}
}

// example renders the record, whose attributes write writes.
func example(options parser.Options, write func(*strings.Builder, *record.Record)) string {
	log, err := os.ReadFile(exampleLog)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString("```\n")
	err = parser.ReadAll(bytes.NewReader(log), options, func(r *record.Record) error {
		b.WriteString(`{"uptime": … , "severity_number": 17, "body": `)
		b.Write(record.AppendJSONValue(nil, r.Body))
		write(&b, r)
		b.WriteString("}\n")
		return nil
	})
	if err != nil {
		return err.Error()
	}
	b.WriteString("```\n")
	return b.String()
}

// attribute renders an attribute as a member of a JSON object.
func attribute(a record.Attr) string {
	text := append(record.AppendJSONValue(nil, a.Name), ": "...)
	return string(record.AppendJSONValue(text, a.Value.Any()))
}
