// SPDX-License-Identifier: Apache-2.0

package kernel

// hostileComms are names that processes gave themselves in captured logs, and some more in their
// spirit.
var hostileComms = []string{
	"", " ", "  lead", "trail  ", "\n", "nl\n", "new\nline", "a b c", "(paren)", "x) total-vm:1kB", "x,pid=1,uid=0",
	`q"uote'd`, `back\slash`, "\x1b[31mred\x1b[0m", "ünïcödé", "]bracket[", "Killed process ", "init) anon-rss:",
	"Out of memory: ", "oom-kill:constr", "123", "[  1234]", "\xff\xfe bad", "tab\there", "%s%n%d", "\x016soh", "\x01cont",
	"a\x7fb", "😀😀😀", "trunc-utf8-14\xe2\x82", "<0>x", "x: y", "task=f,pid=1", "a=b,c=d", "1 (init)", "x\n[9.1] Out of",
	`\x0a\x5c`, `')";{}|&`, ")", "))))", "), now anon-rss", ",task=x", "x,task=y", ") score 1 or a", " cpuset=/", "CPU: 1 PID: 2",
	"Not tainted 1 #", " Tainted: G ", "Kdump: loaded", "(sd-pam)", "Task in / kille", "Mem-Info:", " has mm pinned", ", UID 0, total",
}

// hostileCgroups are names of cgroups from the same captures: anything but a slash and a newline.
var hostileCgroups = []string{
	"a b", "x,task=fake,pid=1", "x,task=fake,pid=1,uid=0", ",oom_memcg=", "a=b", "ünï-😀", "esc\x1b[31m", `q"uote'`,
	",task_memcg=", "x,task_memcg=", ",global_oom", "x,mems_allowed=0", "x,mems_allowed=0,oom_memcg=y", "(null)", ",cpuset=",
	" killed as a result of limit of ", ": cache:1KB", " are going to be killed due to memory.oom.group set", ",task=a", ",pid=7,uid=8",
}
