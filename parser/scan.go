package parser

import "bytes"

// needles are words of which every line that can open a report, or make a record, holds one.
var needles = [][]byte{
	[]byte("oom"),            // invoked oom-killer, oom-kill:, oom_kill_process: … suppressed, oom_reaper
	[]byte("Killed process"), // a kill line
	[]byte("killed as"),      // Task in … killed as a result of limit of …
	[]byte("emory cgroup"),   // Memory cgroup stats, Memory cgroup out of memory
	[]byte("f memory"),       // Out of memory …
	[]byte("f Memory"),       // Out of Memory … (2.6)
	[]byte("failcnt"),        // memory: usage …
	[]byte("total_vm"),       // the head of a task table
	[]byte("Tasks state"),    // the banner above it
	[]byte("OOM"),            // Manual OOM execution, OOM request ignored, OOM victim
	[]byte("Memory limit"),   // Memory limit reached of cgroup …
	[]byte("available memo"), // No available memory (MPOL_BIND)
	[]byte("ill process"),    // kill process … or a child
	[]byte("on memory"),      // System is deadlocked on memory
	[]byte("Task in "),       // the first half of a line that 3.16 broke in two
}

// MayMatter reports whether a line, or any run of bytes that may hold lines, could begin a report or hold a
// kill. It allocates nothing. With no report open, what it denies need not be fed.
func MayMatter(b []byte) bool {
	for _, n := range needles {
		if bytes.Contains(b, n) {
			return true
		}
	}
	return false
}
