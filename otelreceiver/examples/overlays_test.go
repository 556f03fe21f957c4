// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	oomkillreceiver "github.com/oomtrail/oomtrail/otelreceiver"
)

// TestOverlays: what the overlays of deploy put over the collector's configuration makes settings
// of the receiver that are right, as the collector merges the files.
func TestOverlays(t *testing.T) {
	files, err := filepath.Glob(root + "/deploy/overlays/*/collector/journald.yaml")
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range files {
		merged := confmap.New()
		for _, file := range []string{root + "/deploy/collector/collector.yaml", file} {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var values map[string]any
			require.NoError(t, yaml.Unmarshal(text, &values))
			require.NoError(t, merged.Merge(confmap.NewFromStringMap(values)))
		}
		settings, err := merged.Sub("receivers::oom_kill")
		require.NoError(t, err)
		config := oomkillreceiver.NewFactory().CreateDefaultConfig()
		require.NoError(t, settings.Unmarshal(config), file)
		receiver := config.(*oomkillreceiver.Config)
		assert.NoError(t, receiver.Validate(), file)
		assert.Equal(t, "journald", receiver.Source)
		assert.NotNil(t, receiver.Storage, "collector.yaml's own settings stay")
	}
}
