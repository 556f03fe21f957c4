// SPDX-License-Identifier: Apache-2.0

package output

import (
	"os"
	"strings"
	"testing"
)

// TestReadme: each setting is in the table, and each default that is told is true.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, key := range Keys() {
		if !strings.Contains(text, "`"+key+"`") {
			t.Errorf("README.md misses %s", key)
		}
	}
	for _, value := range []string{defaultLabels, defaultIndex, defaultLokiPath, defaultTimeout.String()} {
		if !strings.Contains(text, "`"+value+"`") {
			t.Errorf("README.md misses the default %s", value)
		}
	}
}
