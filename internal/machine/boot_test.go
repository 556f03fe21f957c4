// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"os"
	"testing"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// TestBootID: the id has the form in which entries of the journal have it, so that both are equal.
func TestBootID(t *testing.T) {
	if _, err := os.Stat("/proc/sys/kernel/random/boot_id"); err != nil {
		if id := BootID(); id != "" {
			t.Errorf("without a file: %q", id)
		}
		t.Skip("NOT RUN: this system gives no boot an id: ", err)
	}
	if id := BootID(); !ids.IsHexOf(id, 32) {
		t.Errorf("%q", id)
	}
}
