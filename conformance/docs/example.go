// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"os"
	"strings"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// exampleLog is the capture whose record README.md shows.
const exampleLog = "../../testdata/captures/6.12/e_k8s_systemd/kmsg.raw"

// Example renders the record of a bundled capture, one attribute a line; of the memory.stat figures
// only the first two.
func Example() string {
	log, err := os.ReadFile(exampleLog)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString("```\n")
	err = parser.ReadAll(bytes.NewReader(log), parser.Options{TrustedSource: parser.TrustedKmsg}, func(r *record.Record) error {
		writeRecord(&b, r)
		return nil
	})
	if err != nil {
		return err.Error()
	}
	b.WriteString("```\n")
	return b.String()
}

func writeRecord(b *strings.Builder, r *record.Record) {
	b.WriteString(`{"uptime": … , "severity_number": 17, "body": `)
	b.Write(record.AppendJSONValue(nil, r.Body))
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
		b.WriteString(",\n ")
		b.Write(record.AppendJSONValue(nil, a.Name))
		b.WriteString(": ")
		b.Write(record.AppendJSONValue(nil, a.Value.Any()))
	}
	b.WriteString("}\n")
}
