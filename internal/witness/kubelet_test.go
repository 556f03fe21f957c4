// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

// TestKubelet reads the kubelet's log by version. The lines are made from the format strings of
// Kubernetes 1.18.20, 1.20.15, 1.24.17, 1.28.15, 1.31.14 and 1.34.2.
func TestKubelet(t *testing.T) {
	const oom = "observation by=kubelet killer=kernel pid=24117 comm=ingest at=10:00:01.9"
	testKube(t, []kubeCase{
		{
			name: "system OOM 1.28 to 1.34", want: oom,
			text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z","ContainerName":"/","VictimContainerName":"/","Constraint":"CONSTRAINT_NONE"}`,
		},
		{
			name: "system OOM 1.24", want: oom,
			text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:77] "Got sys oom event" event=&{Pid:24117 ProcessName:ingest TimeOfDeath:2026-05-02 10:00:01.9 +0000 UTC m=+81.100 ContainerName:/ VictimContainerName:/ Constraint:CONSTRAINT_NONE}`,
		},
		{
			name: "system OOM to 1.20", want: oom,
			text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:77] Got sys oom event: &{24117 ingest 2026-05-02 10:00:01.9 +0000 UTC m=+81.100 / / CONSTRAINT_NONE}`,
		},
		{
			name: "name with the words of the format", want: "observation by=kubelet killer=kernel pid=24117 comm=a TimeOfDeath: at=10:00:01.9",
			text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:77] "Got sys oom event" event=&{Pid:24117 ProcessName:a TimeOfDeath: TimeOfDeath:2026-05-02 10:00:01.9 +0000 UTC ContainerName:/ VictimContainerName:/ Constraint:CONSTRAINT_NONE}`,
		},
		{
			name: "JSON", want: oom,
			text: `{"ts":1777716002331.907,"caller":"oom/oom_watcher_linux.go:75","msg":"Got sys oom event","v":1,"event":{"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z","ContainerName":"/","VictimContainerName":"/","Constraint":"CONSTRAINT_NONE"}}`,
		},
		{name: "no pid", text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":0,"ProcessName":"","TimeOfDeath":"2026-05-02T10:00:01.9Z","ContainerName":"/"}`},
		{name: "other program", program: "billing", text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z"}`},
		{name: "container's log", container: true, text: `I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z"}`},
		{name: "no header", text: `"Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z"}`},
		{name: "no source of OOM events", text: `I0502 10:00:02.331907    1021 oom.go:42] Could not configure a source for OOM detection, disabling OOM events: open /dev/kmsg: no such file`},

		{
			name: "eviction to 1.20", want: "eviction by=kubelet of=pod pod=UID podname=shop/cart-0 reason=low_memory",
			text: "W0311 09:12:44.120043    1021 eviction_manager.go:344] eviction manager: attempting to reclaim memory\n" +
				"I0311 09:12:44.120100    1021 eviction_manager.go:355] eviction manager: must evict pod(s) to reclaim memory\n" +
				"I0311 09:12:44.120200    1021 eviction_manager.go:373] eviction manager: pods ranked for eviction: cart-0_shop($UID), web-1_shop($UID)\n" +
				"I0311 09:12:44.998120    1021 eviction_manager.go:577] eviction manager: pod cart-0_shop($UID) is evicted successfully\n" +
				"I0311 09:12:44.998200    1021 eviction_manager.go:209] eviction manager: pods cart-0_shop($UID) evicted, waiting for pod to be cleaned up\n" +
				"I0311 09:12:45.998200    1021 eviction_manager.go:411] eviction manager: pods cart-0_shop($UID) successfully cleaned up",
		},
		{
			name: "eviction 1.24 to 1.34", want: "eviction by=kubelet of=pod podname=shop/cart-6f7c9d8b5-x2x2x reason=low_memory",
			text: `I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`I0311 09:12:44.120100    1021 eviction_manager.go:387] "Eviction manager: must evict pod(s) to reclaim" resourceName="memory"` + "\n" +
				`I0311 09:12:44.120200    1021 eviction_manager.go:405] "Eviction manager: pods ranked for eviction" pods=["shop/cart-6f7c9d8b5-x2x2x","shop/web-1"]` + "\n" +
				`I0311 09:12:44.998120    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-6f7c9d8b5-x2x2x"` + "\n" +
				`I0311 09:12:44.998200    1021 eviction_manager.go:208] "Eviction manager: pods evicted, waiting for pod to be cleaned up" pods=["shop/cart-6f7c9d8b5-x2x2x"]`,
		},
		{
			name: "eviction JSON", want: "eviction by=kubelet of=pod podname=shop/cart-0 reason=low_memory at=10:00:02.4",
			text: `{"ts":1777716002331.907,"caller":"eviction/eviction_manager.go:376","msg":"Eviction manager: attempting to reclaim","v":0,"resourceName":"memory"}` + "\n" +
				`{"ts":1777716002400.5,"caller":"eviction/eviction_manager.go:629","msg":"Eviction manager: pod is evicted successfully","v":0,"pod":{"name":"cart-0","namespace":"shop"}}`,
		},
		{
			name: "eviction for disk",
			text: `I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"` + "\n" +
				`I0311 09:12:44.998120    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`,
		},
		{
			name: "memory before, disk last",
			text: `I0311 09:12:04.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"` + "\n" +
				`I0311 09:12:44.998120    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`,
		},
		{
			name: "an hour later",
			text: `I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`I0311 10:12:44.998120    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`,
		},
		{name: "resource not said", text: `I0311 09:12:44.998120    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`},
		{
			name: "nobody hurt",
			text: `I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`I0311 09:12:44.998120    1021 eviction_manager.go:383] "Eviction manager: able to reduce resource pressure without evicting pods." resourceName="memory"`,
		},
		{
			name: "failed eviction",
			text: `I0311 09:12:44.120043    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`E0311 09:12:44.998120    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout" pod="shop/cart-0"` + "\n" +
				`E0311 09:12:44.998120    1021 eviction_manager.go:610] "Eviction manager: cannot evict a critical pod" pod="kube-system/dns"`,
		},

		{
			name: "cleaned up after a timeout, 1.34", want: "eviction by=kubelet of=pod podname=shop/cart-0 reason=low_memory",
			text: `I0311 09:12:41.120013    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`E0311 09:12:51.568320    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout waiting to kill pod" pod="shop/cart-0"` + "\n" +
				`I0311 09:13:14.587684    1021 eviction_manager.go:459] "Eviction manager: pods successfully cleaned up" pods=["shop/cart-0"]`,
		},
		{
			name: "cleaned up, before 1.25", want: "eviction by=kubelet of=pod podname=shop/cart-0 reason=low_memory",
			text: `I0311 09:12:41.120013    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`E0311 09:12:51.568320    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout waiting to kill pod" pod="shop/cart-0"` + "\n" +
				`I0311 09:13:14.587684    1021 eviction_manager.go:459] "Eviction manager: pods successfully cleaned up" pods=[shop/cart-0]`,
		},
		{
			name: "cleaned up, JSON", want: "eviction by=kubelet of=pod podname=shop/cart-0 reason=low_memory at=10:00:32.4",
			text: `{"ts":1777716002331.907,"caller":"eviction/eviction_manager.go:376","msg":"Eviction manager: attempting to reclaim","v":0,"resourceName":"memory"}` + "\n" +
				`{"ts":1777716032400.5,"caller":"eviction/eviction_manager.go:459","msg":"Eviction manager: pods successfully cleaned up","v":0,"pods":[{"name":"cart-0","namespace":"shop"}]}`,
		},
		{
			name: "cleaned up, of the disk",
			text: `I0311 09:12:41.120013    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="nodefs"` + "\n" +
				`E0311 09:12:51.568320    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout waiting to kill pod" pod="shop/cart-0"` + "\n" +
				`I0311 09:13:14.587684    1021 eviction_manager.go:459] "Eviction manager: pods successfully cleaned up" pods=["shop/cart-0"]`,
		},
		{
			name: "cleaned up, two pods",
			text: `I0311 09:12:41.120013    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`E0311 09:12:51.568320    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout waiting to kill pod" pod="shop/cart-0"` + "\n" +
				`I0311 09:13:14.587684    1021 eviction_manager.go:459] "Eviction manager: pods successfully cleaned up" pods=["shop/cart-0","shop/cart-1"]`,
		},
		{
			name: "not cleaned up",
			text: `I0311 09:12:41.120013    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"` + "\n" +
				`E0311 09:12:51.568320    1021 eviction_manager.go:627] "Eviction manager: pod failed to evict" err="timeout waiting to kill pod" pod="shop/cart-0"` + "\n" +
				`I0311 09:13:00.568320    1021 eviction_manager.go:208] "Eviction manager: pods evicted, waiting for pod to be cleaned up" pods=["shop/cart-0"]`,
		},
		{
			name: "PLEG 1.24 to 1.34", want: "death by=kubelet of=container id=ID pod=UID exit=137",
			text: `I0502 10:00:03.100211    1021 generic.go:358] "Generic (PLEG): container finished" podID="$UID" containerID="$ID" exitCode=137`,
		},
		{
			name: "PLEG 1.23", want: "death by=kubelet of=container id=ID pod=UID exit=137",
			text: `I0502 10:00:03.100211    1021 generic.go:296] "Generic (PLEG): container finished" podID=$UID containerID="$ID" exitCode=137`,
		},
		{name: "PLEG, exit 0", text: `I0502 10:00:03.100211    1021 generic.go:358] "Generic (PLEG): container finished" podID="$UID" containerID="$ID" exitCode=0`},
		{name: "PLEG, exit 1370", text: `I0502 10:00:03.100211    1021 generic.go:358] "Generic (PLEG): container finished" podID="$UID" containerID="$ID" exitCode=1370`},
		{name: "sync loop", text: `I0502 10:00:03.100211    1021 kubelet.go:2450] "SyncLoop (PLEG): event for pod" pod="shop/cart-0" event={"ID":"$UID","Type":"ContainerDied","Data":"$ID"}`},
		{
			name: "grace", want: "sent by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart reason=stop hold=30s",
			text: `I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="$UID" containerName="cart" containerID="containerd://$ID" gracePeriod=30`,
		},
		{
			name: "a failed liveness probe, 1.34", want: "sent by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart reason=probe hold=30s",
			text: `I0502 10:04:11.709022    1021 kuberuntime_manager.go:1182] "Message for Container of pod" containerName="cart" containerStatusID={"Type":"containerd","ID":"$ID"} pod="shop/cart-0" containerMessage="Container cart failed liveness probe, will be restarted"` + "\n" +
				`I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="$UID" containerName="cart" containerID="containerd://$ID" gracePeriod=30`,
		},
		{
			name: "a failed startup probe, never restarted", want: "sent by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart reason=probe hold=30s",
			text: `I0502 10:04:11.709022    1021 kuberuntime_manager.go:1182] "Message for Container of pod" containerName="cart" containerStatusID={"Type":"containerd","ID":"$ID"} pod="shop/cart-0" containerMessage="Container cart failed startup probe"` + "\n" +
				`I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="$UID" containerName="cart" containerID="containerd://$ID" gracePeriod=30`,
		},
		{
			name: "another container failed its probe", want: "sent by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart reason=stop hold=30s",
			text: `I0502 10:04:11.709022    1021 kuberuntime_manager.go:1182] "Message for Container of pod" containerName="cart" containerStatusID={"Type":"containerd","ID":"4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f90011223344559"} pod="shop/cart-0" containerMessage="Container cart failed liveness probe"` + "\n" +
				`I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="$UID" containerName="cart" containerID="containerd://$ID" gracePeriod=30`,
		},
		{
			name: "another reason", want: "sent by=kubelet of=container id=ID pod=UID podname=shop/cart-0 container=cart reason=stop hold=30s",
			text: `I0502 10:04:11.709022    1021 kuberuntime_manager.go:1182] "Message for Container of pod" containerName="cart" containerStatusID={"Type":"containerd","ID":"$ID"} pod="shop/cart-0" containerMessage="Container cart definition changed, not failed liveness probe"` + "\n" +
				`I0502 10:04:11.710022    1021 kuberuntime_container.go:808] "Killing container with a grace period" pod="shop/cart-0" podUID="$UID" containerName="cart" containerID="containerd://$ID" gracePeriod=30`,
		},
	})
}

// TestKubeletVerified: only journald's own fields prove the kubelet.
func TestKubeletVerified(t *testing.T) {
	const text = `I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] "Got sys oom event" event={"Pid":24117,"ProcessName":"ingest","TimeOfDeath":"2026-05-02T10:00:01.9Z"}`
	kubeletOwn := Author{Program: "kubelet", Comm: "kubelet", Unit: "kubelet.service", Transport: "stdout", Trusted: true}
	for _, c := range []struct {
		name           string
		change         func(a *Author, at *report.Stamp)
		said, verified bool
	}{
		{"journald's fields", func(*Author, *report.Stamp) {}, true, true},
		{"not known to be journald's", func(a *Author, _ *report.Stamp) { a.Trusted = false }, true, false},
		{"another unit", func(a *Author, _ *report.Stamp) { a.Unit = "user@1000.service" }, true, false},
		{"another program", func(a *Author, _ *report.Stamp) { a.Comm, a.Unit = "python3", "app.service" }, false, false},
		{"another identifier", func(a *Author, _ *report.Stamp) { a.Program = "app" }, false, false},
		{"the kernel's record", func(a *Author, at *report.Stamp) { at.Origin = report.OriginKernel }, false, false},
	} {
		l := Line{Text: text, Author: kubeletOwn}
		c.change(&l.Author, &l.At)
		said, verified := false, false
		new(Readers).Read(&l, func(f *Fact) { said, verified = true, f.Verified })
		if said != c.said || verified != c.verified {
			t.Errorf("%s: said %v, verified %v, want %v, %v", c.name, said, verified, c.said, c.verified)
		}
	}
}
