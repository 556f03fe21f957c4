// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

// deploy is the directory of the manifests.
const deploy = "../../../deploy"

// kustomization is what the kustomizations of deploy use of that format.
type kustomization struct {
	APIVersion         string   `json:"apiVersion"`
	Kind               string   `json:"kind"`
	Namespace          string   `json:"namespace"`
	Resources          []string `json:"resources"`
	ConfigMapGenerator []struct {
		Name  string   `json:"name"`
		Files []string `json:"files"`
	} `json:"configMapGenerator"`
	Images []struct {
		Name    string `json:"name"`
		NewName string `json:"newName"`
		NewTag  string `json:"newTag"`
	} `json:"images"`
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rules matches a file of alerts, and one of their tests, which are no objects of Kubernetes.
var rules = regexp.MustCompile(`(?m)^(?:groups|rule_files):`)

// TestManifests: each file is what the API takes, and its parts fit together.
func TestManifests(t *testing.T) {
	found := map[string][]string{}
	err := filepath.WalkDir(deploy, func(path string, _ fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || filepath.Ext(name) != ".yaml" || name == "kustomization.yaml" || name == "collector.yaml" || name == "journald.yaml" || strings.HasPrefix(name, "values") {
			return err
		}
		text := read(t, path)
		if rules.Match(text) {
			return nil
		}
		objects, err := Read(text)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, object := range objects {
			dir, _ := filepath.Rel(deploy, filepath.Dir(path))
			found[dir] = append(found[dir], object.GetName())
			if d, ok := object.(*appsv1.DaemonSet); ok {
				for _, wrong := range Check(d) {
					t.Errorf("%s: %s", path, wrong)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found["oomtrail"], []string{"oomtrail", "oomtrail", "oomtrail", "node-critical"}) || !slices.Equal(found["collector"], []string{"otelcol-oom", "otelcol-oom", "otelcol-oom", "otelcol-oom", "otelcol-oom", "node-critical"}) {
		t.Errorf("objects: %v", found)
	}
}

// TestKustomizations: what they name is there.
func TestKustomizations(t *testing.T) {
	for _, dir := range []string{"oomtrail", "collector"} {
		var k kustomization
		if err := yaml.UnmarshalStrict(read(t, filepath.Join(deploy, dir, "kustomization.yaml")), &k); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		var images, configMaps []string
		for _, resource := range k.Resources {
			objects, err := Read(read(t, filepath.Join(deploy, dir, resource)))
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range objects {
				d, ok := object.(*appsv1.DaemonSet)
				if !ok {
					continue
				}
				for _, c := range d.Spec.Template.Spec.Containers {
					images = append(images, c.Image)
				}
				for _, v := range d.Spec.Template.Spec.Volumes {
					if v.ConfigMap != nil {
						configMaps = append(configMaps, v.ConfigMap.Name)
					}
				}
			}
		}
		var names, generated []string
		for _, image := range k.Images {
			names = append(names, image.Name+":"+image.NewTag)
		}
		for _, g := range k.ConfigMapGenerator {
			generated = append(generated, g.Name)
			for _, file := range g.Files {
				read(t, filepath.Join(deploy, dir, file))
			}
		}
		if !slices.Equal(images, names) {
			t.Errorf("%s: images %q, in the kustomization %q", dir, images, names)
		}
		if !slices.Equal(configMaps, generated) {
			t.Errorf("%s: config maps %q, in the kustomization %q", dir, configMaps, generated)
		}
		if k.Namespace == "" || !strings.HasPrefix(k.APIVersion, "kustomize.config.k8s.io/") || k.Kind != "Kustomization" {
			t.Errorf("%s: %+v", dir, k)
		}
	}
}

// TestWrong: what is wrong is found.
func TestWrong(t *testing.T) {
	text := string(read(t, filepath.Join(deploy, "oomtrail/daemonset.yaml")))
	for want, change := range map[string][2]string{
		`unknown field "spec.template.spec.containers[0].mounts"`: {"volumeMounts:", "mounts:"},
		`unknown field "spec.template.spec.hostPid"`:              {"tolerations:", "hostPid: true\n      tolerations:"},
		"cannot unmarshal":                             {"runAsUser: 0", "runAsUser: root"},
		"is no kind that is known here":                {"apps/v1", "apps/v1beta1"},
		"the selector":                                 {"selector: {matchLabels: {app.kubernetes.io/name: oomtrail}}", "selector: {matchLabels: {app.kubernetes.io/name: other}}"},
		"it is not privileged":                         {"privileged: true", "privileged: false"},
		"does not say runAsUser: 0":                    {"runAsUser: 0, ", ""},
		"nothing mounts the volume logs":               {"- {name: log, hostPath", "- {name: logs, hostPath"},
		"mounts log, which is no volume":               {"- {name: log, hostPath", "- {name: logs, hostPath"},
		"needs a variable that is not set":             {"name: NODE_NAME", "name: NODE"},
		"image ghcr.io/oomtrail/oomtrail has no versi": {"oomtrail:0.1.0", "oomtrail"},
		"mounts two volumes at /var/log":               {"mountPath: /var/lib/oomtrail", "mountPath: /var/log"},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Fatalf("%q changes nothing", change[0])
		}
		objects, err := Read([]byte(changed))
		var wrong []string
		if err != nil {
			wrong = []string{err.Error()}
		} else {
			wrong = Check(objects[0].(*appsv1.DaemonSet))
		}
		if !strings.Contains(strings.Join(wrong, "\n"), want) {
			t.Errorf("%q for %q: %q, want %q", change[1], change[0], wrong, want)
		}
	}
}
