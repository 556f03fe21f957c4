// SPDX-License-Identifier: Apache-2.0

// hog MIB takes so much memory, a MiB at a time, and touches all of it until it dies.
//
//   -i       ignore SIGTERM
//   -a       ignore SIGABRT
//   -r SEC   do not die of SIGTERM, but give all memory back so many seconds after it
//   -s US    sleep between two MiB, in microseconds
//   -c       a child does it; the parent waits, prints how the child died, and sleeps
//   -x CODE  take nothing, exit with this status
//   -w SEC   do nothing for so long, then exit with 0
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned release_after;
static volatile sig_atomic_t release;

static void terminated(int sig) {
	(void)sig;
	alarm(release_after);
}

static void alarmed(int sig) {
	(void)sig;
	release = 1;
}

static void grow(long mib, long interval) {
	char **block = calloc(mib + 1, sizeof *block);
	unsigned seed = 1;
	for (long have = 0;; ) {
		if (release) {
			while (have > 0)
				munmap(block[--have], 1 << 20);
			for (;;)
				pause();
		}
		if (have < mib) {
			block[have] = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (block[have] == MAP_FAILED)
				exit(3);
			for (long i = 0; i < 1 << 20; i += 4096)
				block[have][i] = (char)(i + have + rand_r(&seed));
			have++;
			usleep(interval);
			continue;
		}
		for (long b = 0; b < have; b++) {
			for (long i = 0; i < 1 << 20; i += 4096)
				block[b][i]++;
			usleep(interval);
		}
	}
}

int main(int argc, char **argv) {
	long interval = 2000;
	int child = 0, o;
	while ((o = getopt(argc, argv, "iar:s:cx:w:")) != -1) {
		switch (o) {
		case 'i': signal(SIGTERM, SIG_IGN); break;
		case 'a': signal(SIGABRT, SIG_IGN); break;
		case 'r':
			release_after = atoi(optarg);
			signal(SIGTERM, terminated);
			signal(SIGALRM, alarmed);
			break;
		case 's': interval = atol(optarg); break;
		case 'c': child = 1; break;
		case 'x': return atoi(optarg);
		case 'w': sleep(atoi(optarg)); return 0;
		default: return 2;
		}
	}
	long mib = optind < argc ? atol(argv[optind]) : 0;
	if (child) {
		pid_t pid = fork();
		if (pid == 0)
			grow(mib, interval);
		int status;
		waitpid(pid, &status, 0);
		printf("child %d: signal %d, status %d\n", pid, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		       WIFEXITED(status) ? WEXITSTATUS(status) : 0);
		fflush(stdout);
		sleep(6);
		return 0;
	}
	grow(mib, interval);
}
