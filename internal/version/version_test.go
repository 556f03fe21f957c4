// SPDX-License-Identifier: Apache-2.0

package version

import "testing"

func TestGet(t *testing.T) {
	if got := Get(); got.Version == "" {
		t.Error("a build without a version")
	}
	version, commit, date = "v1.2.3", "0123abcd", "2026-05-01T12:00:00Z"
	defer func() { version, commit, date = "", "", "" }()
	if got := Get().String(); got != "v1.2.3 (commit 0123abcd, 2026-05-01T12:00:00Z)" {
		t.Error(got)
	}
	if got := (Info{Version: "devel"}).String(); got != "devel" {
		t.Error(got)
	}
}
