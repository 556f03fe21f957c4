// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestStatNamed(t *testing.T) {
	for name, want := range map[string]report.StatKey{
		"anon": report.StatAnon, "rss": report.StatRSS, "slab_unreclaimable": report.StatSlabUnreclaimable, "file_dirty": report.StatFileDirty, "dirty": report.StatDirty,
		"workingset_refault_file": report.StatRefaultFile, "workingset_refault": report.StatRefault, "": report.StatOther, "pgfault": report.StatOther, "anon_thp": report.StatOther, "anom": report.StatOther,
	} {
		if got := StatNamed(name); got != want {
			t.Errorf("%q is %d, want %d", name, got, want)
		}
	}
}
