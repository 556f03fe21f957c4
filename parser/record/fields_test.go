package record

import "testing"

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

// TestMainStat: what the builder takes for a main figure of memory.stat is what [MainStats] lists.
func TestMainStat(t *testing.T) {
	for _, key := range MainStats {
		f, ok := mainStat(key)
		if !ok || fieldNames[f] != FamilyPrefix+key || f.row().Name != FamilyPrefix+"*" {
			t.Errorf("%s: field %d, %v", key, f, ok)
		}
	}
	for _, key := range []string{"", "ano", "anom", "pgfault", "workingset_refault_file_and_some_more_of_it"} {
		if f, ok := mainStat(key); ok {
			t.Errorf("%q is taken for %s", key, fieldNames[f])
		}
	}
}
