// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"os"
	"strings"
	"testing"
)

// TestTasksTop: the zero value lists ten tasks, NoTasks lists none whatever the number, a negative
// number is an error.
func TestTasksTop(t *testing.T) {
	log, err := os.ReadFile("../testdata/captures/6.12/b_global_tmpfs_write/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		o    Options
		want int
	}{{Options{}, DefaultTasksTop}, {Options{TasksTop: 3}, 3}, {Options{NoTasks: true}, 0}, {Options{NoTasks: true, TasksTop: 3}, 0}} {
		first := readText(t, tc.o, string(log))[0] // its table has ten rows
		if got := strings.Count(first.Text("oom.tasks.top"), `"pid":`); got != tc.want {
			t.Errorf("TasksTop %d, NoTasks %v: %d tasks", tc.o.TasksTop, tc.o.NoTasks, got)
		}
	}
	if _, err := New(Options{TasksTop: -1}); err == nil || !strings.Contains(err.Error(), "NoTasks") {
		t.Errorf("-1: %v", err)
	}
}

// TestSettingNames: Parse is the inverse of String for each setting, and its error has the value
// and the names.
func TestSettingNames(t *testing.T) {
	checkNames(t, TrustNames(), ParseTrust)
	checkNames(t, TrustedSourceNames(), ParseTrustedSource)
	checkNames(t, MemoryStatNames(), ParseMemoryStat)
}

func checkNames[T interface {
	~uint8
	String() string
}](t *testing.T, names []string, parse func(string) (T, error)) {
	t.Helper()
	for i, name := range names {
		v, err := parse(name)
		if err != nil || v != T(i) || v.String() != name {
			t.Errorf("%q is %d, %v, printed as %q", name, v, err, v)
		}
	}
	if v, err := parse(""); v != 0 || err != nil {
		t.Errorf("the empty setting is %v, %v", v, err)
	}
	if _, err := parse("nosuch"); err == nil || !strings.Contains(err.Error(), `"nosuch"`) || !strings.Contains(err.Error(), names[len(names)-1]) {
		t.Errorf("%v", err)
	}
	if s := T(200).String(); s == "" {
		t.Errorf("no text for 200")
	}
}
