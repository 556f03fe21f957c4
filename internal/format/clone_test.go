// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// A copy is fed other lines than the original, in turns; neither may notice the other.
func TestCloneIsIndependent(t *testing.T) {
	for name, c := range map[string]struct{ head, rest, other []string }{
		"continuation": {
			[]string{"May 01 12:00:34 node1 kernel: anon 0"},
			[]string{"                              file 40960"},
			[]string{"Jun 02 13:00:35 other app[2]: x", "                              y"},
		},
		"export": {
			strings.Split("__CURSOR=x\n_TRANSPORT=kernel\nMESSAGE\n\x03\x00\x00\x00\x00\x00\x00\x00a", "\n"),
			[]string{"b", "PRIORITY=3", ""},
			[]string{"z", "PRIORITY=6", "_TRANSPORT=journal", "", "__CURSOR=y", "MESSAGE=other", ""},
		},
		"json": {
			[]string{"{", ` "_TRANSPORT":"kernel", "MESSAGE":[`, "97,"},
			[]string{"98", "]}"},
			[]string{"120", `], "PRIORITY":"6"}`, `{"MESSAGE":"y","PRIORITY":"1"}`},
		},
		"quoted-printable": {
			[]string{"[    1.000000] Free swap  =3D 1=", "2="},
			[]string{"3"},
			[]string{"9=", "9"},
		},
		"habits": {
			[]string{"<4>a", "<4>b", "<4>c"},
			[]string{"d", "<4>e"},
			[]string{"f", "g", "h", "i", "<4>j"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.Join(alone(c.head, c.rest), "\n")
			wantOther := strings.Join(alone(c.head, c.other), "\n")

			original := NewDecoder(report.Auto)
			for _, l := range c.head {
				original.Decode([]byte(l), func(*Line) {})
			}
			copied := original.Clone()
			var got, gotOther []string
			for i := range max(len(c.rest), len(c.other)) {
				if i < len(c.other) {
					copied.Decode([]byte(c.other[i]), func(l *Line) { gotOther = append(gotOther, formatLine(*l)) })
				}
				if i < len(c.rest) {
					original.Decode([]byte(c.rest[i]), func(l *Line) { got = append(got, formatLine(*l)) })
				}
			}
			if s := strings.Join(got, "\n"); s != want || s == "" {
				t.Errorf("the original made\n%s\nwant\n%s", s, want)
			}
			if s := strings.Join(gotOther, "\n"); s != wantOther || s == "" {
				t.Errorf("the copy made\n%s\nwant\n%s", s, wantOther)
			}
		})
	}
}

// alone decodes head and rest with a decoder of its own and returns what rest made.
func alone(head, rest []string) (out []string) {
	d := NewDecoder(report.Auto)
	for _, l := range head {
		d.Decode([]byte(l), func(*Line) {})
	}
	for _, l := range rest {
		d.Decode([]byte(l), func(l *Line) { out = append(out, formatLine(*l)) })
	}
	return out
}
