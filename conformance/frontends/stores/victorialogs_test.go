// SPDX-License-Identifier: Apache-2.0

package stores

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/output"
)

// TestVictoriaLogs: records of each form arrive in a real server through both of its interfaces
// that the output knows, while it is down, slow, busy and restarted; none is lost, and none is
// there twice.
func TestVictoriaLogs(t *testing.T) {
	server := backends.StartVictoriaLogs(t)
	gate := backends.NewGate(t, server.URL)
	targets := map[string][]string{
		"loki":          {"Target", "loki", "Url", gate.URL + backends.LokiPush, "Compress", "gzip", "Timeout", "2s"},
		"elasticsearch": {"Target", "elasticsearch", "Url", gate.URL + backends.ElasticsearchBase, "Timeout", "2s"},
	}
	uids := map[string]string{
		"loki oom": "record_uid", "loki flat": "log_record_uid", "loki ecs": "event_id",
		"elasticsearch oom": "oom.record_uid", "elasticsearch flat": "log.record.uid", "elasticsearch ecs": "event.id",
	}
	faults := []backends.Fault{{}, {Down: true}, {Status: 429, Body: "too many"}, {Status: 503, Body: "not now"}, {Delay: 3 * time.Second}}
	base := 0
	for _, target := range []string{"loki", "elasticsearch"} {
		for _, f := range []form.Format{form.OOM, form.Flat, form.ECS} {
			base += 100
			name := target + " " + f.String()
			t.Run(name, func(t *testing.T) {
				log := &outputLog{}
				o := start(t, log, targets[target]...)
				var waiting [][]byte
				for i := range 8 {
					gate.Set(faults[i%len(faults)])
					c := chunk(f, base+2*i, base+2*i+1)
					before := gate.Requests()
					result := o.Flush([]byte("kern"), c, false)
					// After a time-out the output leaves the server alone for a while: it makes no
					// request.
					for tries := 0; gate.Requests() == before && tries < 300; tries++ {
						time.Sleep(100 * time.Millisecond)
						result = o.Flush([]byte("kern"), c, false)
					}
					if result != output.OK {
						waiting = append(waiting, c)
					}
					if ok := i%len(faults) == 0; ok != (result == output.OK) {
						t.Errorf("chunk %d: result %d", i, result)
					}
				}
				gate.Set(backends.Fault{})
				server.Stop()
				flush(t, log, o, waiting[0], output.Retry)
				server.Start(t)
				for _, c := range waiting {
					flush(t, log, o, c, output.OK)
				}
				o.Exit()
				if !strings.Contains(log.String(), "records=16 twice=0 delivered=16 present=0 refused=0") {
					t.Error(log)
				}
				seen := make(map[string]int)
				for _, entry := range server.WaitFor(t, fmt.Sprintf("%q:*", uids[name]), 16) {
					seen[entry[uids[name]]]++
				}
				for i := range 16 {
					if uid := uid(base + i); seen[uid] != 1 {
						t.Errorf("%s is there %d times", uid, seen[uid])
					}
				}
			})
		}
	}
}

// TestVictoriaLogsEntry: what a record pushed as to Loki looks like when it is found again.
func TestVictoriaLogsEntry(t *testing.T) {
	server, log := backends.StartVictoriaLogs(t), &outputLog{}
	o := start(t, log, "Target", "loki", "Url", server.URL+backends.LokiPush)
	flush(t, log, o, chunk(form.Flat, 7), output.OK)
	entry := server.WaitFor(t, "log_record_uid:"+uid(7), 1)[0]
	for name, value := range map[string]string{
		"_msg": "OOM kill: app-main (7)", "_time": "2026-11-21T08:00:07.123456789Z", "process_pid": "7", "oom_victim_share": "0.5",
		"_stream": `{event_name="oom.kill",host_name="node-1",oom_constraint="memcg",oom_scope="cgroup",service_name="kernel"}`,
	} {
		if entry[name] != value {
			t.Errorf("%s is %q, want %q", name, entry[name], value)
		}
	}
}

// TestVictoriaLogsNames: a pod's names are found by their labels where the settings make some of
// them, and by structured metadata anyhow.
func TestVictoriaLogsNames(t *testing.T) {
	const node = "../../../workload/testdata/real/kubelet-1.34.2"
	raw, err := os.ReadFile(node + "/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(node + "/root")
	if err != nil {
		t.Fatal(err)
	}
	var events []fbtest.Event
	for _, k := range fbtest.ReadKmsg(raw) {
		events = append(events, k.InKmsg())
	}
	server, log := backends.StartVictoriaLogs(t), &outputLog{}
	o := start(t, log, "Target", "loki", "Url", server.URL+backends.LokiPush, "Root_Path", root,
		"Labels", "service_name=kernel, namespace=$k8s.namespace.name, pod=$k8s.pod.name")
	flush(t, log, o, fbtest.Chunk(events...), output.OK)
	entry := server.WaitFor(t, `namespace:="shop" pod:="cart-node-1"`, 1)[0]
	for name, value := range map[string]string{
		"_stream": `{namespace="shop",pod="cart-node-1",service_name="kernel"}`, "k8s_namespace_name": "shop", "k8s_pod_name": "cart-node-1",
		"k8s_container_name": "app", "k8s_container_restart_count": "1", "container_image_name": "registry.example.com/shop/cart",
	} {
		if entry[name] != value {
			t.Errorf("%s is %q, want %q", name, entry[name], value)
		}
	}
	if !strings.Contains(entry["_msg"], "container app of pod shop/cart-node-1") {
		t.Errorf("the line is %q", entry["_msg"])
	}
}
