// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// FuzzStream feeds any bytes to the parser in any format. Whatever comes in: no panic, records that
// keep their contract, nobody killed whose pid the input does not hold, nothing verified that
// nobody vouches for, and a clone taken anywhere goes on as the original does.
func FuzzStream(f *testing.F) {
	seeds, err := filepath.Glob("../testdata/captures/6.12/*/kmsg.raw")
	if err != nil {
		f.Fatal(err)
	}
	logs, err := filepath.Glob("../testdata/logs/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for i, file := range append(seeds, logs...) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 16<<10 {
			f.Add(data, byte(0), uint16(i*37))
		}
	}
	attacks, err := filepath.Glob("testdata/attacks/*")
	if err != nil || len(attacks) == 0 {
		f.Fatal(err, attacks)
	}
	for i, file := range attacks {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, byte(i), uint16(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, shape byte, cut uint16) {
		o := Options{Transport: report.Format(shape % 7), TrustedSource: TrustedSource(cut >> 6 % 4), IncludeOriginal: shape&8 != 0, MemoryStat: MemoryStat(shape >> 6 % 3), MaxReportBytes: 1 << 16}
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		var clone *Parser
		var got, cloned []*Record
		for i, line := range bytes.Split(data, []byte("\n")) {
			if i == int(cut)%64 {
				clone = p.Clone()
			}
			got = append(got, p.Feed(line).Records...)
			if clone != nil {
				cloned = append(cloned, clone.Feed(line).Records...)
			}
		}
		got = append(got, p.Flush()...)
		for _, r := range got {
			checkRecord(t, r, data)
			if r.Text("oom.trust") != "unverified" && o.TrustedSource == TrustedNone {
				t.Fatalf("verified, and nobody vouches for the input: %s", r.Body)
			}
		}
		if clone == nil {
			return
		}
		cloned = append(cloned, clone.Flush()...)
		tail := got[len(got)-len(cloned):]
		for i := range cloned {
			if a, b := cloned[i].AppendJSON(nil), tail[i].AppendJSON(nil); !bytes.Equal(a, b) {
				t.Fatalf("a clone made\n%s\nits original\n%s", a, b)
			}
		}
	})
}

// checkRecord holds a record to its contract.
func checkRecord(t *testing.T, r *Record, data []byte) {
	t.Helper()
	size, names := 0, map[string]bool{}
	for a := range r.Attrs() {
		f := record.Lookup(a.Name)
		if f == nil || f.Type != a.Value.Kind() || names[a.Name] {
			t.Fatalf("attribute %s %v: %v, row %v", a.Name, a.Value.Kind(), a.Value.Any(), f)
		}
		names[a.Name] = true
		if a.Name == "log.record.original" {
			continue
		}
		size += len(a.Name) + len(a.Value.String())
		if len(a.Value.String()) > 4<<10 {
			t.Fatalf("%s has %d bytes", a.Name, len(a.Value.String()))
		}
		if a.Value.Kind() == record.KindInt64 && a.Value.Int64() < 0 && strings.Contains(a.Name, "memory.") {
			t.Fatalf("%s is %d", a.Name, a.Value.Int64())
		}
	}
	if r.Len() > 120 || size > 40<<10 {
		t.Fatalf("%d attributes, %d bytes", r.Len(), size)
	}
	if len(r.Body) > record.MaxBody {
		t.Fatalf("a body of %d bytes: %s", len(r.Body), r.Body)
	}
	pid, ok := r.Get("process.pid")
	if r.Text("event.name") != "oom.kill" {
		return
	}
	if digits := strconv.FormatInt(pid.Int64(), 10); !ok || !bytes.Contains(data, []byte(digits)) && !bytes.Contains(data, []byte("=")) {
		t.Fatalf("pid %s stands nowhere in the input", digits)
	}
	for _, words := range []string{"Killed process", "invoked oom-killer", "oom-kill:"} {
		if strings.Contains(r.Body, words) {
			t.Fatalf("the body looks like the kernel's: %s", r.Body)
		}
	}
}
