// SPDX-License-Identifier: Apache-2.0

//go:build linux

package container

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/oomtrail/oomtrail/conformance/deploy/manifests"
)

var debian = flag.String("tree", "", "tar `FILE` of a Debian with systemd, which packaging/tree.sh makes")

const (
	machineID = "0123456789abcdef0123456789abcdef"
	remote    = "/lib/systemd/systemd-journal-remote"
)

// unpackDebian unpacks the Debian into a directory that outlives no test.
func unpackDebian(t *testing.T, dir string) {
	t.Helper()
	if *debian == "" {
		t.Skip("NOT RUN: -tree names no Debian: make build/debian-bookworm.tar")
	}
	if _, err := os.Stat(remote); err != nil {
		t.Skip("NOT RUN: there is no " + remote + " here")
	}
	if out, err := exec.Command("tar", "-C", dir, "-xpf", *debian).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// journal is a node's journal that grows by what this machine's kernel says.
type journal struct {
	t      *testing.T
	kmsg   int
	in     io.WriteCloser
	bootID string
}

// newJournal starts a program that writes it, into the node's /var/log/journal.
func newJournal(t *testing.T, node Node) *journal {
	t.Helper()
	dir := filepath.Join(node.Dir, "var/log/journal", machineID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	kmsg, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("NOT RUN: /dev/kmsg cannot be read here: %v", err)
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := syscall.Seek(kmsg, 0, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(remote, "--split-mode=none", "--output="+filepath.Join(dir, "system.journal"), "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Close(kmsg)
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &journal{t: t, kmsg: kmsg, in: in, bootID: strings.ReplaceAll(strings.TrimSpace(string(id)), "-", "")}
}

// kill has the kernel kill a process of the pod, writes what the kernel said since the last time
// into the journal as journald does, and returns the process's pid.
func (j *journal) kill() int {
	j.t.Helper()
	pid := kill(j.t)
	boot := time.Now().Add(-uptime(j.t))
	for b := make([]byte, 8<<10); ; {
		n, err := syscall.Read(j.kmsg, b)
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return pid
		case errors.Is(err, syscall.EPIPE): // the ring went over it
			continue
		case err != nil:
			j.t.Fatal(err)
		}
		var priority, sequence, stamp int64
		prefix, text, _ := strings.Cut(string(b[:n]), ";")
		if _, err := fmt.Sscanf(strings.ReplaceAll(prefix, ",", " "), "%d %d %d", &priority, &sequence, &stamp); err != nil {
			j.t.Fatalf("%q: %v", b[:n], err)
		}
		text, _, _ = strings.Cut(text, "\n")
		if priority>>3 != 0 {
			continue
		}
		fmt.Fprintf(j.in, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n_MACHINE_ID=%s\n_HOSTNAME=node-7\n_TRANSPORT=kernel\nPRIORITY=%d\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=%[2]d\nMESSAGE=%[6]s\n\n",
			boot.UnixMicro()+stamp, stamp, j.bootID, machineID, priority, text)
	}
}

// uptime is how long this machine's monotonic clock runs.
func uptime(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	var seconds float64
	if _, err := fmt.Sscan(string(text), &seconds); err != nil {
		t.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

// variant renders a kustomization of deploy, and gives a node its ConfigMaps.
func variant(t *testing.T, name string, node *Node) *corev1.PodSpec {
	t.Helper()
	objects, err := manifests.Kustomize(filepath.Join(deploy, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if d, ok := object.(*appsv1.DaemonSet); ok {
			for _, wrong := range manifests.Check(d) {
				t.Error(wrong)
			}
		}
	}
	return podOf(t, objects, node)
}

// nodeWithSystemd is a node whose root directory has journalctl, and /proc.
func nodeWithSystemd(t *testing.T) Node {
	t.Helper()
	node := newNode(t)
	unpackDebian(t, node.Dir)
	if err := os.WriteFile(filepath.Join(node.Dir, "etc/machine-id"), []byte(machineID+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	proc := filepath.Join(node.Dir, "proc")
	if err := syscall.Mount("/proc", proc, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(proc, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return node
}

// TestJournald: without a privileged container the command reads the node's journal by the node's
// journalctl: what is in it, and what comes. The next pod goes on where it was.
func TestJournald(t *testing.T) {
	ready(t)
	node := nodeWithSystemd(t)
	pod, image, dir := variant(t, "overlays/openshift-journald/oomtrail", &node), unpack(t, "oomtrail"), t.TempDir()
	j := newJournal(t, node)
	before := j.kill()
	first := start(t, dir, pod, &pod.Containers[0], image, node)
	first.until("the kill before the start", of(before))
	during := j.kill()
	first.until("the kill", of(during))
	for _, line := range first.lines() {
		if of(during)(line) && (!strings.Contains(line, `"k8s.pod.name":"cart-0"`) || !strings.Contains(line, `"oom.trust":"verified"`)) {
			t.Error(line)
		}
	}
	if code, said := first.stop(); code != 0 || said != "" {
		t.Errorf("it ends with %d: %s", code, said)
	}
	after := j.kill()
	second := start(t, dir, pod, &pod.Containers[0], image, node)
	second.until("the kill between two pods", of(after))
	for _, line := range second.lines() {
		if of(before)(line) || of(during)(line) {
			t.Errorf("printed twice: %s", line)
		}
	}
	second.stop()

	// The right that it needs for that is SYS_CHROOT.
	c := &pod.Containers[0]
	c.SecurityContext.Capabilities.Add = nil
	code, said := start(t, dir, pod, c, image, node).end()
	if code == 0 || !strings.Contains(said, "operation not permitted") {
		t.Errorf("without SYS_CHROOT it ends with %d: %s", code, said)
	}
	t.Log(said)
}

// TestCollectorJournald: so does the collector.
func TestCollectorJournald(t *testing.T) {
	ready(t)
	node := nodeWithSystemd(t)
	pod := variant(t, "overlays/openshift-journald/collector", &node)
	j := newJournal(t, node)
	collectorOf(t, pod, node, "LOKI_URL", unpack(t, "otelcol-oom"), j.kill)
	if kept, err := os.ReadDir(filepath.Join(node.Dir, "var/lib/otelcol-oom")); err != nil || len(kept) == 0 {
		t.Errorf("the node keeps no state: %v, %v", kept, err)
	}
}

// TestAutopilot: with nothing of the node but its /var/log, read-only, and no capability, a
// collector with a journalctl of its own reads the journal there.
func TestAutopilot(t *testing.T) {
	ready(t)
	node := newNode(t)
	pod := variant(t, "overlays/gke-autopilot/collector", &node)
	program := unpack(t, "otelcol-oom")
	root := t.TempDir()
	unpackDebian(t, root)
	text, err := os.ReadFile(filepath.Join(program.Root, "otelcol-oom"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "usr/local/bin/otelcol-oom"), text, 0o755); err != nil {
		t.Fatal(err)
	}
	image := Image{Root: root, Config: v1.Config{Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}}}
	j := newJournal(t, node)
	collectorOf(t, pod, node, "LOKI_URL", image, j.kill)
}
