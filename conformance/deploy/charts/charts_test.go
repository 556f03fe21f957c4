// SPDX-License-Identifier: Apache-2.0

package charts

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/oomtrail/oomtrail/conformance/deploy/manifests"
)

var update = flag.Bool("update", false, "write the expected pod specs and configurations anew")

const deploy = "../../../deploy"

// render renders a chart whose directory an environment variable names, or skips.
func render(t *testing.T, variable string, values ...string) []metav1.Object {
	t.Helper()
	chart := os.Getenv(variable)
	if chart == "" {
		t.Skipf("NOT RUN: %s does not name a directory with the chart", variable)
	}
	for i, file := range values {
		values[i] = filepath.Join(deploy, file)
	}
	objects, err := Render(chart, "oom", "oomtrail", values...)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// podSpec returns that of the one DaemonSet among objects. What Check says of it is an error.
func podSpec(t *testing.T, objects []metav1.Object) corev1.PodSpec {
	t.Helper()
	i := slices.IndexFunc(objects, func(o metav1.Object) bool { _, ok := o.(*appsv1.DaemonSet); return ok })
	if i < 0 {
		t.Fatal("there is no DaemonSet")
	}
	d := objects[i].(*appsv1.DaemonSet)
	for _, wrong := range manifests.Check(d) {
		t.Error(wrong)
	}
	return d.Spec.Template.Spec
}

// config returns a file of the one ConfigMap that has it.
func config(t *testing.T, objects []metav1.Object, file string) string {
	t.Helper()
	for _, object := range objects {
		if m, ok := object.(*corev1.ConfigMap); ok && m.Data[file] != "" {
			return m.Data[file]
		}
	}
	t.Fatalf("no ConfigMap has %s", file)
	return ""
}

// equal holds a pod spec or a configuration against the expected one, all fields.
func equal(t *testing.T, of any, name string) {
	t.Helper()
	got, err := yaml.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".yaml")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// TestFluentBit: the values give the pods that they mean to, in the official chart.
func TestFluentBit(t *testing.T) {
	objects := render(t, "FLUENT_BIT_CHART", "fluent-bit/values.yaml")
	equal(t, podSpec(t, objects), "fluent-bit")
	text := config(t, objects, "fluent-bit.conf")
	for _, want := range []string{"Plugins_File /usr/local/lib/fluent-bit/plugins.conf", "Name oom_kill", "Cursor /var/lib/fluent-bit/oom_kill.cursor", "storage.path /var/lib/fluent-bit/storage", "Host_Name ${NODE_NAME}", "HTTP_Port 2020"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Name tail") || strings.Contains(text, "[FILTER]") || strings.Contains(text, "elasticsearch") || strings.Contains(text, "{{") {
		t.Errorf("the configuration is\n%s", text)
	}
}

// TestFluentBitJournald: without the kernel's device no container is privileged.
func TestFluentBitJournald(t *testing.T) {
	objects := render(t, "FLUENT_BIT_CHART", "fluent-bit/values.yaml", "fluent-bit/values-journald.yaml")
	equal(t, podSpec(t, objects), "fluent-bit-journald")
	if text := config(t, objects, "fluent-bit.conf"); !strings.Contains(text, "Name systemd") || !strings.Contains(text, "DB /var/lib/fluent-bit/journal.db") || strings.Contains(text, "kmsg") || strings.Contains(text, "Cursor") {
		t.Errorf("the configuration is\n%s", text)
	}
}

// TestFluentBitAutopilot: of the node there is nothing but /var/log, read-only, and nothing is
// privileged.
func TestFluentBitAutopilot(t *testing.T) {
	objects := render(t, "FLUENT_BIT_CHART", "fluent-bit/values.yaml", "fluent-bit/values-journald.yaml", "fluent-bit/values-autopilot.yaml")
	pod := podSpec(t, objects)
	equal(t, pod, "fluent-bit-autopilot")
	for _, v := range pod.Volumes {
		if v.HostPath != nil && v.HostPath.Path != "/var/log" {
			t.Errorf("it mounts %s of the node", v.HostPath.Path)
		}
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, m := range c.VolumeMounts {
			if m.MountPath == "/var/log" && !m.ReadOnly {
				t.Errorf("%s writes to /var/log", c.Name)
			}
		}
		if s := c.SecurityContext; s.Privileged != nil && *s.Privileged || len(s.Capabilities.Add) > 0 {
			t.Errorf("%s has rights: %+v", c.Name, s)
		}
	}
	if text := config(t, objects, "fluent-bit.conf"); !strings.Contains(text, "Path /var/log/journal") || !strings.Contains(text, "Name oom_kill") {
		t.Errorf("the configuration is\n%s", text)
	}
}

// TestFluentBitOpenShift: the chart's security context constraint allows the pod.
func TestFluentBitOpenShift(t *testing.T) {
	objects := render(t, "FLUENT_BIT_CHART", "fluent-bit/values.yaml", "fluent-bit/values-openshift.yaml")
	pod := podSpec(t, objects)
	i := slices.IndexFunc(objects, func(o metav1.Object) bool { _, ok := o.(*manifests.SecurityContextConstraints); return ok })
	if i < 0 {
		t.Fatal("there is no constraint")
	}
	if refused := objects[i].(*manifests.SecurityContextConstraints).Refuses(pod); len(refused) > 0 {
		t.Errorf("it refuses %q", refused)
	}
	uses := slices.ContainsFunc(objects, func(o metav1.Object) bool {
		r, ok := o.(*rbacv1.ClusterRole)
		return ok && slices.ContainsFunc(r.Rules, func(r rbacv1.PolicyRule) bool {
			return slices.Contains(r.Resources, "securitycontextconstraints") && slices.Contains(r.Verbs, "use") && slices.Contains(r.ResourceNames, objects[i].GetName())
		})
	})
	if !uses {
		t.Errorf("no role may use %s", objects[i].GetName())
	}
}

// TestCollectorOpenShift: the service account of the pod gets the constraint privileged.
func TestCollectorOpenShift(t *testing.T) {
	objects := render(t, "OTEL_CHART", "opentelemetry-collector/values.yaml", "opentelemetry-collector/values-openshift.yaml")
	pod := podSpec(t, objects)
	want := rbacv1.Subject{Kind: "ServiceAccount", Name: pod.ServiceAccountName, Namespace: "oomtrail"}
	bound := slices.ContainsFunc(objects, func(o metav1.Object) bool {
		b, ok := o.(*rbacv1.RoleBinding)
		return ok && b.RoleRef.Name == "system:openshift:scc:privileged" && slices.Equal(b.Subjects, []rbacv1.Subject{want})
	})
	if !bound {
		t.Errorf("nothing binds %+v", want)
	}
}

// TestCollector: the values give the pods that they mean to, in the official chart.
func TestCollector(t *testing.T) {
	objects := render(t, "OTEL_CHART", "opentelemetry-collector/values.yaml")
	pod := podSpec(t, objects)
	equal(t, pod, "opentelemetry-collector")
	quota := slices.ContainsFunc(objects, func(o metav1.Object) bool {
		q, ok := o.(*corev1.ResourceQuota)
		return ok && q.Spec.ScopeSelector.MatchExpressions[0].Values[0] == pod.PriorityClassName
	})
	if !quota {
		t.Errorf("no quota allows %s on GKE", pod.PriorityClassName)
	}
	var got any
	if err := yaml.Unmarshal([]byte(config(t, objects, "relay")), &got); err != nil {
		t.Fatal(err)
	}
	equal(t, got, "opentelemetry-collector.relay")
}
