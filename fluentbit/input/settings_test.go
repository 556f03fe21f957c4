// SPDX-License-Identifier: Apache-2.0

package input

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/internal/warning"
)

// given is a configuration: keys and values in turn.
type given []string

func (g given) get(key string) string {
	for i := 0; i < len(g); i += 2 {
		if strings.EqualFold(g[i], key) {
			return g[i+1]
		}
	}
	return ""
}

func (g given) keys() (keys []string) {
	for i := 0; i < len(g); i += 2 {
		keys = append(keys, g[i])
	}
	return keys
}

func TestSettings(t *testing.T) {
	s, err := ParseSettings(given{}.get, nil)
	require.NoError(t, err)
	assert.Equal(t, `emit=oom path="/dev/kmsg" cursor="" warnings=off warnings_cgroups="" warnings_near_limit=0.9 warnings_available=0.1 warnings_pressure=0.4 warnings_per_minute=10 format=oom include_original=off tasks_top=10 observations=unmatched sigkill=off memory_stat=main host_name="" names=on root_path="" max_memory=268435456`, s.String())

	g := given{"emit", "ALL", "Path", "/host/dev/kmsg", "Cursor", "/c", "format", "ecs", "Tasks_Top", "0", "Root_Path", "/host", "Host_Name", "n"}
	s, err = ParseSettings(g.get, g.keys())
	require.NoError(t, err)
	assert.Equal(t, EmitAll, s.Emit)
	assert.Equal(t, "/host/dev/kmsg", s.Path)
	assert.Equal(t, "/c", s.Cursor)
	assert.Equal(t, form.ECS, s.Records.Format)
	assert.Equal(t, "/host", s.Records.RootPath)
	assert.False(t, s.Warnings)

	g = given{"Warnings", "true", "Warnings_Cgroups", "/a/*, /b", "Warnings_Near_Limit", "0.8", "Warnings_Per_Minute", "3"}
	s, err = ParseSettings(g.get, g.keys())
	require.NoError(t, err)
	assert.True(t, s.Warnings)
	assert.Equal(t, []string{"/a/*", "/b"}, s.Watch.Cgroups)
	assert.InDelta(t, 0.8, s.Watch.NearLimit, 0)
	assert.InDelta(t, warning.DefaultSettings().Available, s.Watch.Available, 0, "the default")
	assert.Equal(t, 3, s.Watch.PerMinute)

	for _, c := range []struct {
		given given
		want  string
	}{
		{given{"Emit", "both"}, `Emit "both" is not known: use oom or all`},
		{given{"Emit", "both", "Tasks_Top", "51"}, "Emit \"both\" is not known: use oom or all\nTasks_Top \"51\" is out of range: use a number from 0 (none) to 50"},
		{given{"Mode", "only"}, `Mode is no setting of this input: use ` + strings.Join(Keys(), ", ")},
		{given{"Emit", "all", "emit", "oom"}, `emit is given twice: keep one`},
		{given{"Warnings", "some"}, `Warnings "some" is not a switch: use on or off`},
		{given{"Warnings_Near_Limit", "most"}, `Warnings_Near_Limit "most" is no share: use a number such as 0.9`},
		{given{"Warnings_Per_Minute", "1.5"}, `Warnings_Per_Minute "1.5" is no number: use one such as 10`},
		{given{"Warnings_Near_Limit", "2", "Warnings_Available", "NaN", "Warnings_Pressure", "0", "Warnings_Per_Minute", "0"},
			"Warnings_Near_Limit 2: use 0.5 to 1\nWarnings_Available NaN: use 0 to 0.5\nWarnings_Pressure 0: use 0.05 to 1\nWarnings_Per_Minute 0: use 1 to 600"},
		{given{"Warnings_Cgroups", "/a,system.slice"}, `Warnings_Cgroups "system.slice": begin it with "/" or "**": the path is from the root of the cgroups`},
		{given{"Root_Path", "host"}, `Root_Path "host" is no absolute path: use one such as /host`},
	} {
		_, err := ParseSettings(c.given.get, c.given.keys())
		assert.EqualError(t, err, c.want)
	}
}

// TestEachSetting: each setting has an example that is right and not the default, and stands in the
// table and in the line at start.
func TestEachSetting(t *testing.T) {
	byDefault, err := ParseSettings(given{}.get, nil)
	require.NoError(t, err)
	rows := strings.Split(strings.TrimSpace(Markdown()), "\n")[2:]
	require.Len(t, rows, len(Keys()))
	for _, key := range Keys() {
		var row string
		for _, r := range rows {
			if strings.HasPrefix(r, "| `"+key+"` |") {
				row = r
			}
		}
		require.NotEmpty(t, row, key)
		_, rest, _ := strings.Cut(row, "| `"+key+" ")
		example, _, found := strings.Cut(rest, "` |")
		require.True(t, found, key)
		g := given{key, example}
		s, err := ParseSettings(g.get, g.keys())
		require.NoError(t, err)
		assert.NotEqual(t, byDefault.String(), s.String(), key)
		assert.Contains(t, byDefault.String(), strings.ToLower(key)+"=")
	}
}

// TestHost: the host's name is the machine's own, in a container that of its root directory, or
// what the pod was told.
func TestHost(t *testing.T) {
	pod := func(name string) string {
		return map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "NODE_NAME": "node-7"}[name]
	}
	parse := func(g given) Settings {
		s, err := ParseSettings(g.get, g.keys())
		require.NoError(t, err)
		return s
	}
	o, _ := parse(nil).options(pod)
	assert.Equal(t, "node-7", o.HostName)
	assert.Empty(t, o.HostID, "a pod's machine id is not the node's")
	assert.False(t, o.UserNames, "a pod's users are not the node's")

	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/hostname"), []byte("node-8\n"), 0o600))
	o, _ = parse(given{"Root_Path", root}).options(pod)
	assert.Equal(t, "node-8", o.HostName)
	assert.True(t, o.UserNames)
	o, _ = parse(given{"Root_Path", root, "Host_Name", "named"}).options(pod)
	assert.Equal(t, "named", o.HostName)
	assert.Equal(t, "kmsg", o.Source)
}
