// SPDX-License-Identifier: Apache-2.0

package enum

import "testing"

type letter uint8

func TestNames(t *testing.T) {
	n := New[letter]("letter", "a", "b", "c")
	for i, name := range []string{"a", "b", "c"} {
		v, err := n.Parse(name)
		if err != nil || v != letter(i) || n.String(v) != name || !n.Has(v) {
			t.Errorf("%s: %d, %v, printed as %s", name, v, err, n.String(v))
		}
	}
	if n.Has(3) || n.String(3) != "letter 3" {
		t.Errorf("a value without a name is printed as %q", n.String(3))
	}
	_, err := n.Parse("d")
	if err == nil || err.Error() != `unknown letter "d": use a, b or c` {
		t.Error(err)
	}
}
