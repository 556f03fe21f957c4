// SPDX-License-Identifier: Apache-2.0

package record

import (
	"regexp"
	"strings"
	"testing"
)

// TestFieldIndex: each field has its row, and no row is without a field.
func TestFieldIndex(t *testing.T) {
	if len(Fields) != int(NumFields) {
		t.Errorf("%d rows, %d fields", len(Fields), NumFields)
	}
	for f := range NumFields {
		if f.row() != &Fields[f] || Lookup(f.row().Name) != f.row() || knownNames[f] != Fields[f].Name {
			t.Errorf("%d: %+v", f, f.row())
		}
	}
}

// TestMaxName: no name counts for more than the bound says.
func TestMaxName(t *testing.T) {
	var d Draft
	for f := range knownNames {
		if n := d.size(&item{id: ID(f), kind: KindInt64}); n > maxName {
			t.Errorf("%s: %d", knownNames[f], n)
		}
	}
}

// TestMainStat: each main value of memory.stat has the family's row and a name of its own.
func TestMainStat(t *testing.T) {
	for i, key := range MainStats {
		if id := MainStat(i); id.nameOf(nil) != FamilyPrefix+key || id.row().Name != FamilyPrefix+"*" {
			t.Errorf("%s: %s of %s", key, id.nameOf(nil), id.row().Name)
		}
	}
}

// units are the codes of UCUM that records take, or an annotation of what is counted.
var units = regexp.MustCompile(`^(|By|By/s|s|1|\{[a-z]+\})$`)

// TestFieldsTable: no name is another name's prefix at a dot, since a backend may make objects of
// them, and each row is whole.
func TestFieldsTable(t *testing.T) {
	for i := range Fields {
		f := &Fields[i]
		if f.Meaning == "" || f.Type == 0 || f.Rank > 3 {
			t.Errorf("%+v", f)
		}
		if !units.MatchString(f.Unit) || f.Type == KindString && f.Unit != "" || f.Type == KindFloat64 && f.Unit == "" {
			t.Errorf("%s: unit %q", f.Name, f.Unit)
		}
		for j := range Fields {
			if i != j && strings.HasPrefix(Fields[j].Name, f.Name+".") {
				t.Errorf("%s is a prefix of %s", f.Name, Fields[j].Name)
			}
		}
	}
	if len(MainStats) != 16 {
		t.Errorf("%d main names of memory.stat", len(MainStats))
	}
}
