// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestDateText: what a text begins with is its time where the format has none, with what was
// assumed of it.
func TestDateText(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	written := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	dating := Dating{Location: berlin, Reference: func() time.Time { return written }}
	for _, c := range []struct{ text, want, stamp, assumed string }{
		{`I0102 00:30:02.331907    1021 a.go:75] "x"`, "2026-01-01T23:30:02.331907Z", "0102 00:30:02.331907", "zone,year"},
		{`W1231 23:59:59.000001 1021 a.go:75] x`, "2025-12-31T22:59:59.000001Z", "1231 23:59:59.000001", "zone,year"},
		{"2025-05-02T10:00:01: PM2 log: x", "2025-05-02T08:00:01Z", "2025-05-02T10:00:01", "zone"},
		{"2025-05-02T10:00:01+00:00: PM2 log: x", "2025-05-02T10:00:01Z", "2025-05-02T10:00:01+00:00", ""},
		{"2025-12-02 10:00:01,123: The victim died", "2025-12-02T09:00:01.123Z", "2025-12-02 10:00:01,123", "zone"},
		{"I0230 00:30:02.331907    1021 a.go:75] no such day", "", "0230 00:30:02.331907", ""},
		{"I1302 00:30:02.331907    1021 a.go:75] x", "", "", ""},
		{"I0102 00:30:02.33190     1021 a.go:75] x", "", "", ""},
		{"I0102 00:30:02.331907 file.go:75] x", "", "", ""},
		{"X0102 00:30:02.331907    1021 a.go:75] x", "", "", ""},
		{"2025-05-02T10:00:01 x", "", "", ""},
		{"see 2025-05-02T10:00:01: x", "", "", ""},
		{"I0102 00:30:02.331907", "", "", ""},
		{"", "", "", ""},
	} {
		l := Line{Text: []byte(c.text)}
		NewDecoder(report.Auto).Date(dating).DateText(&l)
		got := ""
		if !l.Wall.IsZero() {
			got = l.Wall.UTC().Format(time.RFC3339Nano)
		}
		if got != c.want || string(l.Stamp) != c.stamp || l.Assumed.String() != c.assumed || string(l.Text) != c.text {
			t.Errorf("%q: %s, stamp %q, assumed %q", c.text, got, l.Stamp, l.Assumed)
		}
	}
	at := time.Unix(5, 0)
	l := Line{Text: []byte("2025-05-02T10:00:01: x"), Wall: at}
	if NewDecoder(report.Auto).Date(dating).DateText(&l); !l.Wall.Equal(at) || l.Stamp != nil {
		t.Error("the format's own time goes before")
	}
	l = Line{Text: []byte("2025-05-02T10:00:01: x")}
	if NewDecoder(report.Auto).DateText(&l); !l.Wall.IsZero() || l.Assumed != 0 {
		t.Error("nobody says in which zone it was written")
	}
}
