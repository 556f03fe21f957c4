// SPDX-License-Identifier: Apache-2.0

//go:build linux

package container

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/oomtrail/oomtrail/conformance/deploy/manifests"
)

var images = flag.String("images", "", "`DIRECTORY` of the images that make images made")

const (
	deploy = "../../../deploy"
	// podUID and containerID are of the pod whose process the kernel kills.
	podUID      = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	containerID = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	memory      = "/sys/fs/cgroup/memory"
	// wait is how long anything may take.
	wait = time.Minute
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("OOMTRAIL_HOG_CGROUP"); dir != "" {
		hog(dir)
	}
	flag.Parse()
	code := m.Run()
	left, _ := filepath.Glob("/sys/fs/cgroup/*/oomtrail-deploy")
	for _, dir := range left {
		_ = os.Remove(dir)
	}
	os.Exit(code)
}

// hog moves this process into a cgroup and takes memory until the kernel kills it.
func hog(dir string) {
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var held [][]byte
	for {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		held = append(held, b)
	}
}

// kill has the kernel kill a process of the pod, and returns its pid.
func kill(t *testing.T) int {
	t.Helper()
	dir := filepath.Join(memory, "kubepods", "burstable", "pod"+podUID, containerID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer func() {
		for d := dir; d != memory; d = filepath.Dir(d) {
			_ = os.Remove(d)
		}
	}()
	if err := os.WriteFile(filepath.Join(dir, "memory.limit_in_bytes"), []byte("25165824"), 0); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "OOMTRAIL_HOG_CGROUP="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the kernel has not killed it: %v\n%s", err, out)
	}
	return cmd.Process.Pid
}

// ready skips where the containers cannot be run.
func ready(t *testing.T) {
	t.Helper()
	switch {
	case *images == "":
		t.Skip("NOT RUN: make run-deploy makes the images that this test runs")
	case os.Getuid() != 0:
		t.Skip("NOT RUN: runc and a kill in a cgroup take root")
	}
	if _, err := exec.LookPath("runc"); err != nil {
		t.Skip("NOT RUN: there is no runc here")
	}
	if _, err := os.Stat(filepath.Join(memory, "memory.limit_in_bytes")); err != nil {
		t.Skip("NOT RUN: the memory controller is not at " + memory)
	}
}

// newNode returns a node with the files of the pod's names.
func newNode(t *testing.T) Node {
	t.Helper()
	dir := t.TempDir()
	pod := "var/log/pods/shop_cart-0_" + podUID + "/app"
	for _, d := range []string{pod, "var/log/containers", "var/lib/docker/containers", "etc"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/"+pod+"/0.log", filepath.Join(dir, "var/log/containers/cart-0_shop_app-"+containerID+".log")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "etc/machine-id"), []byte("0123456789abcdef0123456789abcdef\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return Node{Dir: dir, Fields: map[string]string{
		"spec.nodeName": "node-7", "status.podIP": "127.0.0.1", "status.hostIP": "127.0.0.1",
		"metadata.namespace": "oomtrail", "metadata.name": "oom-x",
	}}
}

// unpack unpacks one of our images.
func unpack(t *testing.T, name string) Image {
	t.Helper()
	image, err := Unpack(filepath.Join(*images, name), runtime.GOARCH, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// daemonSet reads the one DaemonSet of a manifest.
func daemonSet(t *testing.T, objects []metav1.Object) *corev1.PodSpec {
	t.Helper()
	for _, object := range objects {
		if d, ok := object.(*appsv1.DaemonSet); ok {
			return &d.Spec.Template.Spec
		}
	}
	t.Fatal("there is no DaemonSet")
	return nil
}

func readManifest(t *testing.T, name string) *corev1.PodSpec {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploy, name))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifests.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return daemonSet(t, objects)
}

// running is a container that runs.
type running struct {
	t      *testing.T
	id     string
	root   string // where runc keeps its state
	cmd    *exec.Cmd
	mu     sync.Mutex
	out    []string
	errors bytes.Buffer
	read   chan struct{}
}

var count int

// start starts a container of a pod in a directory of the pod's.
func start(t *testing.T, dir string, pod *corev1.PodSpec, c *corev1.Container, image Image, node Node) *running {
	t.Helper()
	count++
	r := &running{t: t, id: fmt.Sprintf("oomtrail-%d-%d", os.Getpid(), count), root: filepath.Join(dir, "runc"), read: make(chan struct{})}
	bundle := filepath.Join(dir, r.id)
	if err := os.Mkdir(bundle, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Bundle(bundle, "/oomtrail-deploy/"+r.id, pod, c, image, node); err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command("runc", "--root", r.root, "run", "--bundle", bundle, r.id)
	r.cmd.Stderr = &r.errors
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.read)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			r.mu.Lock()
			r.out = append(r.out, lines.Text())
			r.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = exec.Command("runc", "--root", r.root, "delete", "--force", r.id).Run()
	})
	return r
}

// lines returns what a container has printed.
func (r *running) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.out...)
}

// until waits for a line of output.
func (r *running) until(what string, ok func(line string) bool) {
	r.t.Helper()
	for deadline := time.Now().Add(wait); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, line := range r.lines() {
			if ok(line) {
				return
			}
		}
		select {
		case <-r.read:
			r.t.Fatalf("it has ended without a line with %s: %q\n%s", what, r.lines(), r.errors.String())
		default:
		}
	}
	r.t.Fatalf("no line with %s: %q\n%s", what, r.lines(), r.errors.String())
}

// end waits for the end of a container, and returns how it ended and what it said on standard
// error.
func (r *running) end() (int, string) {
	r.t.Helper()
	<-r.read
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode(), strings.TrimSpace(r.errors.String())
}

// stop stops a container as a kubelet does.
func (r *running) stop() (int, string) {
	r.t.Helper()
	if out, err := exec.Command("runc", "--root", r.root, "kill", r.id, "TERM").CombinedOutput(); err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
	return r.end()
}

// begun is when the first kill of this run can have been, with the doubt of the boot's clock.
var begun = time.Now().Add(-2 * time.Second)

// of reports whether a line is the record of the kill of a process. The log may hold kills of
// earlier processes of that number.
func of(pid int) func(string) bool {
	return func(line string) bool {
		var record struct {
			Time   time.Time `json:"time"`
			Event  string    `json:"event.name"`
			PID    int       `json:"process.pid"`
			Cgroup string    `json:"oom.victim.cgroup"`
		}
		return json.Unmarshal([]byte(line), &record) == nil && record.PID == pid && record.Event == "oom.kill" &&
			path.Base(record.Cgroup) == containerID && record.Time.After(begun)
	}
}

// TestCommand: the pod of the command's DaemonSet prints a kill with the names of node and pod, and
// the next one goes on where it was.
func TestCommand(t *testing.T) {
	ready(t)
	pod, node, image, dir := readManifest(t, "oomtrail/daemonset.yaml"), newNode(t), unpack(t, "oomtrail"), t.TempDir()
	c := &pod.Containers[0]
	before := kill(t) // before the pod starts
	first := start(t, dir, pod, c, image, node)
	first.until("the kill before the start", of(before))
	during := kill(t)
	first.until("the kill", of(during))
	for _, line := range first.lines() {
		if !of(during)(line) {
			continue
		}
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]any{
			"host.name": "node-7", "k8s.pod.name": "cart-0", "k8s.namespace.name": "shop", "k8s.container.name": "app",
			"k8s.pod.uid": podUID, "container.id": containerID, "oom.trust": "verified",
		} {
			if record[name] != want {
				t.Errorf("%s is %v, want %v", name, record[name], want)
			}
		}
		t.Log(line)
	}
	if code, said := first.stop(); code != 0 || said != "" {
		t.Errorf("it ends with %d: %s", code, said)
	}
	after := kill(t)
	second := start(t, dir, pod, c, image, node)
	second.until("the kill between two pods", of(after))
	for _, line := range second.lines() {
		if of(before)(line) || of(during)(line) {
			t.Errorf("printed twice: %s", line)
		}
	}
	second.stop()
}

// TestDevicePlugin: a container with the device, CAP_SYSLOG and no other right reads the log, too.
func TestDevicePlugin(t *testing.T) {
	ready(t)
	node := newNode(t)
	node.Devices = []string{"/dev/kmsg"}
	pod := variant(t, "overlays/device-plugin/oomtrail", &node)
	c := &pod.Containers[0]
	image := unpack(t, "oomtrail")
	r := start(t, t.TempDir(), pod, c, image, node)
	pid := kill(t)
	r.until("the kill", of(pid))
	r.stop()

	if text, err := os.ReadFile("/proc/sys/kernel/dmesg_restrict"); err != nil || strings.TrimSpace(string(text)) != "1" {
		return
	}
	c.SecurityContext.Capabilities.Add = nil
	code, said := start(t, t.TempDir(), pod, c, image, node).end()
	if code == 0 || strings.Contains(said, "\n") || !strings.Contains(said, "CAP_SYSLOG") {
		t.Errorf("without CAP_SYSLOG it ends with %d: %s", code, said)
	}
	t.Log(said)
}

// TestRefused: a pod without its rights or its files says so in one line.
func TestRefused(t *testing.T) {
	ready(t)
	no, yes := false, true
	image := unpack(t, "oomtrail")
	for name, test := range map[string]struct {
		change func(*corev1.Container)
		want   string
	}{
		"not privileged":  {func(c *corev1.Container) { c.SecurityContext.Privileged = &no }, "/dev/kmsg"},
		"another user":    {func(c *corev1.Container) { c.SecurityContext.RunAsUser = nil }, "permission denied"},
		"read-only state": {func(c *corev1.Container) { c.VolumeMounts[2].ReadOnly = true }, "--state: \"/var/lib/oomtrail/state\""},
		"no /dev/kmsg":    {func(c *corev1.Container) { c.VolumeMounts = c.VolumeMounts[1:] }, "/dev/kmsg"},
		"no state at all": {func(c *corev1.Container) {
			c.VolumeMounts = c.VolumeMounts[:2]
			c.SecurityContext.ReadOnlyRootFilesystem = &yes
		}, "--state"},
		"no such location": {func(c *corev1.Container) { c.Args = append(c.Args, "--location=Mars") }, "--location"},
	} {
		t.Run(name, func(t *testing.T) {
			pod := readManifest(t, "oomtrail/daemonset.yaml")
			c := &pod.Containers[0]
			test.change(c)
			r := start(t, t.TempDir(), pod, c, image, newNode(t))
			code, said := r.end()
			if code == 0 || strings.Contains(said, "\n") || !strings.Contains(said, test.want) {
				t.Errorf("it ends with %d, and says %q, want one line with %q", code, said, test.want)
			}
			t.Log(said)
		})
	}
}
