// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// longestPath is the longest path that surely was printed whole. printk cuts a record at 973 bytes
// or more, by version and configuration, and goes on in the next one as if nothing were missing.
const longestPath = 972

// isPathText reports whether s can be what the kernel prints in the place of a cgroup's path.
func isPathText(s string) bool {
	return s != "" && len(s) <= maxPathText && (s[0] == '/' || s[0] == '(' || s[0] == '<')
}

// pathOf returns a printed path, or false for what the kernel prints when it cannot build one, and
// for one that may be cut.
func pathOf(s string) (path string, ok bool) {
	if !strings.HasPrefix(s, "/") || len(s) > longestPath {
		return "", false
	}
	return s, true
}

// isPathFailure reports whether s is what the kernel prints in the place of a path
// that it cannot build: "<name too long>" to 5.3, then in round brackets, or "(error)".
func isPathFailure(s string) bool {
	return s == "<name too long>" || s == "(name too long)" || s == "(error)"
}

// startsPath reports whether s starts as a cgroup's path, or as what is printed where there is
// none.
func startsPath(s string) bool {
	return s[0] == '/' || strings.HasPrefix(s, "<name too long>") || strings.HasPrefix(s, "(name too long)") || strings.HasPrefix(s, "(error)")
}

// isCgroupPath reports whether s can be a cgroup's path, or what is printed where the kernel fails
// to build one.
func isCgroupPath(s string) bool {
	return s != "" && s[0] == '/' && (s[len(s)-1] != '/' || s == "/") || isPathFailure(s)
}

// isUnder reports whether the cgroup at path is the one at top or below it; where one of them is
// not known it may be.
func isUnder(path, top string) bool {
	if path == top || top == "/" || isPathFailure(path) || isPathFailure(top) {
		return true
	}
	return len(path) > len(top) && path[:len(top)] == top && path[len(top)] == '/'
}
