// SPDX-License-Identifier: Apache-2.0

// Package charts renders the official charts with the values of deploy.
package charts

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/oomtrail/oomtrail/conformance/deploy/manifests"
)

// Render renders the chart of a directory with the values of files, a later one over the ones
// before it, as helm template does, and returns its objects.
func Render(chart, release, namespace string, valuesFiles ...string) ([]metav1.Object, error) {
	loaded, err := loader.Load(chart)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for _, file := range valuesFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var these map[string]any
		if err := yaml.UnmarshalStrict(text, &these); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		values = util.CoalesceTables(these, values)
	}
	version, err := common.ParseKubeVersion("v1.34.0")
	if err != nil {
		return nil, err
	}
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	top, err := util.ToRenderValues(loaded, values, common.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, top)
	if err != nil {
		return nil, err
	}
	var objects []metav1.Object
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) != ".yaml" || path.Base(path.Dir(name)) == "tests" {
			continue
		}
		these, err := manifests.Read([]byte(files[name]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		objects = append(objects, these...)
	}
	return objects, nil
}
