// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var memcgTaskForm = form{
	starts: []string{taskInWords, limitReachedWords, limitOfWords},
	read:   parses(ParseTaskIn),
	pieces: []continuation{{head: taskInWords, joins: joinsTaskIn}, {head: limitOfWords, joins: joinsPath},
		{head: limitReachedWords, joins: joinsPath}},
}

// joinsTaskIn continues "Task in ".
func joinsTaskIn(rest, piece string) bool {
	if rest == "" || strings.HasSuffix(rest, limitOfWords) {
		return startsPath(piece)
	}
	return strings.HasPrefix(piece, limitOfWords)
}

// TaskIn is what "Task in A killed as a result of limit of B" says (2.6.31 to 4.20). 3.16 prints
// the two halves as two lines: the first has Limit "", the second Task "".
// "Memory limit reached of cgroup B" (4.1 to 4.20, no victim) has Task "" too.
// Source: mm/memcontrol.c:mem_cgroup_print_oom_info.
type TaskIn struct {
	// Task is the path of the victim's memory cgroup; valid iff HasTask.
	Task    string
	HasTask bool
	// Limit is the path of the cgroup whose limit was hit; valid iff HasLimit.
	Limit    string
	HasLimit bool
}

// The fixed words of the lines (docs/formats.md section 3.1).
const (
	taskInWords       = "Task in "
	limitOfWords      = " killed as a result of limit of "
	limitReachedWords = "Memory limit reached of cgroup "
)

// maxPathText bounds the text of two paths: each has at most 4096 bytes, which a format may write
// as \xNN.
const maxPathText = 2*4*4096 + len(limitOfWords)

// ParseTaskIn reads the lines of docs/formats.md section 3.1. Where a name contains the line's own
// words, that reading is taken in which the limit's cgroup is the task's or above it, as it always
// is; where several readings are left, or the line is cut, what is not certain is absent.
func ParseTaskIn(s string) (v TaskIn, ok bool) {
	if paths, found := strings.CutPrefix(s, taskInWords); found {
		return parseTaskAndLimit(paths)
	}
	path, found := strings.CutPrefix(s, limitOfWords)
	if !found {
		path, found = strings.CutPrefix(s, limitReachedWords)
	}
	if !found || !isPathText(path) {
		return v, false
	}
	v.Limit, v.HasLimit = pathOf(path)
	return v, true
}

// parseTaskAndLimit reads what follows "Task in ".
func parseTaskAndLimit(paths string) (v TaskIn, ok bool) {
	if !isPathText(paths) {
		return v, false
	}
	first := strings.Index(paths, limitOfWords)
	if first < 0 {
		v.Task, v.HasTask = pathOf(paths)
		if endsInside(paths, limitOfWords) {
			v.Task, v.HasTask = "", false
		}
		return v, true
	}
	readings := 0
	for at := first; at >= 0; at = nextIndex(paths, limitOfWords, at+1) {
		task, limit := paths[:at], paths[at+len(limitOfWords):]
		if !limits(limit, task) {
			continue
		}
		if readings++; readings > 1 {
			return TaskIn{}, true
		}
		v.Task, v.HasTask = pathOf(task)
		v.Limit, v.HasLimit = pathOf(limit)
	}
	if readings > 0 {
		return v, true
	}
	// A limit's path that is cut still begins as the task's does. Else the words are part of the
	// name in 3.16's first half.
	task, limit := paths[:first], paths[first+len(limitOfWords):]
	if !strings.HasPrefix(task, limit) {
		task = paths
	}
	v.Task, v.HasTask = pathOf(task)
	return v, true
}

// limits reports whether a task in the cgroup task can have been killed for the limit of the cgroup
// limit.
func limits(limit, task string) bool {
	if isPathFailure(limit) || isPathFailure(task) {
		return true
	}
	if limit == "/" || limit == task {
		return strings.HasPrefix(task, "/")
	}
	return strings.HasPrefix(limit, "/") && strings.HasPrefix(task, limit) && task[len(limit)] == '/'
}

// endsInside reports whether s ends with the beginning of words, two bytes at least: it is a line
// cut there.
func endsInside(s, words string) bool {
	for n := min(len(words)-1, len(s)); n >= 2; n-- {
		if strings.HasSuffix(s, words[:n]) {
			return true
		}
	}
	return false
}
