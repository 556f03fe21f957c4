// SPDX-License-Identifier: Apache-2.0

//go:build unix

package workload

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTwoDirectories: a pod that may write to /var/log makes a directory with its own uid. Whoever
// was seen first has the uid; two that are seen at once name nothing.
func TestTwoDirectories(t *testing.T) {
	tr := newTree(t)
	tr.pod("shop", "cart-0", uid)
	if n := tr.Lookup(Query{PodUID: uid}); n.Pod != "cart-0" {
		t.Fatalf("got %+v", n)
	}
	tr.pod("kube-system", "etcd", uid)
	tr.time = tr.time.Add(time.Hour)
	if n := tr.Lookup(Query{PodUID: uid, ContainerID: id("11")}); n.Pod != "cart-0" || n.Doubt != "" {
		t.Errorf("the first one lost: %+v", n)
	}

	tr = newTree(t)
	real := tr.pod("shop", "cart-0", uid)
	tr.pod("kube-system", "etcd", uid)
	n := tr.Lookup(Query{PodUID: uid})
	if n.Pod != "" || n.Namespace != "" || !strings.Contains(n.Doubt, "shop/cart-0") || !strings.Contains(n.Doubt, "kube-system/etcd") {
		t.Errorf("got %+v", n)
	}
	remove(t, real)
	tr.time = tr.time.Add(time.Hour)
	tr.Lookup(Query{PodUID: alloc}) // reads the directory again
	if n := tr.Lookup(Query{PodUID: uid}); n.Doubt == "" || n.Pod != "" {
		t.Errorf("the doubt went with the directory: %+v", n)
	}
}

// TestTwoNames: sources of one container that contradict each other name nothing, and say so.
func TestTwoNames(t *testing.T) {
	q := Query{PodUID: uid, ContainerID: id("3b")}
	const target = "/var/log/pods/shop_cart-0_" + uid + "/app/0.log"
	link := "cart-0_shop_app-" + id("3b") + ".log"
	for _, c := range []struct {
		name string
		make func(*tree)
	}{
		{"two links", func(tr *tree) {
			tr.link(link, target)
			tr.link("etcd_kube-system_etcd-"+id("3b")+".log", "/var/log/pods/kube-system_etcd_"+uid+"/etcd/0.log")
		}},
		{"two containers", func(tr *tree) {
			tr.link(link, target)
			tr.link("cart-0_shop_web-"+id("3b")+".log", strings.Replace(target, "/app/", "/web/", 1))
		}},
		{"a link and what it says", func(tr *tree) {
			tr.link("etcd_kube-system_etcd-"+id("3b")+".log", target)
		}},
		{"another pod's uid", func(tr *tree) {
			tr.pod("shop", "cart-0", uid)
			tr.link(link, strings.Replace(target, uid, alloc, 1))
		}},
		{"two containers of a pod", func(tr *tree) {
			tr.write("var/log/pods/shop_cart-0_"+uid+"/web/0.log", "")
			tr.pod("shop", "cart-0", uid)
			tr.link(link, "/elsewhere")
			tr.link("cart-0_shop_web-"+id("3b")+".log", "/elsewhere")
		}},
		{"the runtime has another pod", func(tr *tree) { tr.config("shop", "cart-0", alloc) }},
		{"a directory that was seen before", func(tr *tree) {
			tr.pod("kube-system", "etcd", uid)
			tr.Lookup(Query{PodUID: uid})
			tr.config("shop", "cart-0", uid)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTree(t)
			c.make(tr)
			n := tr.Lookup(q)
			doubt := n.Doubt
			if n.Doubt = ""; doubt == "" || n != (Names{}) {
				t.Errorf("doubt %q, and %+v", doubt, n)
			}
		})
	}
}

// config writes the config.json of a container of containerd, of that id.
func (tr *tree) config(namespace, pod, uid string) {
	tr.write(containerdTasks[0].dir+id("3b")+"/config.json", fmt.Sprintf(`{"annotations":{"io.kubernetes.cri.container-name":"app",`+
		`"io.kubernetes.cri.sandbox-namespace":%q,"io.kubernetes.cri.sandbox-name":%q,"io.kubernetes.cri.sandbox-uid":%q}}`, namespace, pod, uid))
}

// TestForged: what a pod may forge in /var/log counts for nothing beside what only root writes, and
// a link for nothing that names another pod than the directory of the uid.
func TestForged(t *testing.T) {
	q := Query{PodUID: uid, ContainerID: id("3b")}
	tr := newTree(t)
	tr.config("shop", "cart-0", uid)
	tr.link("etcd_kube-system_etcd-"+id("3b")+".log", "/var/log/pods/kube-system_etcd_"+uid+"/etcd/9.log")
	tr.pod("kube-system", "etcd", uid)
	tr.link("cart-0_shop_app-"+id("3b")+".log", "/var/log/pods/shop_cart-0_"+alloc+"/app/9.log")
	want := Names{Namespace: "shop", Pod: "cart-0", Container: "app"}
	if n := tr.Lookup(q); n != want {
		t.Errorf("beside the runtime: %+v", n)
	}
	if n := tr.Lookup(Query{PodUID: uid}); n != (Names{Namespace: "shop", Pod: "cart-0"}) {
		t.Errorf("the pod, once its container is known: %+v", n)
	}

	for _, all := range []bool{false, true} {
		tr = newTree(t)
		tr.pod("shop", "cart-0", uid)
		tr.link("etcd_kube-system_etcd-"+id("3b")+".log", "/elsewhere")
		if all { // another pod was asked for within the second
			tr.pod("shop", "cart-1", alloc)
			tr.Lookup(Query{PodUID: alloc, ContainerID: id("44")})
		}
		if n := tr.Lookup(q); n != (Names{Namespace: "shop", Pod: "cart-0"}) {
			t.Errorf("beside the directory, %v: %+v", all, n)
		}
	}
}

// TestLinkAlone: a link names the container of a pod alone, and of the pod whose uid it says.
func TestLinkAlone(t *testing.T) {
	tr := newTree(t)
	tr.link("etcd_kube-system_etcd-"+id("3b")+".log", "/var/log/pods/kube-system_etcd_"+uid+"/etcd/0.log")
	tr.link("etcd_kube-system_etcd-"+id("4c")+".log", "/elsewhere")
	tr.write(dockerContainers+id("3b")+"/config.v2.json", `{"ID":"`+id("3b")+`","Name":"/web"}`)
	for _, c := range []struct {
		q    Query
		want Names
	}{
		{Query{ContainerID: id("3b")}, Names{ContainerName: "web"}},
		{Query{ContainerID: id("4c")}, Names{}},
		{Query{PodUID: alloc, ContainerID: id("4c")}, Names{}},
	} {
		if n := tr.Lookup(c.q); n != c.want {
			t.Errorf("%+v: %+v", c.q, n)
		}
	}
	tr.podNames, tr.containerNames = newCache(maxAnswers), newCache(maxAnswers)
	remove(t, tr.path("var/lib"))
	if n := tr.Lookup(Query{PodUID: alloc, ContainerID: id("3b")}); n != (Names{}) {
		t.Errorf("a link of another uid: %+v", n)
	}
}

// TestInvalidNames: what is no name by the rules is nobody's, whatever its uid.
func TestInvalidNames(t *testing.T) {
	for _, name := range []string{
		"shop_CART_" + uid, "Shop_cart_" + uid, "shop_cart_0_" + uid, "_cart_" + uid, "shop__" + uid, "shop_-cart_" + uid, "shop_cart-_" + uid,
		"shop_ca..rt_" + uid, "shop_ca-.rt_" + uid, "shop_cart._" + uid, "sh.op_cart_" + uid, "shop_ca\nrt_" + uid, "shop_c\xffrt_" + uid, "shop_çart_" + uid,
		strings.Repeat("a", 64) + "_cart_" + uid, "x" + uid, "_" + uid, "cart_" + uid,
	} {
		tr := newTree(t)
		if err := os.MkdirAll(tr.path("var/log/pods/"+name), 0o755); err != nil {
			t.Fatal(err)
		}
		if n := tr.Lookup(Query{PodUID: uid}); n != (Names{}) {
			t.Errorf("%q: %+v", name, n)
		}
	}
	for _, name := range []string{
		"cart_shop_app-" + id("3b") + ".log.1", "cart_shop_App-" + id("3b") + ".log", "cart_shop-" + id("3b") + ".log", "cart_shop_app_x-" + id("3b") + ".log",
		"cart_shop_-" + id("3b") + ".log", "-" + id("3b") + ".log", "cart_shop_app" + id("3b") + ".log", "cart_sh.op_app-" + id("3b") + ".log",
	} {
		tr := newTree(t)
		tr.link(name, "/var/log/pods/shop_cart_"+uid+"/app/0.log")
		if n := tr.Lookup(Query{PodUID: uid, ContainerID: id("3b")}); n != (Names{}) {
			t.Errorf("%q: %+v", name, n)
		}
	}
	for name, value := range map[string]string{"newline": "a\nb", "ten megabytes": strings.Repeat("a", 10<<20), "long": strings.Repeat("a", 256), "escape": "\x1b[31m"} {
		tr := newTree(t)
		text, err := json.Marshal(map[string]any{"ID": id("3b"), "Name": "/" + value, "Config": map[string]any{
			"Image": value + value + value, "Labels": map[string]string{"com.docker.compose.project": value, "com.docker.compose.service": value},
		}})
		if err != nil {
			t.Fatal(err)
		}
		tr.write(dockerContainers+id("3b")+"/config.v2.json", string(text))
		if n := tr.Lookup(Query{ContainerID: id("3b")}); n != (Names{}) {
			t.Errorf("%s: got names", name)
		}
	}
}

// TestBrokenFiles: a file that is cut, that is no JSON or whose values are of another type gives
// nothing, and the other sources are read.
func TestBrokenFiles(t *testing.T) {
	oci := `{"process":{"args":["a"]},"annotations":{"io.container.manager":"cri-o","io.kubernetes.cri.image-name":"i",` +
		`"io.kubernetes.cri.sandbox-namespace":"x","io.kubernetes.cri.sandbox-name":"x"}}`
	broken := []string{"", "null", "[]", `"x"`, "{", `{"annotations":`, `{"annotations":[]}`, `{"annotations":{"a":1}}`, `{"annotations":null}`,
		`{"ID":1}`, `{"Config":[]}`, `[1]`, `[{"id":[]}]`, "\x00\xff", strings.Repeat("[", 1<<20), `{"a":` + strings.Repeat("[", 1<<20), strings.Repeat("{\"a\":", 1<<18)}
	for n := 1; n < len(oci)-2; n += 7 {
		broken = append(broken, oci[:n])
	}
	for _, text := range broken {
		tr := newTree(t)
		tr.link("cart-0_shop_app-"+id("3b")+".log", "/var/log/pods/shop_cart-0_"+uid+"/app/0.log")
		for _, file := range []string{
			containerdTasks[0].dir + id("3b") + "/config.json", crioContainers[0] + id("3b") + "/userdata/config.json",
			dockerContainers + id("3b") + "/config.v2.json", storedContainers[0], "etc/passwd",
		} {
			tr.write(file, text)
		}
		want := Names{Namespace: "shop", Pod: "cart-0", Container: "app", HasRestartCount: true}
		if n := tr.Lookup(Query{PodUID: uid, ContainerID: id("3b"), UserID: "0"}); n != want {
			t.Errorf("%.40q: %+v", text, n)
		}
	}
}

// TestOtherFiles: a FIFO, a device, a directory and a link that leads out of the root are not
// opened, so that nothing waits.
func TestOtherFiles(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "config.v2.json")
	config := `{"ID":"` + id("3b") + `","Name":"/stolen"}`
	write(t, outside, config)
	name := dockerContainers + id("3b") + "/config.v2.json"
	for kind, make := range map[string]func(string) error{
		"FIFO":            func(file string) error { return syscall.Mkfifo(file, 0o644) },
		"directory":       func(file string) error { return os.Mkdir(file, 0o755) },
		"link out":        func(file string) error { return os.Symlink(outside, file) },
		"link upwards":    func(file string) error { return os.Symlink("../../../../../../.."+outside, file) },
		"link to a loop":  func(file string) error { return os.Symlink("config.v2.json", file) },
		"link to nothing": func(file string) error { return os.Symlink("nothing", file) },
		"/dev/zero":       func(file string) error { return os.Symlink("/dev/zero", file) },
		"socket": func(file string) error {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err != nil {
				return err
			}
			defer syscall.Close(fd)
			t.Chdir(filepath.Dir(file)) // a socket's path is at most 108 bytes
			return syscall.Bind(fd, &syscall.SockaddrUnix{Name: filepath.Base(file)})
		},
	} {
		tr := newTree(t)
		if err := os.MkdirAll(filepath.Dir(tr.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := make(tr.path(name)); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if n := tr.Lookup(Query{ContainerID: id("3b")}); n != (Names{}) {
			t.Errorf("%s: %+v", kind, n)
		}
	}

	// The same one level up, and where directories are expected.
	tr := newTree(t)
	if err := os.MkdirAll(tr.path(dockerContainers), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), tr.path(dockerContainers+id("3b"))); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(tr.path("var/log"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(tr.path(podLogsDir), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("containers", tr.path(containerLogsDir)); err != nil {
		t.Fatal(err)
	}
	if n := tr.Lookup(Query{PodUID: uid, ContainerID: id("3b")}); n != (Names{}) {
		t.Errorf("got %+v", n)
	}
}

// TestLinkInsideRoot: a link that stays below the root leads to what it says.
func TestLinkInsideRoot(t *testing.T) {
	tr := newTree(t)
	tr.pod("shop", "cart-0", uid)
	if err := os.Rename(tr.path(podLogsDir), tr.path("var/pods")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../pods", tr.path(podLogsDir)); err != nil {
		t.Fatal(err)
	}
	if n := tr.Lookup(Query{PodUID: uid}); n.Pod != "cart-0" {
		t.Errorf("got %+v", n)
	}
}

// TestOtherID: a file of one container at the place of another names nothing.
func TestOtherID(t *testing.T) {
	tr := newTree(t)
	tr.write(dockerContainers+id("3b")+"/config.v2.json", `{"ID":"`+id("4c")+`","Name":"/web"}`)
	if n := tr.Lookup(Query{ContainerID: id("3b")}); n != (Names{}) {
		t.Errorf("got %+v", n)
	}
}

// TestLargeFile: of a file the first mebibyte is read.
func TestLargeFile(t *testing.T) {
	entry := func(digits string) string {
		return fmt.Sprintf(`{"id":%q,"names":["c%s"],"metadata":"{}"},`, id(digits), digits)
	}
	tr := newTree(t)
	tr.write(storedContainers[0], "["+entry("11")+strings.Repeat(" ", maxFile)+entry("22")+`{}]`)
	if n := tr.Lookup(Query{ContainerID: id("11")}); n.ContainerName != "c11" {
		t.Errorf("got %+v", n)
	}
	if n := tr.Lookup(Query{ContainerID: id("22")}); n != (Names{}) {
		t.Errorf("got %+v", n)
	}

	tr = newTree(t)
	file := tr.path("etc/passwd")
	write(t, file, "")
	if err := os.Truncate(file, 1<<40); err != nil { // a hole of a tebibyte
		t.Skip(err)
	}
	if n := tr.Lookup(Query{UserID: "0"}); n != (Names{}) {
		t.Errorf("got %+v", n)
	}
}

// TestManyEntries: a directory with more entries than any node has pods is read to a bound, keeps
// no more names than that, and is not read again for a minute.
func TestManyEntries(t *testing.T) {
	for _, name := range []string{"a_b_%08x-0000-0000-0000-000000000000", "nothing-%d"} {
		tr := newTree(t)
		tr.files.kept, tr.files.listed = 100, 200
		dir := filepath.Dir(tr.pod("shop", "cart-0", alloc))
		for i := range 300 {
			write(t, filepath.Join(dir, fmt.Sprintf(name, i)), "")
		}
		for range 60 {
			tr.Lookup(Query{PodUID: uid})
			tr.time = tr.time.Add(time.Second)
		}
		if len(tr.pods.names) > tr.files.kept {
			t.Errorf("%d names were kept", len(tr.pods.names))
		}
		if tr.files.lists != 1 {
			t.Errorf("%d readings in a minute", tr.files.lists)
		}
		looked := 0
		tr.files.list(podLogsDir, func(string) bool { looked++; return false })
		if looked != tr.files.listed {
			t.Errorf("%d names were looked at", looked)
		}
		tr.files.lists--
		remove(t, dir)
		tr.pod("shop", "cart-0", uid)
		if n := tr.Lookup(Query{PodUID: uid}); n.Pod != "cart-0" || tr.files.lists != 2 {
			t.Errorf("after a minute: %+v, %d readings", n, tr.files.lists)
		}
	}
}
