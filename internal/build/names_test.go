// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// shop are the names of a container of a pod, as the node's files have them.
var shop = report.Names{
	Namespace: "shop", Pod: "cart-0", Container: "app", RestartCount: 0, HasRestartCount: true,
	Image: "registry.example:5000/shop/cart:1.4@sha256:" + containerID, ContainerName: "k8s_app_cart-0",
}

// only answers a query for the pod and the container that it is made for, and counts all queries.
func only(asked *[]report.Workload, names report.Names) func(report.Workload) report.Names {
	return func(w report.Workload) report.Names {
		*asked = append(*asked, w)
		switch {
		case w.PodUID == podUID && w.ContainerID == containerID:
			return names
		case w.PodUID == podUID:
			return report.Names{Namespace: names.Namespace, Pod: names.Pod}
		}
		return report.Names{}
	}
}

// TestNames: the victim's workload is asked for once, and its names are attributes.
func TestNames(t *testing.T) {
	var asked []report.Workload
	r := build(t, Options{Names: only(&asked, shop)}, memcgKill(podPath+"/"+containerID, podPath+"/"+containerID, "java")...)
	if want := (report.Workload{PodUID: podUID, ContainerID: containerID}); len(asked) != 1 || asked[0] != want {
		t.Errorf("asked for %+v, want once %+v", asked, want)
	}
	for name, want := range map[string]any{
		"k8s.namespace.name": "shop", "k8s.pod.name": "cart-0", "k8s.container.name": "app", "k8s.container.restart_count": int64(0),
		"container.name": "k8s_app_cart-0", "container.image.name": "registry.example:5000/shop/cart", "container.image.tag": "1.4",
		"k8s.pod.uid": podUID, "container.id": containerID, "process.real_user.name": nil, "oom.names.doubt": nil, "oom.job.name": nil,
	} {
		if got := number(t, r, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// TestNamesNotFound: what is not found is absent, and changes no other attribute.
func TestNamesNotFound(t *testing.T) {
	var asked []report.Workload
	lines := memcgKill(podPath, podPath+"/"+containerID, "java")
	plain := build(t, Options{}, lines...)
	r := build(t, Options{Names: only(&asked, report.Names{})}, lines...)
	if string(r.AppendJSON(nil)) != string(plain.AppendJSON(nil)) {
		t.Errorf("got\n%s\nwant\n%s", r.AppendJSON(nil), plain.AppendJSON(nil))
	}
	if len(asked) != 2 { // the victim's container, and the pod whose limit it is
		t.Errorf("asked for %+v", asked)
	}
	for _, path := range []string{"/a", "/system.slice/nginx.service", "/"} {
		asked = nil
		if build(t, Options{Names: only(&asked, shop)}, memcgKill(path, path, "b")...); len(asked) > 0 {
			t.Errorf("%s: asked for %+v: nothing there has an id", path, asked)
		}
	}
}

// TestNamesOfJobs: a job has its own names, beside the scheduler that they are of.
func TestNamesOfJobs(t *testing.T) {
	path := "/nomad.slice/share.slice/" + podUID + ".redis.scope"
	r := build(t, Options{Names: func(w report.Workload) report.Names {
		if w.Scheduler != "nomad" || w.Job != podUID || w.Task != "redis" {
			t.Errorf("asked for %+v", w)
		}
		return report.Names{JobName: "web", GroupName: "cache", TaskName: w.Task, Doubt: ""}
	}}, memcgKill(path, path, "redis")...)
	for name, want := range map[string]any{"oom.job.scheduler": "nomad", "oom.job.name": "web", "oom.job.group": "cache", "oom.job.task": "redis"} {
		if got := number(t, r, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// TestUserName: a user is named only where the line is of this machine's own log, and its process
// one of the host.
func TestUserName(t *testing.T) {
	users := func(w report.Workload) report.Names {
		if w.UserID == "0" {
			return report.Names{User: "root"}
		}
		return report.Names{}
	}
	for _, c := range []struct {
		name, path string
		format     report.Format
		host, id   string
		off        bool
		want       any
	}{
		{"kmsg", "/system.slice/nginx.service", report.Kmsg, "", "", false, "root"},
		{"root of the hierarchy", "/", report.Kmsg, "", "", false, "root"},
		{"journal", "/user.slice/user-0.slice/session-1.scope", report.JournalJSON, "here", "m1", false, "root"},
		{"export", "/system.slice/nginx.service", report.JournalExport, "here.example", "m1", false, "root"},
		{"of another host", "/system.slice/nginx.service", report.JournalJSON, "there", "m1", false, nil},
		{"of another machine", "/system.slice/nginx.service", report.JournalJSON, "here", "m2", false, nil},
		{"text", "/system.slice/nginx.service", report.Syslog, "here", "", false, nil},
		{"dmesg", "/system.slice/nginx.service", report.Dmesg, "", "", false, nil},
		{"switched off", "/system.slice/nginx.service", report.Kmsg, "", "", true, nil},
		{"container", "/docker/" + containerID, report.Kmsg, "", "", false, nil},
		{"pod", podPath + "/" + containerID, report.Kmsg, "", "", false, nil},
		{"lxc", "/lxc.payload.web/system.slice/nginx.service", report.Kmsg, "", "", false, nil},
		{"machine", "/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service", report.Kmsg, "", "", false, nil},
		{"nobody knows what that is", "/a/b", report.Kmsg, "", "", false, nil},
	} {
		o := Options{Names: users, UserNames: !c.off, HostName: "here", HostID: "m1"}
		from := format.Line{Format: c.format, Host: []byte(c.host), MachineID: []byte(c.id)}
		r := buildAs(t, o, from, memcgKill(c.path, c.path, "b")...)
		if got := number(t, r, "process.real_user.name"); got != c.want {
			t.Errorf("%s: the user's name is %v, want %v", c.name, got, c.want)
		}
	}
}

// TestImages: an image has a name and a tag; an id alone names nothing.
func TestImages(t *testing.T) {
	for image, want := range map[string][2]string{
		"": {}, "redis": {"redis", ""}, "redis:7": {"redis", "7"}, "docker.io/library/redis:7.2-alpine": {"docker.io/library/redis", "7.2-alpine"},
		"registry:5000/app": {"registry:5000/app", ""}, "registry:5000/app:1@sha256:abc": {"registry:5000/app", "1"}, "app@sha256:abc": {"app", ""},
		"sha256:" + containerID: {}, containerID: {},
	} {
		if name, tag := splitImage(image); name != want[0] || tag != want[1] {
			t.Errorf("%s: %q, %q, want %q", image, name, tag, want)
		}
	}
}

// TestNamesAreText: whatever a resolver returns, an attribute is printable, and a name that no
// program gives is left out.
func TestNamesAreText(t *testing.T) {
	odd := report.Names{
		Namespace: "a\nb\x00\xff", Pod: strings.Repeat("x", 10<<20), Container: "Memory cgroup out of memory: Killed process 1 (a)",
		ContainerName: "\x1b[31m\u202e", Image: "oom-kill:constraint", Doubt: `"}{`,
	}
	r := build(t, Options{Names: func(report.Workload) report.Names { return odd }}, memcgKill(podPath+"/"+containerID, podPath+"/"+containerID, "java")...)
	for name, want := range map[string]any{
		"k8s.namespace.name": `a\x0ab\x00\xff`, "k8s.pod.name": nil, "k8s.container.name": odd.Container, "container.name": `\x1b[31m\xe2\x80\xae`,
		"container.image.name": "oom-kill", "oom.names.doubt": `"}{`,
	} {
		if got := number(t, r, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if len(r.Body) > record.MaxBody {
		t.Errorf("the body has %d bytes: %s", len(r.Body), r.Body)
	}
}

// TestBodyWithNames: people's names take the place of ids.
func TestBodyWithNames(t *testing.T) {
	const container = podPath + "/" + containerID
	const job = "/nomad.slice/share.slice/" + podUID + ".redis.scope"
	for _, c := range []struct {
		name, want string
		names      func(report.Workload) report.Names
		lines      []string
	}{
		{"container of a pod", "OOM kill: java (12) in container app of pod shop/cart-0: 32.4 of 64 MiB", only(new([]report.Workload), shop), memcgKill(container, container, "java")},
		{"the pod's limit", "OOM kill: java (12) in container app of pod shop/cart-0: 32.4 of 64 MiB (limit of pod shop/cart-0)", only(new([]report.Workload), shop), memcgKill(podPath, container, "java")},
		{"the pod is known, its container is not", "OOM kill: java (12) in container 4f2a9be0c7d1 of pod shop/cart-0: 32.4 of 64 MiB", only(new([]report.Workload), report.Names{Namespace: "shop", Pod: "cart-0"}), memcgKill(container, container, "java")},
		{"before namespaces were in the directory", "OOM kill: java (12) in container app of pod cart-0: 32.4 of 64 MiB", only(new([]report.Workload), report.Names{Pod: "cart-0", Container: "app"}), memcgKill(container, container, "java")},
		{"doubt", "OOM kill: java (12) in container 4f2a9be0c7d1 of pod 0c1d2e3f-4a5: 32.4 of 64 MiB", only(new([]report.Workload), report.Names{Doubt: "two directories have this uid"}), memcgKill(container, container, "java")},
		{"docker", "OOM kill: redis (12) in container shop-db-1: 32.4 of 64 MiB", func(report.Workload) report.Names { return report.Names{ContainerName: "shop-db-1"} }, memcgKill("/docker/"+containerID, "/docker/"+containerID, "redis")},
		{"nomad", "OOM kill: redis (12) in task redis of nomad job web: 32.4 of 64 MiB", func(report.Workload) report.Names { return report.Names{JobName: "web", TaskName: "redis"} }, memcgKill(job, job, "redis")},
		{"the task of an unknown job", "OOM kill: redis (12) in task redis of nomad job 0c1d2e3f-4a5: 32.4 of 64 MiB", func(report.Workload) report.Names { return report.Names{TaskName: "redis"} }, memcgKill(job, job, "redis")},
		{"machine", "OOM kill: kvm (12) in machine web: 32.4 of 64 MiB", func(report.Workload) report.Names { return report.Names{Machine: "web"} },
			memcgKill(`/machine.slice/machine-qemu\x2d1\x2dweb.scope`, `/machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt/emulator`, "kvm")},
		{"nobody was killed", "OOM without a kill in pod shop/cart-0, limit 64 MiB: the kernel found no process it may end", only(new([]report.Workload), shop),
			[]string{invoked, cpuOf("6.1.0"), "memory: usage 65536kB, limit 65536kB, failcnt 19", "Memory cgroup stats for " + podPath + ":", "anon 4096", "Out of memory and no killable processes..."}},
	} {
		if got := build(t, Options{Names: c.names}, c.lines...).Body; got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestBodyWithLongNames: names of any length and kind keep the body to its bound, its figures
// whole, and no line of the kernel's.
func TestBodyWithLongNames(t *testing.T) {
	for _, long := range []string{
		strings.Repeat("a-", 126) + "a", strings.Repeat("ü", 120), strings.Repeat("€", 70), strings.Repeat("\x01", 100), strings.Repeat(`\x2d`, 50), strings.Repeat("/", 200),
		strings.Repeat("oom-kill: ", 20), strings.Repeat("Killed process 9 ", 15), "Out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:1kB", strings.Repeat("漢字", 40) + "x",
	} {
		names := report.Names{Namespace: long, Pod: long, Container: long, ContainerName: long, JobName: long, TaskName: long}
		for _, of := range [][2]string{
			{podPath, podPath + "/" + containerID}, {podPath + "/" + containerID, podPath + "/" + containerID}, {"/docker/" + containerID, "/docker/" + containerID},
			{"/kubepods/burstable/pod" + strings.Replace(podUID, "0", "1", 1) + "/" + containerID, podPath + "/" + containerID},
			{"/nomad.slice/share.slice/" + podUID + ".redis.scope", "/nomad.slice/share.slice/" + podUID + ".redis.scope"},
		} {
			got := build(t, Options{Names: func(report.Workload) report.Names { return names }}, memcgKill(of[0], of[1], "app-of-15-bytes")...).Body
			if len(got) > record.MaxBody || !utf8.ValidString(got) || !strings.Contains(got, ": 32.4 of 64 MiB") || !strings.HasPrefix(got, "OOM kill: ") {
				t.Errorf("%.20q in %v: %d bytes: %s", long, of, len(got), got)
			}
			if kind := kernel.Classify(got); kind != kernel.Other || strings.Contains(strings.ToLower(got), "killed process") {
				t.Errorf("%v: %s", kind, got)
			}
		}
	}
}
