// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	uid   = "8d7f0a52-3c1e-4b7a-9a51-0c6f2f1d9e11"
	hash  = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	alloc = "6f1d2a3b-0c4d-4e5f-8a9b-112233445566"
)

// id returns a container's id: 32 times two digits.
func id(digits string) string { return strings.Repeat(digits, 32) }

// TestWritten: each source gives its names, on trees that were written from the sources' text.
func TestWritten(t *testing.T) {
	app := func(n Names) Names {
		n.Namespace, n.Pod, n.Container = "shop", "cart-0", "app"
		return n
	}
	for _, c := range []struct {
		name, root string
		q          Query
		want       Names
	}{
		{"kubelet and containerd", "kubernetes", Query{PodUID: uid, ContainerID: id("3b"), Runtime: "containerd"},
			app(Names{RestartCount: 3, HasRestartCount: true, Image: "registry.example/shop/cart:2.4.1"})},
		{"kubelet alone", "kubernetes", Query{PodUID: uid, ContainerID: id("5d")},
			Names{Namespace: "shop", Pod: "cart-0", Container: "sidecar", HasRestartCount: true}},
		{"a pod", "kubernetes", Query{PodUID: uid}, Names{Namespace: "shop", Pod: "cart-0"}},
		{"a container whose link is gone", "kubernetes", Query{PodUID: uid, ContainerID: id("99")}, Names{Namespace: "shop", Pod: "cart-0"}},
		{"the sandbox of a pod", "kubernetes", Query{PodUID: uid, ContainerID: id("c5")}, Names{Namespace: "shop", Pod: "cart-0"}},
		{"a static pod", "kubernetes", Query{PodUID: hash, StaticPod: true, ContainerID: id("e7")},
			Names{Namespace: "kube-system", Pod: "etcd-node-1.example.org", Container: "etcd", HasRestartCount: true}},
		{"a container without its pod", "kubernetes", Query{ContainerID: id("3b")},
			app(Names{RestartCount: 3, HasRestartCount: true, Image: "registry.example/shop/cart:2.4.1"})},
		{"another pod", "kubernetes", Query{PodUID: "8d7f0a52-3c1e-4b7a-9a51-0c6f2f1d9e12", ContainerID: id("33")}, Names{}},
		{"a part of a uid", "kubernetes", Query{PodUID: uid[1:], ContainerID: id("3b")[1:]}, Names{}},
		{"k3s", "k3s", Query{PodUID: uid, ContainerID: id("3b")}, app(Names{Image: "docker.io/library/cart:1"})},
		{"before 1.14", "kubelet-1.13", Query{PodUID: uid, ContainerID: id("3b")}, app(Names{RestartCount: 1, HasRestartCount: true})},
		{"before 1.11", "kubelet-1.13", Query{PodUID: uid, ContainerID: id("4c")},
			Names{Namespace: "shop", Pod: "cart-0", Container: "old", RestartCount: 7, HasRestartCount: true}},
		{"before 1.14, the pod alone", "kubelet-1.13", Query{PodUID: uid}, Names{}},
		{"CRI-O", "crio", Query{PodUID: uid, ContainerID: id("3b"), Runtime: "cri-o"},
			app(Names{RestartCount: 4, HasRestartCount: true, Image: "registry.example/shop/cart:2.4.1"})},
		{"Docker with compose", "docker", Query{ContainerID: id("d1"), Runtime: "docker"},
			Names{ContainerName: "shop-cart-1", Image: "shop/cart:2", ComposeProject: "shop", ComposeService: "cart"}},
		{"Docker", "docker", Query{ContainerID: id("d2")}, Names{ContainerName: "quiet_bell", Image: "alpine"}},
		{"Docker under the kubelet", "docker", Query{PodUID: uid, ContainerID: id("d3")},
			app(Names{RestartCount: 5, HasRestartCount: true, Image: "sha256:" + id("cd")})},
		{"an image that brings labels of a pod", "docker", Query{ContainerID: id("d3")},
			Names{ContainerName: "k8s_app_cart-0_shop_" + uid + "_5", Image: "sha256:" + id("cd")}},
		{"an image in another pod", "docker", Query{PodUID: alloc, ContainerID: id("d3")},
			Names{ContainerName: "k8s_app_cart-0_shop_" + uid + "_5", Image: "sha256:" + id("cd")}},
		{"Nomad on Docker", "docker", Query{ContainerID: id("d4"), Scheduler: "nomad", Job: alloc},
			Names{ContainerName: "web-" + alloc, Image: "shop/web:1", JobName: "batch/nightly", GroupName: "front", TaskName: "web"}},
		{"Nomad, another allocation", "docker", Query{ContainerID: id("d4"), Scheduler: "nomad", Job: uid},
			Names{ContainerName: "web-" + alloc, Image: "shop/web:1"}},
		{"Podman", "podman", Query{ContainerID: id("b1"), Runtime: "podman"}, Names{ContainerName: "web", Image: "docker.io/library/nginx:1.27"}},
		{"Podman, CRI-O's entry", "podman", Query{ContainerID: id("b2")}, Names{}},
		{"Podman, gone at its end", "podman", Query{ContainerID: id("b4")}, Names{ContainerName: "once", Image: "localhost/job:latest"}},
		{"nerdctl", "nerdctl", Query{ContainerID: id("3b")}, Names{ContainerName: "web", ComposeProject: "shop", ComposeService: "web"}},
		{"LXC", "passwd", Query{ContainerID: "build_box-1", Runtime: "lxc"}, Names{ContainerName: "build_box-1"}},
		{"LXC, no name", "passwd", Query{ContainerID: "a b", Runtime: "lxc"}, Names{}},
		{"libvirt", "libvirt", Query{Machine: "qemu-12-web01"}, Names{Machine: "web01"}},
		{"libvirt, a sign left out", "libvirt", Query{Machine: "qemu-3-db1"}, Names{Machine: "db_1"}},
		{"libvirt, three machines", "libvirt", Query{Machine: "qemu-3-ab"}, Names{}},
		{"libvirt, not running", "libvirt", Query{Machine: "qemu-3-web02"}, Names{}},
		{"another machine", "libvirt", Query{Machine: "web01"}, Names{}},
		{"Nomad", "nomad", Query{Scheduler: "nomad", Job: alloc, Task: "web"}, Names{TaskName: "web"}},
		{"Nomad, another task", "nomad", Query{Scheduler: "nomad", Job: alloc, Task: "db"}, Names{}},
		{"Nomad, no task", "nomad", Query{Scheduler: "nomad", Job: "../../../../opt/nomad/data/alloc/" + alloc, Task: "web"}, Names{}},
		{"a user", "passwd", Query{UserID: "1000"}, Names{User: "ann"}},
		{"root", "passwd", Query{UserID: "0"}, Names{User: "root"}},
		{"a user with a sign", "passwd", Query{UserID: "100"}, Names{User: "_apt"}},
		{"a machine's user", "passwd", Query{UserID: "1002"}, Names{User: "pc$"}},
		{"a user whose name is none", "passwd", Query{UserID: "1001"}, Names{}},
		{"no user", "passwd", Query{UserID: "x"}, Names{}},
		{"nothing", "passwd", Query{}, Names{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := New(Options{Root: filepath.Join("testdata", "written", c.root)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, r.Lookup(c.q)); diff != "" {
				t.Error("cold:", diff)
			}
			if diff := cmp.Diff(c.want, r.Lookup(c.q)); diff != "" {
				t.Error("warm:", diff)
			}
		})
	}
}

// TestNoRoot: a root that cannot be read is one error with setting, value and remedy, and the
// resolver finds nothing.
func TestNoRoot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	for _, root := range []string{filepath.Join(t.TempDir(), "nothing"), file} {
		r, err := New(Options{Root: root, Setting: "Root_Path"})
		if err == nil {
			t.Fatalf("%s: no error", root)
		}
		for _, part := range []string{"Root_Path: ", root, "mount the node's files there", "switch names off"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q lacks %q", err, part)
			}
		}
		if got := r.Lookup(Query{PodUID: uid, ContainerID: id("3b"), Runtime: "lxc", UserID: "0"}); got != (Names{}) {
			t.Errorf("got %+v", got)
		}
	}
	if got := (*Resolver)(nil).Lookup(Query{UserID: "0"}); got != (Names{}) {
		t.Errorf("got %+v", got)
	}
}

// tree is a root that a test changes while a resolver reads it, and a clock that it moves.
type tree struct {
	t    testing.TB
	root string
	time time.Time
	*Resolver
}

func newTree(t testing.TB) *tree {
	t.Helper()
	tr := &tree{t: t, root: t.TempDir(), time: time.Unix(1e9, 0)}
	r, err := New(Options{Root: tr.root})
	if err != nil {
		t.Fatal(err)
	}
	r.now = func() time.Time { return tr.time }
	tr.Resolver = r
	return tr
}

func (tr *tree) path(name string) string { return filepath.Join(tr.root, name) }

func (tr *tree) write(name, content string) { tr.t.Helper(); write(tr.t, tr.path(name), content) }

// pod makes a pod's directory of logs, with that of a container "app".
func (tr *tree) pod(namespace, pod, uid string) string {
	tr.t.Helper()
	dir := tr.path("var/log/pods/" + namespace + "_" + pod + "_" + uid)
	if err := os.MkdirAll(filepath.Join(dir, "app"), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	return dir
}

// link makes a container's link.
func (tr *tree) link(name, target string) string {
	tr.t.Helper()
	file := tr.path("var/log/containers/" + name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Symlink(target, file); err != nil {
		tr.t.Fatal(err)
	}
	return file
}

func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}
