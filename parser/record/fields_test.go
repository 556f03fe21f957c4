// SPDX-License-Identifier: Apache-2.0

package record

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// TestFieldIndex: each field has its row, and no row is without a field.
func TestFieldIndex(t *testing.T) {
	if len(Fields) != int(numFields) {
		t.Errorf("%d rows, %d fields", len(Fields), numFields)
	}
	for f := range numFields {
		if f.row() != &Fields[f] || Lookup(f.row().Name) != f.row() || fieldNames[f] != Fields[f].Name {
			t.Errorf("%d: %+v", f, f.row())
		}
	}
}

// TestMaxName: no name counts for more than the bound says.
func TestMaxName(t *testing.T) {
	var b Builder
	for f := range fieldNames {
		if n := b.size(&item{field: field(f), typ: TypeInt}); n > maxName {
			t.Errorf("%s: %d", fieldNames[f], n)
		}
	}
}

// TestMainStats: what the builder takes for a main figure of memory.stat is what [MainStats] lists.
func TestMainStats(t *testing.T) {
	for _, key := range MainStats {
		if f := mainStats[kernel.StatNamed(key)]; f == 0 || fieldNames[f] != FamilyPrefix+key || f.row().Name != FamilyPrefix+"*" {
			t.Errorf("%s: field %d", key, f)
		}
	}
	if f := mainStats[kernel.StatOther]; f != 0 {
		t.Errorf("any figure is taken for %s", fieldNames[f])
	}
}
