// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"os"
	"strings"
	"testing"
)

// TestOf reads testdata/paths.tsv: family, path, what the path says.
func TestOf(t *testing.T) {
	data, err := os.ReadFile("testdata/paths.tsv")
	if err != nil {
		t.Fatal(err)
	}
	paths := 0
	for number, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 3 {
			t.Fatalf("line %d has %d columns, want 3", number+1, len(columns))
		}
		paths++
		if got := describe(Of(columns[1])); got != columns[2] {
			t.Errorf("%s: %s\n got %s\nwant %s", columns[0], columns[1], got, columns[2])
		}
	}
	if paths < 120 {
		t.Errorf("only %d paths, want at least 120", paths)
	}
}

// describe writes an identity as the table does: its non-empty fields.
func describe(id Identity) string {
	s := "level=" + id.Level.String()
	add := func(name, value string) {
		if value != "" {
			s += " " + name + "=" + value
		}
	}
	flag := map[bool]string{true: "true"}
	add("container", id.ContainerID)
	add("runtime", id.Runtime)
	add("monitor", flag[id.Monitor])
	add("outer", id.Outer)
	add("node", id.Node)
	add("pod", id.PodUID)
	add("static", flag[id.StaticPod])
	add("qos", id.QoS)
	add("scheduler", id.Scheduler)
	add("user", id.User)
	add("job", id.Job)
	add("step", id.Step)
	add("task", id.Task)
	add("session", id.Session)
	add("machine", id.Machine)
	add("unit", id.Unit)
	add("slice", id.Slice)
	add("app", id.App)
	return s
}

// TestMemo: a memo's answers are [Of]'s, also about more paths than it has room for.
func TestMemo(t *testing.T) {
	var m Memo
	paths := []string{"/system.slice/a.service", "", "/", "/user.slice/user-1000.slice", "/system.slice/b.service"}
	for range 3 {
		for _, path := range append(paths, paths[0], paths[4], paths[0]) {
			if got := *m.Of(path); got != Of(path) {
				t.Errorf("%q: %+v", path, got)
			}
		}
		m.Reset()
	}
}

// TestLevelNames checks that no value of Level panics.
func TestLevelNames(t *testing.T) {
	if name := Level(99).String(); name != "Level(99)" {
		t.Errorf("a value that is no level is named %q", name)
	}
}
