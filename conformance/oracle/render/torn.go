// SPDX-License-Identifier: Apache-2.0

package render

import "strings"

// Torn breaks the lines that the kernel prints by pr_cont where it prints them piece by piece, as
// it does while another CPU logs, and puts a line of another program between the pieces. whole
// tells for each record whether it is one that the kernel began itself; pieces carry printk's
// default level.
func Torn(records []Record) (torn []Record, whole []bool) {
	for _, r := range records {
		for i, piece := range pieces(r.Text) {
			if i > 0 {
				torn = append(torn, Record{Level: info, Text: "audit: backlog limit exceeded"}, Record{Level: noLevel, Text: piece})
				whole = append(whole, true, false)
				continue
			}
			torn = append(torn, Record{Level: r.Level, Text: piece})
			whole = append(whole, true)
		}
	}
	return torn, whole
}

// pieces cuts a line where the kernel's pr_cont calls meet.
func pieces(line string) []string {
	switch {
	case strings.HasPrefix(line, "oom-kill:constraint="):
		return cutBefore(line, ",cpuset=", ",mems_allowed=", ",oom_memcg=", ",global_oom", ",task_memcg=", ",task=")
	case strings.HasPrefix(line, "Memory cgroup stats for /") && strings.HasSuffix(line, ":"):
		return []string{line[:len(line)-1], ":"}
	case strings.HasPrefix(line, "Memory cgroup stats for /"):
		return cutBefore(line, "/", ":", " rss:", " inactive_anon:", " unevictable:")
	case strings.HasPrefix(line, "Task in /"):
		return cutBefore(line, "/", " killed as", "/")
	case strings.HasPrefix(line, "lowmem_reserve[]: "):
		return cutBefore(line, " 1802 1802 1802")
	case strings.HasPrefix(line, "Tasks in ") && strings.HasSuffix(line, groupWords):
		return append([]string{"Tasks in "}, cutBefore(line[len("Tasks in "):], groupWords)...)
	case strings.HasPrefix(line, "Node 0 DMA free:"):
		return cutBefore(line, "DMA free:")
	case strings.HasPrefix(line, "Node 0 DMA: "):
		return cutBefore(line, "0*16kB", "1*64kB", "= ")
	}
	return []string{line}
}

const groupWords = " are going to be killed due to memory.oom.group set"

// cutBefore cuts a line before each of the marks, in their order; a mark that it lacks cuts
// nothing.
func cutBefore(line string, marks ...string) (pieces []string) {
	for _, mark := range marks {
		if i := strings.Index(line, mark); i > 0 {
			pieces, line = append(pieces, line[:i]), line[i:]
		}
	}
	return append(pieces, line)
}
