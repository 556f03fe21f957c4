// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/record"
)

// TestNear: a name that was mistyped finds the one that was meant, and not what is merely short.
func TestNear(t *testing.T) {
	records := []*record.Record{
		kill("", "systemd.unit.name", "nginx.service"), kill("", "systemd.unit.name", "ssh.service"), kill("", "systemd.unit.name", "postgresql@15-main.service"),
		kill("", "systemd.unit.name", "user@1000.service"), kill("", "systemd.unit.name", "a.service"),
		kill("", "k8s.pod.name", "cart-0", "k8s.namespace.name", "shop", "container.id", strings.Repeat("ab", 32)),
	}
	for flag, want := range map[string]string{
		"unit=ngnix": "nginx", "unit=nginx.servic": "nginx", "unit=NGINX": "nginx", "unit=postgres": "postgresql@15-main", "unit=sshd": "ssh",
		"unit=*nginxx*": "nginx", "unit=kafka": "", "unit=b": "a", "unit=zz": "",
		"pod=cart-1": "cart-0", "pod=shop/kart-0": "shop/cart-0", "pod=shop/cart": "shop/cart-0", "container=abba": "",
	} {
		name, text, _ := strings.Cut(flag, "=")
		var f Filter
		if err := f.Add(subject(t, name), text); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.Near(slices.Values(records), 3), " "); got != want {
			t.Errorf("%s: %q, want %q", flag, got, want)
		}
	}
}

// TestApart: two letters in the wrong order are one mistake.
func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "ab", 2}, {"abcd", "", 4}, {"nginx", "ngnix", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"ä", "a", 1}, {"cart", "cart-0", 1},
	} {
		if got, back := apart(c.a, c.b), apart(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q and %q: %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
	if long := strings.Repeat("x", 1<<20); apart(long, long+"y") != 1 || apart(long, "y"+strings.Repeat("z", 300)) > longest {
		t.Error("a long name")
	}
}
