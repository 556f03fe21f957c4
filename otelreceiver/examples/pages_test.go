// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// yamlBlock is a configuration that a page shows.
var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestPages lets a collector that is built read each whole configuration of the pages. The smallest
// has all that they use.
func TestPages(t *testing.T) {
	program := ""
	for _, name := range collectors {
		file := filepath.Join(root, "build", name, name)
		if _, err := os.Stat(file); program == "" && err == nil {
			program = file
		}
	}
	if program == "" {
		t.Skip("no collector is built: make collector-slim")
	}
	for _, page := range []string{"README.md", "docs/warnings.md", "otelreceiver/README.md", "otelprocessor/README.md"} {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, page))
			require.NoError(t, err)
			whole := 0
			for _, m := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
				if !strings.Contains(m[1], "\nservice:") {
					continue
				}
				whole++
				config := filepath.Join(t.TempDir(), "config.yaml")
				require.NoError(t, os.WriteFile(config, []byte(m[1]), 0o600))
				cmd := exec.Command(program, "validate", "--config", config)
				cmd.Env = append(os.Environ(), environment...)
				out, err := cmd.CombinedOutput()
				assert.NoError(t, err, "%s\n%s", out, m[1])
			}
			assert.NotZero(t, whole, "the page shows no whole configuration")
		})
	}
}
