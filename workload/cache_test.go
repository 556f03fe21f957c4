// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestBurst: a thousand kills at once cost one reading of each of the two directories, and one of a
// pod's, whether the pods are known or not. So does each second of asking for what is not there.
func TestBurst(t *testing.T) {
	tr := newTree(t)
	for i := range 500 {
		tr.pod("shop", fmt.Sprint("cart-", i), number(i))
		tr.link(fmt.Sprintf("cart-%d_shop_app-%064x.log", i, i), "/var/log/pods/shop_cart-"+fmt.Sprint(i)+"_"+number(i)+"/app/0.log")
	}
	for i := range 1000 {
		n := tr.Lookup(Query{PodUID: number(i), ContainerID: fmt.Sprintf("%064x", i)})
		if (n.Pod == fmt.Sprint("cart-", i)) != (i < 500) || n.HasRestartCount != (i < 500) {
			t.Fatalf("%d: %+v", i, n)
		}
	}
	if tr.files.lists != 3 {
		t.Errorf("%d directories were read, want 3", tr.files.lists)
	}
	for s := 1; s <= 3; s++ {
		tr.time = tr.time.Add(time.Second)
		for i := range 1000 {
			tr.Lookup(Query{PodUID: number(i), ContainerID: fmt.Sprintf("%064x", i)})
		}
		if tr.files.lists != 3+2*s {
			t.Errorf("after %d s: %d directories were read, want %d", s, tr.files.lists, 3+2*s)
		}
	}
}

// number returns the uid of a number.
func number(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", i) }

// TestComesAndGoes: what was not there is found a second later; what was found stays known when its
// files go, until a thousand others were asked for.
func TestComesAndGoes(t *testing.T) {
	tr := newTree(t)
	q := Query{PodUID: uid, ContainerID: id("3b")}
	if n := tr.Lookup(q); n != (Names{}) {
		t.Fatalf("got %+v", n)
	}
	dir := tr.pod("shop", "cart-0", uid)
	link := tr.link("cart-0_shop_app-"+id("3b")+".log", "/var/log/pods/shop_cart-0_"+uid+"/app/0.log")
	if n := tr.Lookup(q); n != (Names{}) {
		t.Fatalf("read again within a second: %+v", n)
	}
	tr.time = tr.time.Add(retry)
	want := Names{Namespace: "shop", Pod: "cart-0", Container: "app", HasRestartCount: true}
	if n := tr.Lookup(q); n != want {
		t.Fatalf("got %+v", n)
	}
	remove(t, dir)
	remove(t, link)
	tr.time = tr.time.Add(24 * time.Hour)
	if n := tr.Lookup(q); n != want {
		t.Errorf("gone with its files: %+v", n)
	}
	for i := range maxAnswers {
		tr.Lookup(Query{PodUID: number(i), ContainerID: fmt.Sprintf("%064x", i)})
	}
	if n := tr.Lookup(q); n != (Names{}) {
		t.Errorf("kept beyond the bound: %+v", n)
	}
	if got := tr.podNames.order.Len(); got != maxAnswers || len(tr.podNames.by) != maxAnswers {
		t.Errorf("%d answers are kept", got)
	}
}

// TestLeastRecent: the answer that goes is the one that was not asked for the longest.
func TestLeastRecent(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := newCache(3)
	for _, key := range []string{"a", "b", "c"} {
		c.put(key, claim{found: true, uid: key, Names: Names{Pod: key}}, now)
	}
	c.get("a", now)
	c.put("d", claim{found: true, Names: Names{Pod: "d"}}, now)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, got := c.get(key, now); got != want {
			t.Errorf("%s: known %t", key, got)
		}
	}
}

// TestPodOfContainer: where var/log/pods cannot be listed, a container's link has the uid of its
// pod, which is then known.
func TestPodOfContainer(t *testing.T) {
	tr := newTree(t)
	tr.link("cart-0_shop_app-"+id("3b")+".log", "/var/log/pods/shop_cart-0_"+uid+"/app/2.log")
	if n := tr.Lookup(Query{PodUID: uid}); n != (Names{}) {
		t.Errorf("got %+v", n)
	}
	want := Names{Namespace: "shop", Pod: "cart-0", Container: "app", RestartCount: 2, HasRestartCount: true}
	if n := tr.Lookup(Query{PodUID: uid, ContainerID: id("3b")}); n != want {
		t.Errorf("got %+v", n)
	}
	if n := tr.Lookup(Query{PodUID: uid}); n != (Names{Namespace: "shop", Pod: "cart-0"}) {
		t.Errorf("got %+v", n)
	}
}

// TestRestartOfOneContainer: the restarts are those of the container that was killed, not those of
// the one that follows it.
func TestRestartOfOneContainer(t *testing.T) {
	tr := newTree(t)
	for n, c := range []string{"11", "22", "33"} {
		tr.write(fmt.Sprintf("var/log/pods/shop_cart-0_%s/app/%d.log", uid, n), "")
		tr.link("cart-0_shop_app-"+id(c)+".log", fmt.Sprintf("/var/log/pods/shop_cart-0_%s/app/%d.log", uid, n))
	}
	for n, c := range []string{"11", "22", "33"} {
		if got := tr.Lookup(Query{PodUID: uid, ContainerID: id(c)}); got.RestartCount != int64(n) || !got.HasRestartCount {
			t.Errorf("container %d: %+v", n, got)
		}
	}
}

// TestRace: look-ups beside directories that come and go name a pod right, or not at all.
func TestRace(t *testing.T) {
	tr := newTree(t)
	tr.Resolver.now = time.Now
	tr.podNames, tr.containerNames = newCache(3), newCache(3) // so that most is read again
	const pods, rounds = 8, 60
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		for i := 0; ; i = (i + 1) % pods {
			select {
			case <-stop:
				return
			default:
			}
			dir := tr.path("var/log/pods/shop_cart-" + fmt.Sprint(i) + "_" + number(i))
			link := tr.path(fmt.Sprintf("var/log/containers/cart-%d_shop_app-%064x.log", i, i))
			_ = os.MkdirAll(filepath.Join(dir, "app"), 0o755)
			_ = os.MkdirAll(filepath.Dir(link), 0o755)
			_ = os.Symlink("/"+podLogsDir+"/"+filepath.Base(dir)+"/app/"+fmt.Sprint(i)+".log", link)
			config := tr.path(containerdTasks[0].dir + fmt.Sprintf("%064x", i))
			_ = os.MkdirAll(config, 0o755)
			_ = os.WriteFile(filepath.Join(config, "config.json"), []byte(`{"annotations":{"io.kubernetes.cri.image-name":"i`+fmt.Sprint(i)+`"}}`), 0o644)
			if i%2 == 1 {
				for _, name := range []string{link, dir, config} {
					_ = os.RemoveAll(name)
				}
			}
		}
	}()
	for g := range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for r := range rounds {
				i := (g + r) % pods
				tr.pods.forget(&tr.disk, tr.links)
				n := tr.Lookup(Query{PodUID: number(i), ContainerID: fmt.Sprintf("%064x", i)})
				if n.Doubt != "" || n.Pod != "" && n.Pod != fmt.Sprint("cart-", i) || n.Image != "" && n.Image != fmt.Sprint("i", i) ||
					n.HasRestartCount && n.RestartCount != int64(i) {
					t.Errorf("%d: %+v", i, n)
				}
			}
		}()
	}
	readers.Wait()
	close(stop)
	writer.Wait()
}

// forget makes the directories be read again at once.
func (p *podLogs) forget(mu *sync.Mutex, l *containerLogs) {
	mu.Lock()
	defer mu.Unlock()
	p.names, p.next, l.names, l.next = nil, time.Time{}, nil, time.Time{}
}
