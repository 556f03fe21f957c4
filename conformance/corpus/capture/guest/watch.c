/* SPDX-License-Identifier: Apache-2.0 */

#include "watch.h"

#include "kmsg.h"
#include "proc.h"
#include "state.h"
#include "truth.h"
#include "util.h"

#define TICK_MS 8
#define HOST_TICK_MS 2
#define TRUTH_BEFORE_PANIC_NS 150000000ULL

/* The last state that is known must be outside when the guest panics. */
static void tell_truth_before_panic(void)
{
	static uint64_t last;
	if (run.panics && monotonic_ns() - last > TRUTH_BEFORE_PANIC_NS) {
		truth_write(false);
		last = monotonic_ns();
	}
}

void process_tick(void)
{
	process_reap();
	for (int i = 0; i < process_count(); i++) {
		struct process *p = process_at(i);
		if (p->used && p->ready && !p->exited && !p->wish.unsampled)
			proc_sample(p);
	}
	process_reap();
	if (run.on_host)
		kmsg_drain(); /* others write there too: not to be overrun */
	tell_truth_before_panic();
	sleep_ms(run.on_host ? HOST_TICK_MS : TICK_MS);
}

void process_watch(long ms)
{
	uint64_t end = monotonic_ns() + ms * 1000000ULL;
	do
		process_tick();
	while (monotonic_ns() < end);
}

bool process_wait_dead(struct process *p, long ms)
{
	uint64_t end = monotonic_ns() + ms * 1000000ULL;
	while (!p->exited && monotonic_ns() < end)
		process_tick();
	if (!p->exited)
		run_note("%s (pid %d) still lives after %ld ms", p->role, p->pid, ms);
	return p->exited;
}

void process_wait_touched(struct process *p, unsigned long kb, long ms)
{
	uint64_t end = monotonic_ns() + ms * 1000000ULL;
	while (p->touched_kb < kb && !p->exited && monotonic_ns() < end)
		process_tick();
}

static int living(void)
{
	int n = 0;
	process_reap();
	for (int i = 0; i < process_count(); i++)
		n += process_at(i)->used && !process_at(i)->exited;
	return n;
}

void process_kill_left(void)
{
	process_reap();
	for (int i = 0; i < process_count(); i++)
		if (process_at(i)->used)
			process_kill(process_at(i));
	int left;
	for (int tries = 0; (left = living()) > 0 && tries < 4000; tries++)
		sleep_ms(5);
	if (left > 0)
		run_note("%d processes are not gone", left);
}
