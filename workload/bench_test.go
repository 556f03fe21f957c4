// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"
	"testing"
	"time"
)

// node makes a tree of a node with pods, of two containers each, as kubelet and containerd leave
// it.
func node(t testing.TB, pods int) *tree {
	tr := newTree(t)
	for i := range pods {
		dir := fmt.Sprintf("shop_cart-%d-6b9f7c5d4f-x2x%02d_%s", i, i%100, number(i))
		tr.pod("shop", dir[len("shop_"):len(dir)-37], number(i))
		for c, name := range []string{"app", "istio-proxy"} {
			tr.link(fmt.Sprintf("cart-%d-6b9f7c5d4f-x2x%02d_shop_%s-%064x.log", i, i%100, name, 2*i+c), "/var/log/pods/"+dir+"/"+name+"/0.log")
			tr.write(containerdTasks[0].dir+fmt.Sprintf("%064x/config.json", 2*i+c), config(dir, name, i))
		}
	}
	return tr
}

// config returns a config.json of the size of a usual one: 9 KiB, a third of it behind the
// annotations.
func config(pod, container string, i int) string {
	var mounts, rules []byte
	for n := range 24 {
		mounts = fmt.Appendf(mounts, `{"destination":"/var/run/secrets/%d","type":"bind","source":"/var/lib/kubelet/pods/%s/volumes/%d","options":["rbind","rprivate","ro"]},`, n, number(i), n)
		rules = fmt.Appendf(rules, `{"names":["accept4","access","adjtimex","alarm","bind","brk","capget","capset","chdir"],"action":"SCMP_ACT_ALLOW"},`)
	}
	return fmt.Sprintf(`{"ociVersion":"1.2.0","process":{"args":["/app"],"env":["PATH=/usr/bin","HOSTNAME=x"]},"mounts":[%s{}],"annotations":{`+
		`"io.kubernetes.cri.container-name":%q,"io.kubernetes.cri.image-name":"registry.example/shop/cart:2.4.1","io.kubernetes.cri.sandbox-name":%q,`+
		`"io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":%q},"linux":{"seccomp":{"syscalls":[%s{}]}}}`,
		mounts, container, pod[len("shop_"):len(pod)-37], number(i), rules)
}

// BenchmarkLookup is a look-up on a node of 500 pods. Cold reads all there is to read, with the
// files of the runtime or with /var/log alone; warm was asked for before; absent is a pod of
// another machine.
func BenchmarkLookup(b *testing.B) {
	tr := node(b, 500)
	q := Query{PodUID: number(250), ContainerID: fmt.Sprintf("%064x", 500), Runtime: "containerd"}
	forget := func() {
		tr.podNames, tr.containerNames = newCache(maxAnswers), newCache(maxAnswers)
		tr.pods, tr.links = newPodLogs(), newContainerLogs()
	}
	run := func(name string, q Query, again func()) {
		want := tr.Lookup(q)
		if found := want.Container == "app" && want.HasRestartCount; found == (name == "absent") {
			b.Fatalf("%s: got %+v", name, want)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if again(); tr.Lookup(q) != want {
					b.Fatal("another answer")
				}
			}
		})
	}
	run("cold", q, forget)
	run("warm", q, func() {})
	run("absent", Query{PodUID: number(1000), ContainerID: fmt.Sprintf("%064x", 5000)}, func() {
		tr.podNames, tr.containerNames = newCache(maxAnswers), newCache(maxAnswers)
	})
	remove(b, tr.path("run"))
	forget()
	run("cold, /var/log", q, forget)
}

// TestAllocations: a look-up that was made before allocates nothing, and the cost of one that was
// not is that of the names that are read.
func TestAllocations(t *testing.T) {
	tr := node(t, 100)
	q := Query{PodUID: number(50), ContainerID: fmt.Sprintf("%064x", 100), Runtime: "containerd"}
	tr.Lookup(q)
	if n := testing.AllocsPerRun(100, func() { tr.Lookup(q) }); n != 0 {
		t.Errorf("a known pod: %v allocations", n)
	}
	absent := Query{PodUID: number(1000), ContainerID: fmt.Sprintf("%064x", 5000)}
	tr.Lookup(absent)
	if n := testing.AllocsPerRun(100, func() { tr.Lookup(absent) }); n != 0 {
		t.Errorf("a pod that is not here: %v allocations", n)
	}
	i := 0
	tr.time = tr.time.Add(time.Hour)
	if n := testing.AllocsPerRun(1, func() { i++; tr.Lookup(Query{PodUID: number(1000 + i), ContainerID: fmt.Sprintf("%064x", 5000+i)}) }); n > 3000 {
		t.Errorf("300 names: %v allocations", n)
	}
}
