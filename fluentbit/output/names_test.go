// SPDX-License-Identifier: Apache-2.0

package output

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// podChunk holds the kernel's lines of a pod's kill, as in_kmsg brings them.
func podChunk(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	var events []fbtest.Event
	for _, k := range fbtest.ReadKmsg(raw) {
		events = append(events, k.InKmsg())
	}
	return fbtest.Chunk(events...)
}

// TestNames: what is delivered has the names that the node's files give a pod. They are structured
// metadata of Loki, and labels only where the settings say so.
func TestNames(t *testing.T) {
	node, err := filepath.Abs("../../testdata/node/root")
	if err != nil {
		t.Fatal(err)
	}
	byDefault := `"stream":{"event_name":"oom.kill","oom_constraint":"memcg","oom_scope":"cgroup","service_name":"kernel"}`
	for _, tc := range []struct {
		what       string
		settings   []string
		want, lack []string
	}{
		{"metadata", []string{"Root_Path", node},
			[]string{byDefault, `"k8s_namespace_name":"shop"`, `"k8s_pod_name":"cart-0"`, `app of pod shop/cart-0`}, nil},
		{"labels", []string{"Root_Path", node, "Labels", "namespace=$k8s.namespace.name, pod=$k8s.pod.name"},
			[]string{`"stream":{"namespace":"shop","pod":"cart-0"}`, `"k8s_pod_name":"cart-0"`}, nil},
		{"labels of a pod that has no name", []string{"Root_Path", t.TempDir(), "Labels", "job=oom, pod=$k8s.pod.name"},
			[]string{`"stream":{"job":"oom"}`}, []string{"cart-0"}},
		{"switched off", []string{"Root_Path", node, "Names", "off"}, []string{byDefault}, []string{"cart-0"}},
		{"no root", []string{"Root_Path", filepath.Join(node, "absent")}, []string{byDefault}, []string{"cart-0"}},
	} {
		var body []byte
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusNoContent)
		}))
		log := &testLog{}
		o := start(t, log, nil, append([]string{"Target", "loki", "Url", server.URL}, tc.settings...)...)
		want(t, log, o.Flush([]byte("kernel"), podChunk(t), false), OK)
		server.Close()
		for _, part := range tc.want {
			if !strings.Contains(string(body), part) {
				t.Errorf("%s: no %s in %s", tc.what, part, body)
			}
		}
		for _, part := range tc.lack {
			if strings.Contains(string(body), part) {
				t.Errorf("%s: %s in %s", tc.what, part, body)
			}
		}
		if warned := strings.Count(log.text(), "warn Root_Path: "); warned != strings.Count(tc.what, "no root") {
			t.Errorf("%s: %s", tc.what, log.text())
		}
	}
}
