// SPDX-License-Identifier: Apache-2.0

package build

import (
	"testing"

	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestMainStats: what the builder takes for a main value of memory.stat is what [record.MainStats]
// lists.
func TestMainStats(t *testing.T) {
	for i, key := range record.MainStats {
		if id := mainStats[kernel.StatNamed(key)]; id == 0 || id != record.MainStat(i) {
			t.Errorf("%s: field %d", key, id)
		}
	}
	if id := mainStats[kernel.StatNamed("nosuch")]; id != 0 {
		t.Errorf("any other value is taken for %d", id)
	}
}
