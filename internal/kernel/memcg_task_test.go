// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

func TestParseTaskIn(t *testing.T) {
	both := func(task, limit string) TaskIn {
		return TaskIn{Task: task, HasTask: true, Limit: limit, HasLimit: true}
	}
	for _, c := range []struct {
		name, line string
		want       TaskIn
	}{
		{"3.10", "Task in /docker/4304 killed as a result of limit of /docker/4304", both("/docker/4304", "/docker/4304")},
		{"4.14 parent", "Task in /a/b/c killed as a result of limit of /a", both("/a/b/c", "/a")},
		{"4.20 root", "Task in /a killed as a result of limit of /", both("/a", "/")},
		{"both root", "Task in / killed as a result of limit of /", both("/", "/")},
		{"3.16 first half", "Task in /a/b", TaskIn{Task: "/a/b", HasTask: true}},
		{"3.16 second half", " killed as a result of limit of /a", TaskIn{Limit: "/a", HasLimit: true}},
		{"4.4 no victim", "Memory limit reached of cgroup /a b", TaskIn{Limit: "/a b", HasLimit: true}},
		{"4.4 too long", "Task in <name too long> killed as a result of limit of /a", TaskIn{Limit: "/a", HasLimit: true}},
		{"limit too long", "Task in /a killed as a result of limit of (name too long)", TaskIn{Task: "/a", HasTask: true}},
		{"error", "Task in (error) killed as a result of limit of (error)", TaskIn{}},
		{"error alone", "Memory limit reached of cgroup (error)", TaskIn{}},
		{"blanks and colons", "Task in /a: x/b, c killed as a result of limit of /a: x", both("/a: x/b, c", "/a: x")},
		{"words in the task's name", "Task in /ct/a killed as a result of limit of /ct/z killed as a result of limit of /ct",
			both("/ct/a killed as a result of limit of /ct/z", "/ct")},
		{"words in both names",
			"Task in /x killed as a result of limit of /y killed as a result of limit of /x killed as a result of limit of /y",
			both("/x killed as a result of limit of /y", "/x killed as a result of limit of /y")},
		{"two readings", "Task in /e killed as a result of limit of /c killed as a result of limit of /e killed as a result of limit of /c",
			both("/e killed as a result of limit of /c", "/e killed as a result of limit of /c")},
		{"neighbour's name", "Task in /ab killed as a result of limit of /a", TaskIn{Task: "/ab", HasTask: true}},
		{"cut in the limit", "Task in /docker/4304 killed as a result of limit of /docker/43", TaskIn{Task: "/docker/4304", HasTask: true}},
		{"words in the name of 3.16's first half", "Task in /x/y killed as a result of limit of z", TaskIn{Task: "/x/y killed as a result of limit of z", HasTask: true}},
		{"cut in the words", "Task in /docker/4304 killed as a res", TaskIn{}},
		{"cut after the words", "Task in /docker/4304 killed as a result of limit of ", TaskIn{Task: "/docker/4304", HasTask: true}},
	} {
		got, ok := ParseTaskIn(c.line)
		if !ok || got != c.want {
			t.Errorf("%s: ParseTaskIn(%q) = %+v, %v, want %+v", c.name, c.line, got, ok, c.want)
		}
	}
	for _, line := range []string{"", "Task in ", "Task in progress", "Tasks in /a are going to be killed due to memory.oom.group set",
		"killed as a result of limit of /a", " killed as a result of limit of ", "Memory limit reached of cgroup ", "Memory limit reached"} {
		if got, ok := ParseTaskIn(line); ok {
			t.Errorf("ParseTaskIn(%q) = %+v, want no", line, got)
		}
	}
}

// Of two readings that both can be true none is taken.
func TestParseTaskInAmbiguous(t *testing.T) {
	const words = " killed as a result of limit of "
	line := "Task in /c/e" + words + "/c" + words + "/c/e" + words + "/c"
	if got, ok := ParseTaskIn(line); !ok || got != (TaskIn{}) {
		t.Errorf("ParseTaskIn(%q) = %+v, %v, want neither path", line, got, ok)
	}
}

// A line longer than any path is refused rather than searched for all its readings.
func TestParseTaskInTooLong(t *testing.T) {
	line := "Task in /" + strings.Repeat(" killed as a result of limit of /", 40000)
	if got, ok := ParseTaskIn(line); ok {
		t.Errorf("got %d bytes of task", len(got.Task))
	}
}
