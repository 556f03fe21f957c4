// SPDX-License-Identifier: Apache-2.0

//go:build unix

package oomkillreceiver

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTrustKernelSaysWhatItNeeds: files that nobody vouches for give no record where only the
// kernel's word counts, and the receiver says so once, with the setting that vouches.
func TestTrustKernelSaysWhatItNeeds(t *testing.T) {
	for _, tc := range []struct {
		trust, source string
		warned        int
	}{{"kernel", "", 1}, {"kernel", "none", 1}, {"kernel", "syslog", 0}, {"auto", "", 0}, {"any", "", 0}} {
		cfg := fileConfig(false, filepath.Join(t.TempDir(), "*.log"))
		cfg.Trust, cfg.File.TrustedSource = tc.trust, tc.source
		logs := runObserved(t, cfg, &sink{})
		assert.Equal(t, tc.warned, logs.FilterMessageSnippet("Set file::trusted_source to").Len(), "%+v", tc)
	}
}
