/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "truth.h"

#include "cgroup.h"
#include "json.h"
#include "kmsg.h"
#include "output.h"
#include "proc.h"
#include "process.h"
#include "scenario.h"
#include "settings.h"
#include "state.h"
#include "util.h"

#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define BUFFER (4 * MB)
#define CLOCKS_READ_NS 100000000 /* two clocks are not read at the same time */

static struct json j;
static struct {
	uint64_t monotonic_ns, boottime_ns;
	long oom_kill;
	char meminfo[3000];
} before;

void truth_allocate(void)
{
	j.data = preallocate(BUFFER);
	j.cap = BUFFER;
}

void truth_begin(void)
{
	before.monotonic_ns = monotonic_ns();
	before.boottime_ns = boottime_ns();
	before.oom_kill = proc_vmstat("\noom_kill ");
	read_file("/proc/meminfo", before.meminfo, sizeof before.meminfo);
}

static const char *word(bool b) { return b ? "true" : "false"; }

static void field(const char *name, const char *value)
{
	json_raw(&j, "\"%s\":", name);
	json_string(&j, value);
	json_raw(&j, ",\n");
}

static void hex_field(const char *name, const char *data, size_t n)
{
	json_raw(&j, "\"%s\":", name);
	json_hex(&j, data, n);
	json_raw(&j, ",");
}

static void machine(void)
{
	struct utsname u;
	uname(&u);
	field("kernel_release", u.release);
	field("kernel_version", u.version);
	field("machine", u.machine);
	field("boot_cmdline", run.cmdline);
	json_raw(&j, "\"cgroup_version_of_memory_controller\":%d,\n", cgroup_version);
}

static void times(void)
{
	uint64_t monotonic = monotonic_ns(), boottime = boottime_ns();
	json_raw(&j, "\"t_start_monotonic_ns\":%lu,\"t_end_monotonic_ns\":%lu,\n", before.monotonic_ns, monotonic);
	int64_t suspended = (boottime - monotonic) - (before.boottime_ns - before.monotonic_ns);
	json_raw(&j, "\"suspended_ns\":%ld,\n", suspended > CLOCKS_READ_NS ? suspended : 0);
	json_raw(&j, "\"vmstat_oom_kill\":{\"before\":%ld,\"after\":%ld},\n", before.oom_kill, proc_vmstat("\noom_kill "));
}

static void sample(const struct sample *s)
{
	json_raw(&j, "\"last_sample\":{\"n\":%ld,\"monotonic_ns\":%lu,\"VmSize_kB\":%ld,\"VmRSS_kB\":%ld,\"RssAnon_kB\":%ld,\"RssFile_kB\":%ld,",
		s->count, s->at_ns, s->size, s->rss, s->anon, s->file);
	json_raw(&j, "\"RssShmem_kB\":%ld,\"VmSwap_kB\":%ld,\"VmPTE_kB\":%ld,\"HugetlbPages_kB\":%ld,\"Threads\":%ld},", s->shmem, s->swap,
		s->page_tables, s->hugetlb, s->threads);
}

static void threads(const struct process *p)
{
	json_raw(&j, "\"threads\":[");
	for (int i = 0; i < p->thread_count; i++) {
		json_raw(&j, "%s{\"tid\":%d,\"comm\":", i ? "," : "", p->threads[i].tid);
		json_string(&j, p->threads[i].comm);
		json_raw(&j, ",\"allocates\":%s}", word(p->threads[i].allocates));
	}
	json_raw(&j, "],");
}

static void process(const struct process *p)
{
	const char *cgroup = cgroup_kernel_path(p->cgroup);
	field("role", p->role);
	json_raw(&j, "\"pid\":%d,\"parent_pid\":%d,", p->pid, p->parent);
	if (p->inner_pid)
		json_raw(&j, "\"ns_pid\":%d,", p->inner_pid);
	hex_field("comm_hex", p->comm, p->comm_len);
	hex_field("proc_comm_hex", p->proc_comm, p->proc_comm_len);
	json_raw(&j, "\"uid\":%u,\"proc_uid\":%u,\"oom_score_adj\":%d,\"proc_oom_score_adj\":%d,\"proc_oom_score_at_start\":%d,", p->wish.uid,
		p->proc_uid, p->wish.adj, p->proc_adj, p->proc_score);
	hex_field("cgroup_hex", cgroup, strlen(cgroup));
	hex_field("proc_cgroup_hex", p->proc_cgroup, strlen(p->proc_cgroup));
	json_raw(&j, "\"touched_kb\":%lu,\"err\":%d,\"started_work\":%s,", p->touched_kb, p->err, word(p->go));
	sample(&p->sample);
	if (p->thread_count)
		threads(p);
	bool signaled = p->exited && WIFSIGNALED(p->status), returned = p->exited && WIFEXITED(p->status);
	json_raw(&j, "\"exited\":%s,\"wait_status\":%d,\"term_signal\":%d,\"exit_code\":%d,\"exit_monotonic_ns\":%lu,", word(p->exited), p->status,
		signaled ? WTERMSIG(p->status) : 0, returned ? WEXITSTATUS(p->status) : -1, p->exit_ns);
	json_raw(&j, "\"killed_by_harness\":%s,\"oom_victim\":%s", word(p->killed_by_harness), word(process_is_victim(p)));
}

static void processes(void)
{
	const char *comma = "";
	json_raw(&j, "\"processes\":[");
	for (int i = 0; i < process_count(); i++) {
		if (!process_at(i)->used)
			continue;
		json_raw(&j, "%s\n{", comma);
		process(process_at(i));
		json_raw(&j, "}");
		comma = ",";
	}
	json_raw(&j, "],\n");
}

void truth_write(bool complete)
{
	char meminfo[3000];
	j.len = 0;
	json_raw(&j, "{\"schema\":1,\n");
	field("scenario", run.scenario->name);
	field("description", run.scenario->about);
	field("expected", run.scenario->expect ? run.scenario->expect : "");
	field("expected_constraint", run.scenario->constraint ? run.scenario->constraint : "");
	json_raw(&j, "\"complete\":%s,\"panic_expected\":%s,\n", word(complete), word(run.panics));
	machine();
	times();
	json_raw(&j, "\"kmsg_overruns\":%d,\n\"limits_and_sysctls_set\":", kmsg_drain()->overruns);
	settings_json(&j);
	json_raw(&j, ",\n\"cgroups\":");
	cgroup_json(&j);
	json_raw(&j, ",\n");
	processes();
	read_file("/proc/meminfo", meminfo, sizeof meminfo);
	field("notes", run.notes);
	field("meminfo_before", before.meminfo);
	json_raw(&j, "\"meminfo_after\":");
	json_string(&j, meminfo);
	json_raw(&j, "}\n");
	output_file(run.scenario->name, "truth.json", j.data, j.len);
}
