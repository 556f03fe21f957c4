package oomkillreceiver

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/parser/transport"
)

func TestIdentifyHost(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	none := func(string) string { return "" }
	pod := func(name string) string {
		return map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}[name]
	}
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/hostname"), []byte("node-7\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte(id+"\n"), 0o600))

	assert.Equal(t, hostIdentity{"node-7", id}, identifyHost("", root, pod), "the host's root tells, also in a pod")
	assert.Equal(t, hostIdentity{"named", id}, identifyHost("named", root, pod))
	assert.Equal(t, hostIdentity{"named", ""}, identifyHost("named", "", pod), "a pod's machine id is not the node's")
	assert.Equal(t, hostIdentity{}, identifyHost("", "", pod), "a pod's host name is not the node's")

	require.NoError(t, os.WriteFile(filepath.Join(root, "etc/machine-id"), []byte("uninitialized\n"), 0o600))
	assert.Equal(t, hostIdentity{"node-7", ""}, identifyHost("", root, none))
}

func TestInContainer(t *testing.T) {
	none := func(string) string { return "" }
	root := t.TempDir()
	assert.False(t, inContainer(root, none))
	assert.True(t, inContainer(root, func(name string) string {
		return map[string]string{"container": "podman"}[name]
	}))
	require.NoError(t, os.WriteFile(filepath.Join(root, ".dockerenv"), nil, 0o600))
	assert.True(t, inContainer(root, none))
}

func TestCompleteTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for stamp, want := range map[string]time.Time{
		"Mar  2 12:30:00":            time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC),
		"Mar  2 13:30:00":            now, // its clock runs ahead of ours
		"Mar 21 08:16:59":            time.Date(2025, 3, 21, 7, 16, 59, 0, time.UTC),
		"Feb 29 10:00:00":            time.Date(2024, 2, 29, 9, 0, 0, 0, time.UTC),
		"2026-03-02T12:30:00":        time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC),
		"2026-03-02T12:30:00.250000": time.Date(2026, 3, 2, 11, 30, 0, 250e6, time.UTC),
		"yesterday":                  {},
		"":                           {},
	} {
		l := transport.Line{Stamp: []byte(stamp)}
		completeTime(&l, berlin, now)
		assert.True(t, want.Equal(l.Wall), "%s: %s", stamp, l.Wall)
	}
	known := transport.Line{Wall: now.Add(-time.Hour), Stamp: []byte("Mar  2 12:30:00")}
	completeTime(&known, berlin, now)
	assert.Equal(t, now.Add(-time.Hour), known.Wall, "a carrier that tells the time is believed")
}
