/* SPDX-License-Identifier: Apache-2.0 */

#include "proc.h"

#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_of(const struct process *p, const char *file, char *buf, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", p->pid, file);
	return read_file(path, buf, size);
}

void proc_sample(struct process *p)
{
	char buf[4096];
	if (!p->proc_comm_len) /* started by a job: seen for the first time */
		proc_read(p);
	if (read_of(p, "status", buf, sizeof buf) <= 0)
		return;
	const char *s = strstr(buf, "\nTgid:"); /* the name before it can hold anything */
	if (!s || !strstr(s, "\nVmRSS:"))
		return;
	p->sample = (struct sample){
		.count = p->sample.count + 1,
		.size = number_after(s, "\nVmSize:"),
		.rss = number_after(s, "\nVmRSS:"),
		.anon = number_after(s, "\nRssAnon:"),
		.file = number_after(s, "\nRssFile:"),
		.shmem = number_after(s, "\nRssShmem:"),
		.swap = number_after(s, "\nVmSwap:"),
		.page_tables = number_after(s, "\nVmPTE:"),
		.hugetlb = number_after(s, "\nHugetlbPages:"),
		.threads = number_after(s, "\nThreads:"),
		.at_ns = monotonic_ns(),
	};
	if (read_of(p, "oom_score_adj", buf, sizeof buf) > 0)
		p->proc_adj = atoi(buf);
}

void proc_read(struct process *p)
{
	char buf[4096];
	int n = read_of(p, "comm", buf, sizeof p->proc_comm);
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	memcpy(p->proc_comm, buf, n);
	p->proc_comm_len = n;
	if (read_of(p, "oom_score_adj", buf, sizeof buf) > 0)
		p->proc_adj = atoi(buf);
	if (read_of(p, "oom_score", buf, sizeof buf) > 0)
		p->proc_score = atoi(buf);
	if (read_of(p, "status", buf, sizeof buf) > 0 && strstr(buf, "\nUid:"))
		p->proc_uid = strtoul(strstr(buf, "\nUid:") + 5, NULL, 10);
	read_of(p, "cgroup", p->proc_cgroup, sizeof p->proc_cgroup);
	proc_sample(p);
}

void proc_assume(struct process *p)
{
	p->proc_adj = p->wish.adj;
	p->proc_uid = p->wish.uid;
	p->proc_comm_len = p->comm_len;
	memcpy(p->proc_comm, p->comm, p->comm_len);
}

long proc_vmstat(const char *key)
{
	static char buf[16000];
	buf[0] = '\n';
	read_file("/proc/vmstat", buf + 1, sizeof buf - 1);
	return number_after(buf, key);
}

static unsigned long meminfo_kb(const char *key)
{
	char buf[3000] = "\n";
	read_file("/proc/meminfo", buf + 1, sizeof buf - 1);
	return number_after(buf, key);
}

unsigned long proc_available_kb(void) { return meminfo_kb("\nMemAvailable:"); }
unsigned long proc_free_kb(void) { return meminfo_kb("\nMemFree:"); }
