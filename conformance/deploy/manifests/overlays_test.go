// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// rights are those of the one container of a pod.
type rights struct {
	privileged   bool
	capabilities string // all other ones are dropped, unless it is privileged
	node         string // the paths of the node that it reads and, with a +, writes
	device       string // what a device plugin gives it
	config       string // its configuration files
}

// variants are all kustomizations of deploy that run a pod.
var variants = map[string]rights{
	"oomtrail":                             {privileged: true, node: "/dev/kmsg /var/log +/var/lib/oomtrail"},
	"collector":                            {privileged: true, node: "/dev/kmsg /var/log +/var/lib/otelcol-oom", config: "collector.yaml"},
	"overlays/device-plugin/oomtrail":      {capabilities: "SYSLOG", node: "/var/log +/var/lib/oomtrail", device: "squat.ai/kmsg"},
	"overlays/device-plugin/collector":     {capabilities: "SYSLOG", node: "/var/log +/var/lib/otelcol-oom", device: "squat.ai/kmsg", config: "collector.yaml"},
	"overlays/journald/oomtrail":           {capabilities: "SYS_CHROOT", node: "/ +/var/lib/oomtrail"},
	"overlays/journald/collector":          {capabilities: "SYS_CHROOT", node: "/ +/var/lib/otelcol-oom", config: "collector.yaml journald.yaml"},
	"overlays/openshift/oomtrail":          {privileged: true, node: "/dev/kmsg /var/log +/var/lib/oomtrail"},
	"overlays/openshift/collector":         {privileged: true, node: "/dev/kmsg /var/log +/var/lib/otelcol-oom", config: "collector.yaml"},
	"overlays/openshift-journald/oomtrail": {capabilities: "SYS_CHROOT", node: "/ +/var/lib/oomtrail"},
	"overlays/openshift-journald/collector": {
		capabilities: "SYS_CHROOT", node: "/ +/var/lib/otelcol-oom", config: "collector.yaml journald.yaml",
	},
	"overlays/gke-autopilot/collector": {node: "/var/log", config: "collector.yaml journald.yaml"},
}

// rightsOf returns the rights of a DaemonSet's container.
func rightsOf(t *testing.T, objects []metav1.Object, d *appsv1.DaemonSet) (r rights) {
	t.Helper()
	pod := d.Spec.Template.Spec
	if len(pod.Containers) != 1 || len(pod.InitContainers) != 0 {
		t.Fatal("not one container")
	}
	c := pod.Containers[0]
	s := c.SecurityContext
	r.privileged = *s.Privileged
	if s.Capabilities != nil {
		if !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("capabilities are left: %v", s.Capabilities.Drop)
		}
		for _, add := range s.Capabilities.Add {
			r.capabilities += string(add)
		}
	}
	if !r.privileged && (s.Capabilities == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.SeccompProfile == nil) {
		t.Errorf("it may have more than it needs: %+v", s)
	}
	if s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
		t.Error("the root file system can be written to")
	}
	var node []string
	for _, m := range c.VolumeMounts {
		v := pod.Volumes[slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })]
		switch {
		case v.HostPath != nil && m.ReadOnly:
			node = append(node, v.HostPath.Path)
		case v.HostPath != nil:
			node = append(node, "+"+v.HostPath.Path)
		case v.ConfigMap != nil:
			i := slices.IndexFunc(objects, func(o metav1.Object) bool {
				m, ok := o.(*corev1.ConfigMap)
				return ok && m.Name == v.ConfigMap.Name && m.Namespace == d.Namespace
			})
			if i < 0 {
				t.Fatalf("there is no ConfigMap %s", v.ConfigMap.Name)
			}
			r.config = strings.Join(slices.Sorted(maps.Keys(objects[i].(*corev1.ConfigMap).Data)), " ")
			for file := range objects[i].(*corev1.ConfigMap).Data {
				if !slices.Contains(c.Args, "--config="+filepath.Join(m.MountPath, file)) {
					t.Errorf("no argument names %s: %q", file, c.Args)
				}
			}
		}
	}
	slices.SortFunc(node, func(a, b string) int { // what is written last
		if x, y := strings.HasPrefix(a, "+"), strings.HasPrefix(b, "+"); x != y {
			return map[bool]int{false: -1, true: 1}[x]
		}
		return strings.Compare(a, b)
	})
	r.node = strings.Join(node, " ")
	for name, limit := range c.Resources.Limits {
		if strings.Contains(string(name), "/") {
			r.device = string(name)
			if request := c.Resources.Requests[name]; limit.Cmp(request) != 0 {
				t.Errorf("%s: %v of it, and %v requested", name, limit, request)
			}
		}
	}
	return r
}

// TestVariants: kustomize renders each kustomization, the API takes its objects, and the pod has
// the rights that README.md says and no others. The namespace's own label lets it in.
func TestVariants(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, pattern := range []string{"*", "overlays/*/*"} {
		dirs, _ := filepath.Glob(filepath.Join(deploy, pattern, "kustomization.yaml"))
		for _, dir := range dirs {
			name, _ := filepath.Rel(deploy, filepath.Dir(dir))
			if name != "prometheus" { // see TestPrometheusRules
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	if want := slices.Sorted(maps.Keys(variants)); !slices.Equal(found, want) {
		t.Fatalf("the kustomizations are %q, want %q", found, want)
	}
	for name, want := range variants {
		t.Run(name, func(t *testing.T) {
			objects, err := Kustomize(filepath.Join(deploy, name))
			if err != nil {
				t.Fatal(err)
			}
			d := one[*appsv1.DaemonSet](t, objects)
			for _, wrong := range Check(d) {
				t.Error(wrong)
			}
			if got := rightsOf(t, objects, d); got != want {
				t.Errorf("it has %+v\nwant   %+v", got, want)
			}

			// All is in one namespace, which has the name of the DaemonSet, and lets the pod in.
			namespace := one[*corev1.Namespace](t, objects)
			account := one[*corev1.ServiceAccount](t, objects)
			pod := d.Spec.Template.Spec
			if namespace.Name != d.Name || d.Namespace != d.Name || account.Namespace != d.Name || account.Name != pod.ServiceAccountName {
				t.Errorf("namespace %s, DaemonSet %s/%s, ServiceAccount %s/%s of %s", namespace.Name, d.Namespace, d.Name, account.Namespace, account.Name, pod.ServiceAccountName)
			}
			level, err := api.ParseLevel(namespace.Labels[api.EnforceLevelLabel])
			if err != nil {
				t.Fatal(err)
			}
			allows := func(level api.Level) policy.AggregateCheckResult {
				return policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &d.Spec.Template.ObjectMeta, &pod))
			}
			if result := allows(level); !result.Allowed {
				t.Errorf("the namespace refuses the pod: %s", result.ForbiddenDetail())
			}
			if result := allows(api.LevelBaseline); result.Allowed {
				t.Error("the label allows more than the pod needs: baseline does")
			} else {
				t.Logf("baseline: %s", result.ForbiddenDetail())
			}

			// GKE allows this class where a quota of the namespace has it.
			quota := one[*corev1.ResourceQuota](t, objects)
			scopes := quota.Spec.ScopeSelector.MatchExpressions
			if pod.PriorityClassName != "system-node-critical" || quota.Namespace != d.Namespace || len(scopes) != 1 || scopes[0].ScopeName != corev1.ResourceQuotaScopePriorityClass ||
				scopes[0].Operator != corev1.ScopeSelectorOpIn || !slices.Equal(scopes[0].Values, []string{pod.PriorityClassName}) {
				t.Errorf("class %s, quota %+v", pod.PriorityClassName, quota)
			}
			if pods := quota.Spec.Hard[corev1.ResourcePods]; len(quota.Spec.Hard) != 1 || pods.Value() < 100_000 {
				t.Errorf("the quota limits more than it must: %v", quota.Spec.Hard)
			}

			openShift(t, name, objects, d)
		})
	}
}

// openShift checks what allows the pod on OpenShift.
func openShift(t *testing.T, name string, objects []metav1.Object, d *appsv1.DaemonSet) {
	t.Helper()
	pod := d.Spec.Template.Spec
	user := "system:serviceaccount:" + d.Namespace + ":" + pod.ServiceAccountName
	switch {
	case strings.HasPrefix(name, "overlays/openshift/"):
		b := one[*rbacv1.RoleBinding](t, objects)
		want := rbacv1.Subject{Kind: "ServiceAccount", Name: pod.ServiceAccountName, Namespace: d.Namespace}
		if b.RoleRef.Name != "system:openshift:scc:privileged" || b.Namespace != d.Namespace || !slices.Equal(b.Subjects, []rbacv1.Subject{want}) {
			t.Errorf("%+v", b)
		}
	case strings.HasPrefix(name, "overlays/openshift-journald/"):
		s := one[*SecurityContextConstraints](t, objects)
		if !slices.Equal(s.Users, []string{user}) {
			t.Errorf("it is for %q, not for %s", s.Users, user)
		}
		for _, wrong := range s.Refuses(pod) {
			t.Error(wrong)
		}
		pod.Containers[0].SecurityContext.Privileged = new(bool)
		*pod.Containers[0].SecurityContext.Privileged = true
		if len(s.Refuses(pod)) != 1 {
			t.Errorf("it allows a privileged container: %q", s.Refuses(pod))
		}
	}
}

// one returns the one object of a kind.
func one[T metav1.Object](t *testing.T, objects []metav1.Object) (found T) {
	t.Helper()
	var n int
	for _, object := range objects {
		if o, ok := object.(T); ok {
			found = o
			n++
		}
	}
	if n != 1 {
		t.Fatalf("%d objects %T", n, found)
	}
	return found
}

// TestJournalctlImage: the Dockerfile makes the image that the overlay for GKE Autopilot runs.
func TestJournalctlImage(t *testing.T) {
	text := string(read(t, filepath.Join(deploy, "images/journalctl/Dockerfile")))
	objects, err := Kustomize(filepath.Join(deploy, "overlays/gke-autopilot/collector"))
	if err != nil {
		t.Fatal(err)
	}
	c := one[*appsv1.DaemonSet](t, objects).Spec.Template.Spec.Containers[0]
	if !strings.Contains(text, "docker build -t "+c.Image+" .") || !strings.Contains(text, `ENTRYPOINT ["`+c.Command[0]+`"]`) {
		t.Errorf("the Dockerfile does not make %s with %s", c.Image, c.Command)
	}
}
