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
	// pull is an object of the mode pull, whose numbers are whole.
	pull := func(text string) func(plog.LogRecord) {
		return func(lr plog.LogRecord) {
			object(text)(lr)
			terminated := lr.Body().Map()
			for _, name := range []string{"status", "containerStatuses", "0", "lastState", "terminated"} {
				v, ok := terminated.Get(name)
				if ok && v.Type() == pcommon.ValueTypeSlice {
					v = v.Slice().At(0)
				}
				if ok {
					terminated = v.Map()
				}
			}
			terminated.PutInt("exitCode", 137)
		}
	}
	const killing = `{"kind":"Event","metadata":{"uid":"e-1"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f","fieldPath":"spec.containers{cart}"},"reason":"Killing","message":"Container cart failed startup probe, will be restarted","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:00Z","count":1}`
	died := strings.Replace(pod, "REASON", "Error", 1)
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
		{"k8sobjects, a pod that died of SIGKILL", object(died), "oom.sigkill kubelet node-7 unknown"},
		{"k8sobjects, pull, a pod that died of SIGKILL", pull(died), "oom.sigkill kubelet node-7 unknown"},
		{"k8sobjects, watch, a pod that died of SIGKILL", object(`{"type":"MODIFIED","object":` + died + `}`), "oom.sigkill kubelet node-7 unknown"},
		{"k8sobjects, a probe that failed alone", object(killing), ""},
		{"k8sobjects, another number", object(strings.Replace(died, `"exitCode":137`, `"exitCode":143,"signal":137`, 1)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ld := plog.NewLogs()
			test.set(ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
			sink := new(consumertest.LogsSink)
			p := start(t, sink, func(c *Config) { c.Sigkill = true })
			require.NoError(t, p.ConsumeLogs(context.Background(), ld))
			require.NoError(t, p.Shutdown(context.Background())) // what waits for a kill to join comes now
			ours, _ := split(sink.AllLogs()...)
			got := ""
			for _, o := range ours {
				node, _ := o.resource["k8s.node.name"].(string)
				got += fmt.Sprint(o.attrs["event.name"], " ", o.attrs["oom.observer"], " ", node)
				if cause, ok := o.attrs["oom.verdict.cause"]; ok {
					got += fmt.Sprint(" ", cause)
				}
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// TestKubernetesProbe: a death that a pod's status shows has the cause that the event of a failed
// startup probe gives.
func TestKubernetesProbe(t *testing.T) {
	const (
		died    = `{"kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"spec":{"nodeName":"node-7"},"status":{"containerStatuses":[{"name":"cart","lastState":{"terminated":{"exitCode":137,"reason":"Error","finishedAt":"2026-05-02T10:00:20Z","containerID":"containerd://4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"}}}]}}`
		killing = `{"kind":"Event","metadata":{"uid":"e-1"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f","fieldPath":"spec.containers{cart}"},"reason":"Killing","message":"Container cart failed startup probe, will be restarted","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:00Z","count":1}`
	)
	sink := new(consumertest.LogsSink)
	p := start(t, sink, func(c *Config) { c.Sigkill = true })
	for _, text := range []string{killing, died} {
		ld := plog.NewLogs()
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		require.NoError(t, ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetEmptyMap().FromRaw(v))
		require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	}
	require.NoError(t, p.Shutdown(context.Background()))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.Equal(t, "oom.sigkill", ours[0].attrs["event.name"])
	assert.Equal(t, "sent", ours[0].attrs["oom.verdict.cause"])
	assert.Equal(t, "kubelet", ours[0].attrs["oom.sender.name"])
}

// TestEventsOfPods: the k8sevents receiver says in the resource which pod and container an event is
// about, and of which node.
func TestEventsOfPods(t *testing.T) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	for k, v := range map[string]string{
		"k8s.node.name": "node-7", "k8s.object.kind": "Pod", "k8s.object.name": "cart-0", "k8s.object.uid": "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f",
		"k8s.object.fieldpath": "spec.containers{cart}", "k8s.object.api_version": "v1", "k8s.object.resource_version": "1201",
	} {
		rl.Resource().Attributes().PutStr(k, v)
	}
	lr := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	lr.Body().SetStr("The node was low on resource: memory. ")
	lr.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC)))
	for k, v := range map[string]string{"k8s.event.reason": "Evicted", "k8s.event.name": "x.17ab90c1d2e3f405", "k8s.event.uid": "e-1", "k8s.namespace.name": "shop"} {
		lr.Attributes().PutStr(k, v)
	}
	sink := new(consumertest.LogsSink)
	p := start(t, sink, nil)
	require.NoError(t, p.ConsumeLogs(context.Background(), ld))
	require.NoError(t, p.Shutdown(context.Background()))
	ours, _ := split(sink.AllLogs()...)
	require.Len(t, ours, 1)
	assert.Equal(t, "oom.eviction", ours[0].attrs["event.name"])
	got := map[string]any{}
	for _, name := range []string{"k8s.node.name", "k8s.pod.name", "k8s.pod.uid", "k8s.namespace.name"} {
		got[name] = ours[0].resource[name]
		if v, ok := ours[0].attrs[name]; ok {
			got[name] = v
		}
	}
	assert.Equal(t, map[string]any{"k8s.node.name": "node-7", "k8s.pod.name": "cart-0", "k8s.pod.uid": "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f", "k8s.namespace.name": "shop"}, got)
}
