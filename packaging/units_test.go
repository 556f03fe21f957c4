// SPDX-License-Identifier: Apache-2.0

package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnits: the systemd of this machine finds nothing wrong with the units, and little that the
// services may do beside their work: TestUnit in the tree of check-packages needs the package.
func TestUnits(t *testing.T) {
	need(t, "systemd-analyze")
	for _, test := range []struct {
		file, program string
		// Of 100; 96 is a unit that says nothing.
		threshold string
	}{
		{"otelcol-oom/otelcol-oom.service", "/usr/bin/otelcol-oom", "20"},
		{"../cmd/oomtrail/examples/oomtrail-follow.service", "/usr/local/bin/oomtrail", "15"},
	} {
		text, err := os.ReadFile(test.file)
		require.NoError(t, err)
		// The program need not be here.
		require.Contains(t, string(text), "ExecStart="+test.program)
		unit := filepath.Join(t.TempDir(), filepath.Base(test.file))
		require.NoError(t, os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), test.program, "/bin/true")), 0o644))
		assert.Empty(t, output(t, "systemd-analyze", "verify", "--man=no", unit), test.file)
		report, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold="+test.threshold, "--no-pager", unit).CombinedOutput()
		if err != nil && strings.Contains(string(report), "unrecognized option") {
			t.Skip("NOT RUN: the systemd-analyze here knows no --offline")
		}
		assert.NoError(t, err, "%s: %s", test.file, report)
		t.Log(string(report[max(0, strings.LastIndex(string(report), "→")):]))
	}
}
