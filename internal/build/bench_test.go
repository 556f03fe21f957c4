// SPDX-License-Identifier: Apache-2.0

package build

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/assembly"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// capturedEvents returns the events of the captures that a pattern names, such as
// "6.12/c_memcg_v2".
func capturedEvents(tb testing.TB, pattern string) (events []report.Event) {
	tb.Helper()
	files, err := filepath.Glob("../../testdata/captures/" + pattern + "/kmsg.raw")
	if err != nil || len(files) == 0 {
		tb.Fatal("no captures:", pattern, err)
	}
	asm, decoder := assembly.New(assembly.Options{}), format.NewDecoder(report.Kmsg)
	take := func() {
		if n := len(asm.Events()); n > 0 {
			events = append(events, asm.Events()...)
			asm = asm.Clone() // which leaves those alone
		}
	}
	for _, f := range files {
		log, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			decoder.Decode(line[:len(line)-1], func(l *format.Line) { asm.Line(l) })
			take()
		}
		asm.Flush()
		take()
	}
	return events
}

// BenchmarkBuild makes the records of typical reports, and those of all captures; the times are for
// one record.
func BenchmarkBuild(b *testing.B) {
	for _, c := range []struct{ name, pattern string }{
		{"pod", "6.12/e_k8s_cgroupfs_pod"}, {"named", "6.12/e_k8s_cgroupfs_pod"}, {"service", "6.12/e_service"}, {"host", "6.12/a_global_anon"}, {"group", "6.12/f_oomgroup"}, {"all", "*/*"},
	} {
		events := capturedEvents(b, c.pattern)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			o := Options{TasksTop: 10}
			if c.name == "named" {
				o.Names = func(report.Workload) report.Names { return shop }
			}
			builder := NewBuilder(o)
			for n := 0; b.Loop(); n++ {
				e := &events[n%len(events)]
				if e.Kill >= 0 { // so much later that it is not one more of several
					at := &e.Report.Kills[e.Kill].At
					at.LogTime, at.HasLogTime = time.Duration(n)*2*time.Hour, true
				}
				builder.Build(e)
			}
		})
	}
}
