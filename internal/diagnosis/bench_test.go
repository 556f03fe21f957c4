// SPDX-License-Identifier: Apache-2.0

package diagnosis_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

var sink diagnosis.Diagnosis

// BenchmarkOf diagnoses the first kill of a capture; bytes are those of its report.
func BenchmarkOf(b *testing.B) {
	for _, name := range []string{"c_memcg_v2", "a_global_anon", "e_k8s_systemd_pod", "v_bigtable"} {
		raw, err := os.ReadFile(filepath.Join(*captures, "6.12", name, "kmsg.raw"))
		if err != nil {
			continue
		}
		b.Run(name, func(b *testing.B) {
			asm := assembly.New(assembly.Options{})
			decoder := format.NewDecoder(report.Kmsg)
			var r *report.Report
			var size int
			for _, l := range bytes.Split(raw, []byte("\n")) {
				decoder.Decode(l, func(l *format.Line) { asm.Line(l) })
				if size += len(l) + 1; len(asm.Events()) > 0 {
					r = asm.Events()[0].Report
					break
				}
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var d diagnosis.Diagnoser
			for b.Loop() {
				sink = d.Diagnose(r, &r.Kills[0])
			}
		})
	}
}
