// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/conformance/docs"
	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/parser/record"
)

// TestElasticsearch: the documents of elasticsearch-ecs.yaml have the names and types of
// deploy/elasticsearch, and no object where these have a value.
func TestElasticsearch(t *testing.T) {
	logs, err := filepath.Glob(filepath.Join(root, "testdata/captures/6.12/e_*/kmsg.raw"))
	require.NoError(t, err)
	require.NotEmpty(t, logs)
	for i, log := range logs {
		logs[i], err = filepath.Abs(log)
		require.NoError(t, err)
	}
	// A death with an exit code, and the link by which the node names the container.
	dir, id := t.TempDir(), "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	exit := filepath.Join(dir, "containerd.log")
	require.NoError(t, os.WriteFile(exit, []byte(`Nov 29 10:00:01 node-1 containerd[812]: time="2026-11-29T10:00:01.300000000Z" level=info msg="TaskExit event &TaskExit{ContainerID:`+id+`,ID:`+id+
		`,Pid:7620,ExitStatus:137,ExitedAt:2026-11-29 10:00:01.299 +0000 UTC,XXX_unrecognized:[],}"`+"\n"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "var/log/containers"), 0o700))
	require.NoError(t, os.Symlink("/var/log/pods/shop_cart-0_0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f/app/3.log", filepath.Join(dir, "var/log/containers/cart-0_shop_app-"+id+".log")))
	include, err := json.Marshal(append(logs, exit))
	require.NoError(t, err)
	server := backends.StartElasticsearch(t)
	c := startCollector(t, "elasticsearch-ecs.yaml",
		"yaml:receivers::oom_kill: {source: file, start_at: beginning, sigkill: true, report_timeout: 200ms, root_path: "+dir+", file: {include: "+string(include)+"}}",
		"yaml:exporters::elasticsearch: {endpoint: '"+server.URL+"', sending_queue: {batch: {flush_timeout: 200ms}}}")
	defer c.stop(t)
	assert.Eventually(t, func() bool { return len(server.Documents()) >= len(logs)+1 }, patience, 100*time.Millisecond)
	t.Logf("%d documents of %d logs", len(server.Documents()), len(logs)+1)
	types := docs.ElasticsearchTypes()
	seen := map[string]bool{}
	var walk func(name string, value any)
	walk = func(name string, value any) {
		if inner, ok := value.(map[string]any); ok {
			assert.Empty(t, types[name], "%s is an object", name)
			for key, value := range inner {
				walk(strings.TrimPrefix(name+"."+key, "."), value)
			}
			return
		}
		seen[name] = true
		if n, ok := value.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				value = whole
			} else {
				value, _ = n.Float64()
			}
		}
		kind := types[name]
		if strings.HasPrefix(name, record.FamilyPrefix) {
			kind = "long"
		}
		if kind != "" || strings.HasPrefix(name, "oom.") {
			assert.True(t, docs.ElasticsearchTakes(kind, value), "%s is a %q, and here %v", name, kind, value)
		}
		for at := name; strings.Contains(at, "."); {
			at = at[:strings.LastIndex(at, ".")]
			assert.Empty(t, types[at], "%s is below %s, which is a value", name, at)
		}
	}
	for _, document := range server.Documents() {
		decoder := json.NewDecoder(bytes.NewReader(document.Raw))
		decoder.UseNumber()
		var source map[string]any
		require.NoError(t, decoder.Decode(&source))
		assert.Equal(t, "logs-oomkillreceiver-default", document.Index)
		walk("", source)
	}
	for _, name := range []string{"message", "event.action", "event.id", "process.exit_code", "container.runtime", "systemd.unit", "kubernetes.pod.uid", "kubernetes.container.status.restarts", "oom.victim.share"} {
		assert.True(t, seen[name], "no document has %s", name)
	}
}
