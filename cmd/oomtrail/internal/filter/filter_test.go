// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/record"
)

func subject(t *testing.T, name string) *Subject {
	t.Helper()
	i := slices.IndexFunc(Subjects, func(s Subject) bool { return s.Name == name })
	if i < 0 {
		t.Fatal("no subject ", name)
	}
	return &Subjects[i]
}

func kill(at string, attrs ...string) *record.Record {
	r := &record.Record{}
	if at != "" {
		r.Time, _ = time.Parse(time.RFC3339, at)
	}
	for i := 0; i < len(attrs); i += 2 {
		r = r.With(record.Attr{Name: attrs[i], Value: record.StringValue(attrs[i+1])})
	}
	return r
}

func TestPatterns(t *testing.T) {
	r := kill("", "k8s.namespace.name", "shop", "k8s.pod.name", "cart-0", "k8s.pod.uid", "1234-abcd", "systemd.unit.name", "nginx.service",
		"container.id", "0123456789abcdef", "oom.cgroup.path", "/kubepods.slice/a/b", "process.title", "a b", "host.name", "web-1")
	for _, c := range []struct {
		flags string // NAME=PATTERN, by blanks
		want  bool
	}{
		{"", true},
		{"pod=cart-0", true}, {"pod=shop/cart-0", true}, {"pod=shop/*", true}, {"pod=1234-abcd", true}, {"pod=cart", false}, {"pod=art-0", false}, {"pod=cart-?", true},
		{"unit=nginx", true}, {"unit=nginx.service", true}, {"unit=ngin", false},
		{"container=012345", true}, {"container=01234", false}, {"container=01*", true},
		{"cgroup=/kubepods.slice/*", true}, {"cgroup=/kubepods?slice/a/b", true}, {"cgroup=/kubepods", false}, {"cgroup=/kubepods.slice", true}, {"cgroup=/kubepods.slice/a", true}, {"cgroup=kubepods.slice", true}, {"cgroup=b", true},
		{"cgroup=/a", false}, {"cgroup=kubepods", false}, {"cgroup=/kubepods.slice/a/b/c", false},
		{"process=a?b", true}, {"process=[a]?b", false},
		{"host=web-1 pod=cart-0", true}, {"host=web-2 pod=cart-0", false}, {"host=web-2 host=web-1", true}, {"namespace=shop", true}, {"cause=*", false},
	} {
		var f Filter
		for _, flag := range strings.Fields(c.flags) {
			name, text, _ := strings.Cut(flag, "=")
			if err := f.Add(subject(t, name), text); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.Wants(r); got != c.want || f.Rest > 0 == c.want {
			t.Errorf("%q: %v, %d left out", c.flags, got, f.Rest)
		}
	}
	var f Filter
	if err := f.Add(subject(t, "pod"), ""); err == nil || !strings.Contains(err.Error(), `--pod: "" is no pattern: use one such as "shop/cart-*"`) {
		t.Error(err)
	}
}

func TestTimes(t *testing.T) {
	var f Filter
	f.Since(kill("2026-05-01T12:00:00Z").Time)
	f.Until(kill("2026-05-02T12:00:00Z").Time)
	for at, want := range map[string]bool{
		"2026-05-01T11:59:59Z": false, "2026-05-01T12:00:00Z": true, "2026-05-02T11:59:59Z": true, "2026-05-02T12:00:00Z": false, "": false,
	} {
		if f.Wants(kill(at)) != want || f.Matches(nil, kill(at)) != want {
			t.Errorf("%q is not %v", at, want)
		}
	}
	if f.Untimed != 1 || f.Rest != 3 || f.Check() != nil {
		t.Errorf("%d untimed of %d, %v", f.Untimed, f.Rest, f.Check())
	}
	f.Since(f.until)
	if f.Check() == nil {
		t.Error("an empty span is no error")
	}
}

func TestParseTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 3, 10, 30, 0, 0, time.UTC)
	for value, want := range map[string]string{
		"2026-05-01T12:00:00Z": "2026-05-01T12:00:00Z", "2026-05-01": "2026-04-30T22:00:00Z", "2026-05-01 12:00": "2026-05-01T10:00:00Z",
		"2026-05-01 12:00:05": "2026-05-01T10:00:05Z", "2026-05-01T12:00:00+03:00": "2026-05-01T09:00:00Z",
		"now": "2026-05-03T10:30:00Z", "today": "2026-05-02T22:00:00Z", "Yesterday": "2026-05-01T22:00:00Z",
		"2h": "2026-05-03T08:30:00Z", "-2h": "2026-05-03T08:30:00Z", "90m": "2026-05-03T09:00:00Z", "7d": "2026-04-26T10:30:00Z", "1w1d": "2026-04-25T10:30:00Z", "1d12h": "2026-05-01T22:30:00Z",
	} {
		if got, err := ParseTime("since", value, now, berlin); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v, want %s", value, got, err, want)
		}
	}
	// Of an hour that comes twice, all of it is since, and until.
	for _, c := range [][3]string{
		{"since", "2026-10-25 02:30", "2026-10-25T00:30:00Z"}, {"until", "2026-10-25 02:30", "2026-10-25T01:30:00Z"},
		{"since", "2026-10-25 03:00", "2026-10-25T02:00:00Z"}, {"until", "2026-10-25 01:59", "2026-10-24T23:59:00Z"},
		{"until", "2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"}, {"since", "2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"},
		{"until", "2026-03-29 02:30", "2026-03-29T01:30:00Z"}, {"since", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
	} {
		if got, err := ParseTime(c[0], c[1], now, berlin); err != nil || got.UTC().Format(time.RFC3339) != c[2] {
			t.Errorf("--%s %q: %v, %v, want %s", c[0], c[1], got.UTC(), err, c[2])
		}
	}
	for _, value := range []string{"", "soon", "2026-02-30", "7", "7x", "d", "1e9d", "NaNd", "--2h", "2h7", "tomorrow", "999999999999h"} {
		if got, err := ParseTime("since", value, now, berlin); err == nil {
			t.Errorf("%q: %v", value, got)
		} else if !strings.Contains(err.Error(), "--since: ") || !strings.Contains(err.Error(), "yesterday, 2h or 7d") {
			t.Errorf("%q: %v", value, err)
		}
	}
}
