// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the PrometheusRules of deploy/prometheus anew")

// TestPrometheusRules: kustomize renders the alerts as objects that the Prometheus operator takes,
// and they are those of the files of rules beside them.
func TestPrometheusRules(t *testing.T) {
	dir := filepath.Join(deploy, "prometheus")
	files, err := filepath.Glob(filepath.Join(dir, "*.rules.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no rules: %v", err)
	}
	want := map[string]monitoringv1.PrometheusRuleSpec{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".rules.yaml")
		rules := string(read(t, file))
		groups := strings.Index(rules, "groups:\n")
		text := "# Written from " + filepath.Base(file) + ", which says what it is, by make prometheus-rules.\n" +
			"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: oomtrail-" + name + "\nspec:\n"
		for line := range strings.Lines(rules[groups:]) {
			if line != "\n" {
				text += "  "
			}
			text += line
		}
		object := filepath.Join(dir, "prometheusrule-"+name+".yaml")
		if *update {
			if err := os.WriteFile(object, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if string(read(t, object)) != text {
			t.Errorf("%s is not what %s makes: make prometheus-rules", object, file)
		}
		var spec monitoringv1.PrometheusRuleSpec
		if err := yaml.UnmarshalStrict([]byte(rules), &spec); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		want["oomtrail-"+name] = spec
	}

	objects, err := Kustomize(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != len(want) {
		t.Errorf("%d objects of %d files", len(objects), len(want))
	}
	for _, object := range objects {
		rule := object.(*monitoringv1.PrometheusRule)
		if !reflect.DeepEqual(rule.Spec, want[rule.Name]) {
			t.Errorf("%s differs from its rules", rule.Name)
		}
		if rule.Namespace == "" {
			t.Errorf("%s is in no namespace", rule.Name)
		}
	}
}
