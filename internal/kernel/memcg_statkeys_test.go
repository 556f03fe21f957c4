// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

func TestStatNamed(t *testing.T) {
	for name, want := range map[string]StatKey{
		"anon": StatAnon, "rss": StatRSS, "slab_unreclaimable": StatSlabUnreclaimable, "file_dirty": StatFileDirty, "dirty": StatDirty,
		"workingset_refault_file": StatRefaultFile, "workingset_refault": StatRefault, "": StatOther, "pgfault": StatOther, "anon_thp": StatOther, "anom": StatOther,
	} {
		if got := StatNamed(name); got != want {
			t.Errorf("%q is %d, want %d", name, got, want)
		}
	}
}
