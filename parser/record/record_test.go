// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// TestWith: a record takes further attributes and gives them up, and the one it was made from stays
// as it was.
func TestWith(t *testing.T) {
	r := (&Record{Body: "body"}).With(Attr{Name: "event.name", Value: StringValue("oom.kill")}, Attr{Name: "host.name", Value: StringValue("node-1")})
	more := r.With(Attr{Name: "cluster", Value: StringValue("c1")}, Attr{Name: "process.pid", Value: Int64Value(7)}, Attr{Name: "event.name", Value: StringValue("oom.panic")},
		Attr{Name: "oom.victim.share", Value: Float64Value(0.5)}, Attr{Name: "oom.report.complete", Value: BoolValue(true)}, Attr{Name: "cluster", Value: StringValue("c2")})
	want := []Attr{{"host.name", StringValue("node-1"), true}, {"process.pid", Int64Value(7), false}, {"event.name", StringValue("oom.panic"), false},
		{"oom.victim.share", Float64Value(0.5), false}, {"oom.report.complete", BoolValue(true), false}, {"cluster", StringValue("c2"), false}}
	if got := slices.Collect(more.Attrs()); !slices.Equal(got, want) || more.Len() != len(want) {
		t.Errorf("with more: %v", got)
	}
	if got := slices.Collect(more.Without("event.name", "cluster", "absent").Attrs()); !slices.Equal(got, slices.Concat(want[:2], want[3:5])) {
		t.Errorf("without some: %v", got)
	}
	if more.Body != "body" || r.Len() != 2 || r.Text("event.name") != "oom.kill" || r.Text("cluster") != "" {
		t.Errorf("the record itself: %v", slices.Collect(r.Attrs()))
	}
	for a := range more.Attrs() {
		if a.Name != "host.name" {
			t.Error("the iterator went on")
		}
		break
	}
}

// TestWithoutHoldsNoText: a record without an attribute holds nothing of its text, which may be the
// lines of a whole report.
func TestWithoutHoldsNoText(t *testing.T) {
	var d Draft
	d.Text = append(append([]byte("the body"), strings.Repeat("x", 32000)...), "node-1"...)
	d.AddString(HostName, 32008, 32014)
	d.AddString(LogRecordOriginal, 8, 32008)
	r := d.Record(0, 8)
	less := r.Without("log.record.original")
	if less.Body != "the body" || less.Text("host.name") != "node-1" || less.Text("log.record.original") != "" || len(r.Text("log.record.original")) != 32000 {
		t.Errorf("%q, %v", less.Body, slices.Collect(less.Attrs()))
	}
	if len(less.text) != len("node-1") || unsafe.StringData(less.Body) == unsafe.StringData(r.Body) {
		t.Errorf("%d bytes of text are held", len(less.text))
	}
}

// TestJSONOfTexts: whatever a text holds, it is written as encoding/json writes it.
func TestJSONOfTexts(t *testing.T) {
	texts := []string{"", "plain", "<a> & 'b'", `"`, `a\b`, "\t", "\x00", "\x1f", " ~", "\x7f", "ä", "\u2028", "\U0001f600"}
	for c := range 256 {
		texts = append(texts, "x"+string(rune(c))+"y")
	}
	for _, text := range texts {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(text); err != nil {
			t.Fatal(err)
		}
		r := (&Record{Body: text}).With(Attr{Name: "host.name", Value: StringValue(text)})
		quoted := strings.TrimSpace(want.String())
		if got := string(r.AppendJSON(nil)); got != `{"severity_number":13,"body":`+quoted+`,"host.name":`+quoted+`}` {
			t.Errorf("%q: %s", text, got)
		}
	}
}
