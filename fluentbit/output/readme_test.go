package output

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
)

// TestReadme: each setting is in the table, and each default that is told is true.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	keys := slices.Concat([]string{"Target"}, keysOf[targetLoki], keysOf[targetElasticsearch], filter.Keys)
	for _, key := range keys {
		if key != "Mode" && !strings.Contains(text, "`"+key+"`") {
			t.Errorf("README.md misses %s", key)
		}
	}
	for _, value := range []string{defaultLabels, defaultIndex, defaultLokiPath, defaultTimeout.String()} {
		if !strings.Contains(text, "`"+value+"`") {
			t.Errorf("README.md misses the default %s", value)
		}
	}
}
