// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"regexp"
	"strconv"
)

// splitLines looks for newlines and nothing else.
func splitLines(text []byte) {
	for len(text) > 0 {
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
}

// oneNeedle looks for the words of one line of interest.
func oneNeedle(text []byte) {
	for {
		i := bytes.Index(text, []byte("Killed process"))
		if i < 0 {
			return
		}
		text = text[i+1:]
	}
}

// eachLine calls fn with each line.
func eachLine(text []byte, fn func([]byte)) {
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			end = len(text) - 1
		}
		fn(text[:end])
		text = text[end+1:]
	}
}

// The expressions with which a container monitor of cadvisor's kind reads a kill: the first line,
// the line that names the cgroups in its two forms, the kill line.
var monitorLines = []*regexp.Regexp{
	regexp.MustCompile(`invoked oom-killer:`),
	regexp.MustCompile(`oom-kill:constraint=(.*),nodemask=(.*),cpuset=(.*),mems_allowed=(.*),oom_memcg=(.*),task_memcg=(.*),task=(.*),pid=(.*),uid=(.*)`),
	regexp.MustCompile(`Task in (.*) killed as a result of limit of (.*)`),
	regexp.MustCompile(`Killed process ([0-9]+) \((.+)\)`),
}

// monitorRegexps looks for the first line of a report, and from there to the kill line for the
// others.
func monitorRegexps(text []byte) {
	inside := false
	eachLine(text, func(line []byte) {
		if !inside {
			inside = monitorLines[0].Match(line)
			return
		}
		for _, re := range monitorLines[1:3] {
			sink += len(re.FindSubmatch(line))
		}
		if m := monitorLines[3].FindSubmatch(line); m != nil {
			sink += len(m)
			inside = false
		}
	})
}

// The expressions with which a problem detector of node-problem-detector's kind tries every line.
var detectorLines = []*regexp.Regexp{
	regexp.MustCompile(`Killed process \d+ (.+) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB.*`),
	regexp.MustCompile(`Memory cgroup out of memory: Kill(ed)? process \d+ .*`),
	regexp.MustCompile(`task [\S ]+:\w+ blocked for more than \w+ seconds\.`),
	regexp.MustCompile(`unregister_netdevice: waiting for \w+ to become free\. Usage count = \d+`),
	regexp.MustCompile(`BUG: unable to handle kernel (NULL pointer dereference|paging request) at .*`),
	regexp.MustCompile(`divide error: 0000 \[#\d+\] SMP`),
}

// detectorRegexps tries each expression on each line.
func detectorRegexps(text []byte) {
	eachLine(text, func(line []byte) {
		for _, re := range detectorLines {
			if re.Match(line) {
				sink++
			}
		}
	})
}

// The expressions of a straightforward parser of a report's main lines.
var plainLines = []*regexp.Regexp{
	regexp.MustCompile(`(\S+) invoked oom-killer: gfp_mask=(0x[0-9a-f]+)\((\S+)\), order=(-?\d+), oom_score_adj=(-?\d+)`),
	regexp.MustCompile(`CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (.+?) (?:Not tainted|Tainted: .*?) (\S+) #`),
	regexp.MustCompile(`(memory|swap|kmem|memory\+swap): usage (\d+)kB, limit (\d+)kB, failcnt (\d+)`),
	regexp.MustCompile(`(?:^|[; ])([a-z_]+) (\d+)$`),
	regexp.MustCompile(`\[ *(\d+)\] +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(-?\d+) (.*)$`),
	regexp.MustCompile(`oom-kill:constraint=(\w+),nodemask=([^,]+),cpuset=([^,]+),mems_allowed=([^,]+),(?:oom_memcg=(.*),|global_oom,)task_memcg=(.*),task=(.*),pid=(\d+),uid=(\d+)`),
	regexp.MustCompile(`Killed process (\d+) \((.*)\) total-vm:(\d+)kB, anon-rss:(\d+)kB, file-rss:(\d+)kB, shmem-rss:(\d+)kB, UID:(\d+) pgtables:(\d+)kB oom_score_adj:(-?\d+)`),
}

// plainRegexps reads those lines, numbers and all, and nothing else.
func plainRegexps(text []byte) {
	eachLine(text, func(line []byte) {
		for _, re := range plainLines {
			m := re.FindSubmatch(line)
			if m == nil {
				continue
			}
			for _, field := range m[1:] {
				if n, err := strconv.ParseInt(string(field), 10, 64); err == nil {
					sink += int(n)
				}
			}
			return
		}
	})
}

// sink keeps results alive.
var sink int
