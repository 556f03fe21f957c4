// SPDX-License-Identifier: Apache-2.0

package witness

import "testing"

// TestKubeEvents reads events as exporters print them. The messages are made from the format
// strings of Kubernetes 1.14 to 1.34, the shapes from k8s.io/api and from the exporters' sources.
func TestKubeEvents(t *testing.T) {
	const (
		kill      = `Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985`
		detector  = "observation by=node-problem-detector killer=kernel pid=24117 comm=ingest occurrence=e-2#1 node=node-7 rss=537919488 uid=1000 adj=985 at=10:00:02"
		systemOOM = `{"metadata":{"name":"node-7.17","namespace":"default","uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7","uid":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet","host":"node-7"},"firstTimestamp":"2026-05-02T10:00:02Z","lastTimestamp":"2026-05-02T10:00:02Z","count":1,"type":"Warning"}`
		oom       = "observation by=kubelet killer=kernel pid=24117 comm=ingest occurrence=e-1#1 node=node-7 at=10:00:02"
		pod       = `"metadata":{"uid":"e-3"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"$UID"},"source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z"`
		evicted   = "eviction by=kubelet of=pod pod=UID podname=shop/cart-0"
	)
	testKube(t, []kubeCase{
		{name: "SystemOOM", text: systemOOM, want: oom},
		{name: "in a container's log", container: true, text: systemOOM, want: oom},
		{name: "eventrouter", text: `{"verb":"ADDED","event":` + systemOOM + `}`, want: oom},
		{name: "eventrouter's logger", text: `I0502 10:00:02.331907       1 glogsink.go:42] {"verb":"UPDATED","event":` + systemOOM + `,"old_event":` + systemOOM + `}`, want: oom},
		{name: "watch", text: `{"type":"ADDED","object":` + systemOOM + `}`, want: oom},
		{name: "event that is gone", text: `{"type":"DELETED","object":` + systemOOM + `}`},
		{name: "name with the words of the format", want: "observation by=kubelet killer=kernel pid=7 comm=a, pid: 1 occurrence=e-1#1 node=node-7 at=10:00:02",
			text: `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: a, pid: 1, pid: 7","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "combined", want: "observation by=kubelet killer=kernel pid=24902 comm=ingest occurrence=e-1#4 node=node-7 observed=4 at=10:00:02",
			text: `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"(combined from similar events): System OOM encountered, victim process: ingest, pid: 24902","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z","count":4}`},
		{name: "events.k8s.io", want: "observation by=kubelet killer=kernel pid=24117 comm=ingest occurrence=e-1#3 node=node-7 observed=3 at=10:00:05.123",
			text: `{"apiVersion":"events.k8s.io/v1","metadata":{"uid":"e-1"},"regarding":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","note":"System OOM encountered, victim process: ingest, pid: 24117","reportingController":"kubelet","reportingInstance":"node-7","deprecatedCount":1,"series":{"count":3,"lastObservedTime":"2026-05-02T10:00:05.123456Z"},"eventTime":null,"deprecatedLastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "k8sevents receiver", want: "observation by=kubelet killer=kernel pid=24117 comm=ingest occurrence=e-1#1 node=node-7",
			text:   "System OOM encountered, victim process: ingest, pid: 24117",
			fields: map[string]string{"k8s.event.reason": "SystemOOM", "k8s.event.uid": "e-1", "k8s.event.count": "1", "k8s.object.kind": "Node", "k8s.object.name": "node-7"}},
		{name: "k8sevents receiver, detector", want: "observation by=node-problem-detector killer=kernel pid=24117 comm=ingest occurrence=e-1#1 node=node-7 rss=537919488 uid=1000 adj=985",
			text:   kill,
			fields: map[string]string{"k8s.event.reason": "OOMKilling", "k8s.event.uid": "e-1", "k8s.object.kind": "Node", "k8s.object.name": "node-7"}},
		{name: "k8sevents receiver, the object in the resource", want: "observation by=kubelet killer=kernel pid=24117 comm=ingest occurrence=e-1#2 node=node-7.example.net observed=2",
			text:   "System OOM encountered, victim process: ingest, pid: 24117",
			fields: map[string]string{"k8s.event.reason": "SystemOOM", "k8s.event.uid": "e-1", "k8s.event.count": "2", "k8s.event.name": "node-7.example.net.17ab90c1d2e3f405"}},
		{name: "k8sevents receiver, evicted", want: "eviction by=kubelet of=pod podname=shop/cart-0 container=cart occurrence=e-1#1 reason=low_memory used=2266161152 request=536870912",
			text:   "The node was low on resource: memory. Container cart was using 2213048Ki, which exceeds its request of 512Mi. ",
			fields: map[string]string{"k8s.event.reason": "Evicted", "k8s.event.uid": "e-1", "k8s.event.name": "cart-0.17ab90c1d2e3f405", "k8s.namespace.name": "shop"}},
		{name: "after the kubelet's start",
			text: `{"metadata":{"uid":"e-0"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"Starting","message":"Starting kubelet.","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:01Z"}` + "\n" + systemOOM},
		{name: "after another kubelet's start", want: oom,
			text: `{"metadata":{"uid":"e-0"},"involvedObject":{"kind":"Node","name":"node-8"},"reason":"Starting","message":"Starting kubelet.","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:01Z"}` + "\n" + systemOOM},
		{name: "without a victim", text: `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "without a time", text: `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet"}}`},
		{name: "by another component", text: `{"metadata":{"uid":"e-1"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"my-operator"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},

		{name: "node-problem-detector", want: detector,
			text: `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"OOMKilling","message":"` + kill + `","source":{"component":"kernel-monitor","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z","count":1}`},
		{name: "node-problem-detector before 2020-10", want: "observation by=node-problem-detector killer=kernel pid=4481 comm=stress occurrence=e-2#1 node=node-7 rss=2052096 at=10:00:02",
			text: `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"OOMKilling","message":"Kill process 4481 (stress) score 1994 or sacrifice child\nKilled process 4481 (stress) total-vm:8284kB, anon-rss:2000kB, file-rss:4kB, shmem-rss:0kB","source":{"component":"kernel-monitor","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z","count":1}`},
		{name: "only the selection", text: `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"PodOOMKilling","message":"Memory cgroup out of memory: Kill process 25169 (hyperkube) score 2109 or sacrifice child","source":{"component":"kernel-monitor","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "kernel's words by another component", text: `{"metadata":{"uid":"e-2"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"OOMKilling","message":"` + kill + `","source":{"component":"shop"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},

		{name: "evicted 1.34", want: evicted + " container=cart occurrence=e-3#1 reason=low_memory node=node-7 threshold=104857600 available=82497536 used=2266161152 request=536870912 at=10:00:02",
			text: `{` + pod + `,"reason":"Evicted","message":"The node was low on resource: memory. Threshold quantity: 100Mi, available: 80564Ki. Container cart was using 2213048Ki, request is 512Mi, has larger consumption of memory. "}`},
		{name: "evicted 1.34, pod's own request", want: evicted + " occurrence=e-3#1 reason=low_memory node=node-7 threshold=104857600 available=82497536 used=2266161152 request=0 at=10:00:02",
			text: `{` + pod + `,"reason":"Evicted","message":"The node was low on resource: memory. Threshold quantity: 100Mi, available: 80564Ki. Pod cart-0 was using 2213048Ki, request is 0, has larger consumption of memory. Container cart was using 2213048Ki, request is 512Mi, has larger consumption of memory. "}`},
		{name: "evicted 1.24", want: evicted + " container=cart occurrence=e-3#1 reason=low_memory node=node-7 used=2266161152 request=536870912 at=10:00:02",
			text: `{` + pod + `,"reason":"Evicted","message":"The node was low on resource: memory. Container cart was using 2213048Ki, which exceeds its request of 512Mi. "}`},
		{name: "evicted, two containers", want: evicted + " occurrence=e-3#1 reason=low_memory node=node-7 at=10:00:02",
			text: `{` + pod + `,"reason":"Evicted","message":"The node was low on resource: memory. Container cart was using 1Gi, which exceeds its request of 512Mi. Container side was using 2Gi, which exceeds its request of 512Mi. "}`},
		{name: "evicted for disk", text: `{` + pod + `,"reason":"Evicted","message":"The node was low on resource: ephemeral-storage. Container cart was using 2213048Ki, which exceeds its request of 0. "}`},
		{name: "not admitted", text: `{` + pod + `,"reason":"Evicted","message":"The node had condition: [MemoryPressure]. "}`},
		{name: "evicted by the API", text: `{` + pod + `,"reason":"Evicted","message":"Evicted by the descheduler: node low on resource: memory. "}`},
		{name: "threshold of the node", text: `{"metadata":{"uid":"e-4"},"involvedObject":{"kind":"Node","name":"node-7"},"reason":"EvictionThresholdMet","message":"Attempting to reclaim memory","source":{"component":"kubelet"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},

		{name: "stopped", want: "sent by=kubelet of=container pod=UID podname=shop/cart-0 container=cart occurrence=e-5#1 reason=stop node=node-7 hold=30s at=10:00:02",
			text: `{"metadata":{"uid":"e-5"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"$UID","fieldPath":"spec.containers{cart}"},"reason":"Killing","message":"Stopping container cart","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "liveness", want: "sent by=kubelet of=container pod=UID podname=shop/cart-0 container=cart occurrence=e-5#1 reason=probe node=node-7 hold=30s at=10:00:02",
			text: `{"metadata":{"uid":"e-5"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":"$UID","fieldPath":"spec.containers{cart}"},"reason":"Killing","message":"Container cart failed liveness probe, will be restarted","source":{"component":"kubelet","host":"node-7"},"lastTimestamp":"2026-05-02T10:00:02Z"}`},
		{name: "probe that fails", text: `{` + pod + `,"reason":"Unhealthy","message":"Liveness probe failed: killed with OOMKilling"}`},
		{name: "preempted", want: "sent by=kubelet of=pod pod=UID podname=shop/cart-0 occurrence=e-3#1 reason=preemption node=node-7 hold=30s at=10:00:02",
			text: `{` + pod + `,"reason":"Preempting","message":"Preempted in order to admit critical pod"}`},
		{name: "back-off", text: `{` + pod + `,"reason":"BackOff","message":"Back-off restarting failed container cart in pod cart-0_shop($UID): OOMKilled"}`},
	})
}

// TestKubeStatus reads objects of pods.
func TestKubeStatus(t *testing.T) {
	pod := func(status string) string {
		return `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":"$UID"},"spec":{"nodeName":"node-7"},"status":{"phase":"Running",` + status + `}}`
	}
	const (
		killed = `"containerStatuses":[{"name":"cart","image":"shop/cart:1","state":{"running":{"startedAt":"2026-05-02T10:00:05Z"}},"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"2026-05-02T09:58:10Z","finishedAt":"2026-05-02T10:00:01Z","containerID":"containerd://$ID"}}}]`
		want   = "observation by=kubelet killer=kernel of=container id=ID pod=UID podname=shop/cart-0 container=cart occurrence=ID#2026-05-02T10:00:01Z node=node-7 image=shop/cart:1 exit=137 at=10:00:01"
		low    = `The node was low on resource: memory. Container cart was using 2213048Ki, which exceeds its request of 512Mi. `
	)
	testKube(t, []kubeCase{
		{name: "OOMKilled", text: pod(killed), want: want},
		{name: "watch", text: `{"type":"MODIFIED","object":` + pod(killed) + `}`, want: want},
		{name: "container that went on to exit 0", want: "observation by=kubelet killer=kernel of=container id=ID pod=UID podname=shop/cart-0 container=job occurrence=ID#2026-05-02T10:00:01Z node=node-7 exit=0 at=10:00:01",
			text: pod(`"initContainerStatuses":[{"name":"job","state":{"terminated":{"exitCode":0,"reason":"OOMKilled","finishedAt":"2026-05-02T10:00:01Z","containerID":"docker://$ID"}}}]`)},
		{name: "exit 137", want: "death by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart occurrence=ID#2026-05-02T10:00:01Z node=node-7 exit=137 at=10:00:01",
			text: pod(`"containerStatuses":[{"name":"cart","state":{"terminated":{"exitCode":137,"reason":"Error","finishedAt":"2026-05-02T10:00:01Z","containerID":"cri-o://$ID"}}}]`)},
		{name: "evicted", want: "eviction by=kubelet of=pod pod=UID podname=shop/cart-0 container=cart occurrence=" + kubeUID + "#evicted reason=low_memory node=node-7 used=2266161152 request=536870912 at=10:00:02",
			text: pod(`"reason":"Evicted","message":"` + low + `","conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-05-02T09:00:02Z"},{"type":"DisruptionTarget","status":"True","lastTransitionTime":"2026-05-02T10:00:02Z"}]`)},
		{name: "evicted, no time", text: pod(`"reason":"Evicted","message":"` + low + `"`)},
		{name: "not known", text: pod(`"containerStatuses":[{"name":"cart","state":{"terminated":{"exitCode":137,"reason":"ContainerStatusUnknown","message":"The container could not be located when the pod was terminated","startedAt":null,"finishedAt":null}}}]`)},
		{name: "not known, with a time", text: pod(`"containerStatuses":[{"name":"cart","state":{"terminated":{"exitCode":137,"reason":"ContainerStatusUnknown","finishedAt":"2026-05-02T10:00:01Z","containerID":"containerd://$ID"}}}]`)},
		{name: "start error", text: pod(`"containerStatuses":[{"name":"cart","state":{"terminated":{"exitCode":128,"reason":"StartError","message":"container init was OOM-killed (memory limit too low?)","finishedAt":"1970-01-01T00:00:00Z","containerID":"containerd://$ID"}}}]`)},
		{name: "no container's id", text: pod(`"containerStatuses":[{"name":"cart","state":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-05-02T10:00:01Z"}}}]`)},
		{name: "another kind", text: `{"kind":"Deployment","metadata":{"uid":"$UID"},"status":{` + killed + `}}`},
		{name: "an annotation", text: `{"kind":"Pod","metadata":{"uid":"$UID","annotations":{"last":"{\"reason\":\"OOMKilled\"}"}},"status":{}}`},
	})
}
