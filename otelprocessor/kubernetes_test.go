// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// TestKubernetesReceivers: what the k8sevents and k8sobjects receivers give of Kubernetes is read,
// and the kernel's words in it are no kill of the kernel.
func TestKubernetesReceivers(t *testing.T) {
	const (
		kill = "Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985"
		oom  = `{"kind":"Event","metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z","count":1}`
		pod  = `{"kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"spec":{"nodeName":"node-7"},"status":{"containerStatuses":[{"name":"cart","lastState":{"terminated":{"exitCode":137,"reason":"REASON","finishedAt":"2026-05-02T10:00:02Z","containerID":"containerd://4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"}}}]}}`
	)
	event := func(reason, name, message string) func(plog.LogRecord) {
		return func(lr plog.LogRecord) {
			lr.Body().SetStr(message)
			lr.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 5, 2, 10, 0, 2, 0, time.UTC)))
			for k, v := range map[string]string{"k8s.event.reason": reason, "k8s.event.name": name, "k8s.event.uid": "e-1", "k8s.namespace.name": "shop"} {
				lr.Attributes().PutStr(k, v)
			}
			lr.Attributes().PutInt("k8s.event.count", 1)
		}
	}
	object := func(text string) func(plog.LogRecord) {
		return func(lr plog.LogRecord) {
			var v map[string]any
			require.NoError(t, json.Unmarshal([]byte(text), &v))
			require.NoError(t, lr.Body().SetEmptyMap().FromRaw(v))
		}
	}
	for _, test := range []struct {
		name string
		set  func(plog.LogRecord)
		want string
	}{
		{"k8sevents, the kubelet", event("SystemOOM", "node-7.17ab90c1d2e3f405", "System OOM encountered, victim process: ingest, pid: 24117"), "oom.observed kubelet node-7"},
		{"k8sevents, the detector", event("OOMKilling", "node-7.17ab90c1d2e3f405", kill), "oom.observed node-problem-detector node-7"},
		{"k8sevents, an eviction", event("Evicted", "cart-0.17ab90c1d2e3f405", "The node was low on resource: memory. "), "oom.eviction kubelet "},
		{"k8sevents, another reason", event("Unhealthy", "cart-0.17ab90c1d2e3f405", kill), ""},
		{"k8sobjects, an event", object(oom), "oom.observed kubelet node-7"},
		{"k8sobjects, watch", object(`{"type":"ADDED","object":` + oom + `}`), "oom.observed kubelet node-7"},
		{"k8sobjects, an event that is gone", object(`{"type":"DELETED","object":` + oom + `}`), ""},
		{"k8sobjects, a pod", object(`{"type":"MODIFIED","object":` + strings.Replace(pod, "REASON", "OOMKilled", 1) + `}`), "oom.observed kubelet node-7"},
		{"k8sobjects, a pod of which nothing is known", object(strings.Replace(pod, "REASON", "ContainerStatusUnknown", 1)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ld := plog.NewLogs()
			test.set(ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
			sink := new(consumertest.LogsSink)
			p := start(t, sink, nil)
			require.NoError(t, p.ConsumeLogs(context.Background(), ld))
			require.NoError(t, p.Shutdown(context.Background())) // what waits for a kill to join comes now
			ours, _ := split(sink.AllLogs()...)
			got := ""
			for _, o := range ours {
				node, _ := o.resource["k8s.node.name"].(string)
				got += fmt.Sprint(o.attrs["event.name"], " ", o.attrs["oom.observer"], " ", node)
			}
			assert.Equal(t, test.want, got)
		})
	}
}
