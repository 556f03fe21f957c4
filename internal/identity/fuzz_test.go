// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"os"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// FuzzOf checks that no path breaks the rules that keep an identity from being a wrong one.
func FuzzOf(f *testing.F) {
	data, err := os.ReadFile("testdata/paths.tsv")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if columns := strings.Split(line, "\t"); len(columns) == 3 {
			f.Add(columns[1])
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		id := Of(path)
		if (id.PodUID != "") && id.QoS == "" {
			t.Errorf("%q: pod without a QoS class: %s", path, describe(id))
		}
		if id.PodUID != "" && !ids.IsUUID(id.PodUID, '-') && !(id.StaticPod && ids.IsHexOf(id.PodUID, 32)) {
			t.Errorf("%q: pod uid %q", path, id.PodUID)
		}
		if id.User != "" && (id.PodUID != "" || id.QoS != "" || id.Node != "") {
			t.Errorf("%q: a user's pod: %s", path, describe(id))
		}
		if id.Level == LevelContainer && id.ContainerID == "" || id.Level == LevelPod && id.PodUID == "" {
			t.Errorf("%q: level without its id: %s", path, describe(id))
		}
		for _, part := range [...]string{id.ContainerID, id.Unit, id.Slice, id.User, id.Job, id.Task, id.Node} {
			if !strings.Contains(path, part) {
				t.Errorf("%q: %q is not in the path", path, part)
			}
		}
		// A directory is who the container is, but in one where LXC keeps its containers.
		if last := strings.TrimRight(path, "/"); path != "" && path[0] == '/' && !strings.HasPrefix(last[strings.LastIndexByte(last, '/')+1:], "lxc") {
			if deeper := Of(path + "/x"); id.ContainerID != "" && id.QoS == "" && deeper.ContainerID != id.ContainerID {
				t.Errorf("%q: a directory inside changed who it is: %s, then %s", path, describe(id), describe(deeper))
			}
		}
	})
}
