/* SPDX-License-Identifier: Apache-2.0 */

#define _GNU_SOURCE
#include "daemon.h"

#include "output.h"
#include "scenario.h"
#include "start.h"
#include "state.h"
#include "util.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL_STREAM "/run/systemd/journal/stdout"
#define JOURNAL_DIR "/run/log/journal"
#define MANAGER "/run/systemd/io.systemd.ManagedOOM"
#define EXPORTED "/run/exported"
#define EXPORT_MAX (8 * MB)
#define FLUSH_MS 1500
#define TENTH_OF_UINT32 429496729u /* a pressure of 10 % as systemd's 32 bits hold it */

static time_t began;

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(a.sun_path, path, sizeof a.sun_path - 1);
	if (!connect(fd, (struct sockaddr *)&a, sizeof a))
		return fd;
	close(fd);
	return -1;
}

/* A stream of lines to the journal: identifier, unit, priority, and four switches, a line each, and then the text. */
static void print_to_journal(const char *identifier)
{
	char head[128];
	int fd = connect_to(JOURNAL_STREAM);
	if (fd < 0)
		return;
	int n = snprintf(head, sizeof head, "%s\n\n6\n1\n0\n0\n0\n", identifier);
	write_all(fd, head, n);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
}

static void become_program(struct process *p)
{
	char path[128];
	const char *const *argv = p->wish.argv;
	snprintf(path, sizeof path, DAEMONS "%s", argv[0]);
	if (p->wish.print_to) {
		int fd = open(p->wish.print_to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDOUT_FILENO);
	} else {
		print_to_journal(argv[0]);
	}
	execv(path, (char *const *)argv);
	p->err = errno;
	_exit(127);
}

static struct process *start_printing_to(const char *const argv[], const char *file)
{
	char path[128];
	snprintf(path, sizeof path, DAEMONS "%s", argv[0]);
	if (access(path, X_OK)) {
		run_note("this distribution has no %s", argv[0]);
		return NULL;
	}
	struct process *p = START(.role = "daemon", .comm = argv[0], .adj = -900, .argv = argv, .print_to = file, .job = become_program);
	process_go(p);
	return p;
}

struct process *daemon_start(const char *const argv[]) { return start_printing_to(argv, NULL); }

struct process *daemon_start_journald(void)
{
	static const char *const argv[] = { "systemd-journald", NULL };
	began = time(NULL);
	mkdir("/run/systemd", 0755);
	struct process *p = daemon_start(argv);
	for (int tries = 0, fd = -1; p && fd < 0 && tries < 200; tries++) {
		process_watch(50);
		fd = connect_to(JOURNAL_STREAM);
		close(fd);
	}
	return p;
}

static void export_as(const char *format, const char *file, char *buf)
{
	char since[32], output[32];
	snprintf(since, sizeof since, "--since=@%ld", (long)began);
	snprintf(output, sizeof output, "--output=%s", format);
	const char *const argv[] = { "journalctl", "--directory=" JOURNAL_DIR, "--no-pager", "--all", since, output, NULL };
	struct process *p = start_printing_to(argv, EXPORTED);
	if (!p)
		return;
	process_wait_dead(p, 60000);
	int n = read_file(EXPORTED, buf, EXPORT_MAX);
	if (n >= 0)
		output_file(run.scenario->name, file, buf, n);
}

void daemon_write_journal(void)
{
	static char *buf;
	if (!buf)
		buf = preallocate(EXPORT_MAX);
	process_watch(FLUSH_MS);
	export_as("json", "journal.json", buf);
	export_as("export", "journal.export", buf);
	unlink(EXPORTED);
}

static void answer_oomd(struct process *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = MANAGER };
	char request[4096], answer[1024];
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	unlink(MANAGER);
	if (bind(server, (struct sockaddr *)&a, sizeof a) || listen(server, 4))
		p->err = errno;
	p->touched_kb = 1; /* oomd may come */
	int fd = accept(server, NULL, NULL);
	if (fd < 0 || read(fd, request, sizeof request) <= 0)
		p->err = errno;
	int n = snprintf(answer, sizeof answer,
		"{\"parameters\":{\"cgroups\":[{\"mode\":\"kill\",\"path\":\"%s\",\"property\":\"ManagedOOMMemoryPressure\",\"limit\":%u}]},\"continues\":true}",
		p->wish.other_cgroup, TENTH_OF_UINT32);
	write_all(fd, answer, n + 1); /* varlink ends a message by NUL */
}

struct process *daemon_start_manager(const char *cgroup)
{
	mkdir("/run/systemd", 0755);
	mkdir("/run/systemd/oom", 0755); /* where oomd listens itself */
	struct process *p = START(.role = "manager", .comm = "manager", .adj = -1000, .other_cgroup = cgroup, .job = answer_oomd);
	process_go(p);
	process_wait_touched(p, 1, 5000);
	return p;
}
