// SPDX-License-Identifier: Apache-2.0

// Package manifests reads Kubernetes objects as the API's own types, and checks what the types do
// not say.
package manifests

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// kinds makes an empty object of each kind that deploy and the charts use.
var kinds = map[string]func() metav1.Object{
	"apps/v1 DaemonSet": func() metav1.Object { return &appsv1.DaemonSet{} },
	"v1 ConfigMap":      func() metav1.Object { return &corev1.ConfigMap{} },
	"v1 Namespace":      func() metav1.Object { return &corev1.Namespace{} },
	"v1 Pod":            func() metav1.Object { return &corev1.Pod{} },
	"v1 ResourceQuota":  func() metav1.Object { return &corev1.ResourceQuota{} },
	"v1 Service":        func() metav1.Object { return &corev1.Service{} },
	"v1 ServiceAccount": func() metav1.Object { return &corev1.ServiceAccount{} },
	"rbac.authorization.k8s.io/v1 ClusterRole":            func() metav1.Object { return &rbacv1.ClusterRole{} },
	"rbac.authorization.k8s.io/v1 ClusterRoleBinding":     func() metav1.Object { return &rbacv1.ClusterRoleBinding{} },
	"rbac.authorization.k8s.io/v1 RoleBinding":            func() metav1.Object { return &rbacv1.RoleBinding{} },
	"monitoring.coreos.com/v1 PrometheusRule":             func() metav1.Object { return &monitoringv1.PrometheusRule{} },
	"security.openshift.io/v1 SecurityContextConstraints": func() metav1.Object { return &SecurityContextConstraints{} },
}

// Read reads the objects of a YAML file. A field that the kind has not is an error.
func Read(text []byte) ([]metav1.Object, error) {
	var objects []metav1.Object
	for documents := yamlutil.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal(document, &kind); err != nil {
			return nil, err
		}
		if kind == (metav1.TypeMeta{}) && len(bytes.TrimSpace(stripComments(document))) == 0 {
			continue
		}
		name := kind.APIVersion + " " + kind.Kind
		create, ok := kinds[name]
		if !ok {
			return nil, fmt.Errorf("%q is no kind that is known here", name)
		}
		object := create()
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		// As the API server decodes: names of fields with their case.
		unknown, err := json.UnmarshalStrict(text, object)
		if err := errors.Join(append(unknown, err)...); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		objects = append(objects, object)
	}
}

var comment = regexp.MustCompile(`(?m)^\s*#.*$|^---\s*$`)

func stripComments(text []byte) []byte { return comment.ReplaceAll(text, nil) }

// Kustomize renders the kustomization of a directory, as kubectl kustomize does, and returns its
// objects.
func Kustomize(dir string) ([]metav1.Object, error) {
	rendered, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, err
	}
	text, err := rendered.AsYaml()
	if err != nil {
		return nil, err
	}
	return Read(text)
}

// variable is what Kubernetes replaces in arguments.
var variable = regexp.MustCompile(`\$\(([A-Za-z_]\w*)\)`)

// Check returns what is wrong with a DaemonSet of an agent that reads the kernel log.
func Check(d *appsv1.DaemonSet) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil || selector.Empty() || !selector.Matches(labels.Set(d.Spec.Template.Labels)) {
		bad("the selector %v does not choose the labels %v", d.Spec.Selector, d.Spec.Template.Labels)
	}
	pod := d.Spec.Template.Spec
	volumes := map[string]corev1.Volume{}
	unused := map[string]bool{}
	for _, v := range pod.Volumes {
		if _, twice := volumes[v.Name]; twice {
			bad("two volumes %s", v.Name)
		}
		volumes[v.Name], unused[v.Name] = v, true
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		var environment []string
		for _, e := range c.Env {
			environment = append(environment, e.Name)
		}
		for _, text := range slices.Concat(c.Command, c.Args) {
			for _, m := range variable.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(environment, m[1]) {
					bad("%s: %s needs a variable that is not set", c.Name, text)
				}
			}
		}
		paths := map[string]bool{}
		for _, m := range c.VolumeMounts {
			v, ok := volumes[m.Name]
			if !ok {
				bad("%s mounts %s, which is no volume", c.Name, m.Name)
				continue
			}
			delete(unused, m.Name)
			if paths[m.MountPath] {
				bad("%s mounts two volumes at %s", c.Name, m.MountPath)
			}
			paths[m.MountPath] = true
			switch h := v.HostPath; {
			case h == nil:
			case h.Path == "/dev/kmsg" && (c.SecurityContext == nil || c.SecurityContext.Privileged == nil || !*c.SecurityContext.Privileged):
				bad("%s mounts /dev/kmsg, which it may not open: it is not privileged", c.Name)
			case h.Path == "/dev/kmsg" && (c.SecurityContext.RunAsUser == nil || *c.SecurityContext.RunAsUser != 0):
				bad("%s reads /dev/kmsg, and does not say runAsUser: 0", c.Name)
			}
		}
		if strings.HasSuffix(c.Image, ":latest") || !strings.Contains(c.Image, ":") {
			bad("%s: image %s has no version", c.Name, c.Image)
		}
	}
	for name := range unused {
		bad("nothing mounts the volume %s", name)
	}
	slices.Sort(wrong)
	return wrong
}
