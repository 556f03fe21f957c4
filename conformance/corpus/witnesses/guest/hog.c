// SPDX-License-Identifier: Apache-2.0

// hog MIB takes so much memory, a MiB at a time, and touches all of it until it dies.
//
//   -i       ignore SIGTERM
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

static void grow(long mib, long pause) {
	char **block = calloc(mib + 1, sizeof *block);
	unsigned seed = 1;
	for (long have = 0;; ) {
		if (have < mib) {
			block[have] = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (block[have] == MAP_FAILED)
				exit(3);
			for (long i = 0; i < 1 << 20; i += 4096)
				block[have][i] = (char)(i + have + rand_r(&seed));
			have++;
			usleep(pause);
			continue;
		}
		for (long b = 0; b < have; b++) {
			for (long i = 0; i < 1 << 20; i += 4096)
				block[b][i]++;
			usleep(pause);
		}
	}
}

int main(int argc, char **argv) {
	long pause = 2000;
	int child = 0, o;
	while ((o = getopt(argc, argv, "is:cx:w:")) != -1) {
		switch (o) {
		case 'i': signal(SIGTERM, SIG_IGN); break;
		case 's': pause = atol(optarg); break;
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
			grow(mib, pause);
		int status;
		waitpid(pid, &status, 0);
		printf("child %d: signal %d, status %d\n", pid, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		       WIFEXITED(status) ? WEXITSTATUS(status) : 0);
		fflush(stdout);
		sleep(6);
		return 0;
	}
	grow(mib, pause);
}
