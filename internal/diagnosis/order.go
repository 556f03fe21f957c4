// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// The causes that lie in an order to the kernel, or in what it was forbidden.
var (
	sysrq = cause{
		name: "sysrq", meaning: "a person or a program asked for the kill with sysrq-f; memory need not have run out",
		summary: func(c *analysis, w *words, _ *Finding) {
			w.text("Somebody asked for a kill with sysrq-f; memory need not have run out")
			if c.has(NoKillableProcess) {
				w.text(", and there was no process that the kernel may end")
			}
		},
		advice: func(_ *analysis, w *words, _ place) {
			w.text("Nothing to tune: find out who wrote f to /proc/sysrq-trigger or pressed the keys; kernel.sysrq says who may.")
		},
		alone: true,
	}
	panicOnOOM = cause{
		name: "panic_on_oom", meaning: "vm.panic_on_oom made the kernel panic instead of killing a process",
		summary: func(c *analysis, w *words, _ *Finding) {
			c.ranOut(w)
			w.text(", and vm.panic_on_oom made the kernel panic rather than end a process")
			c.holder(w, ": ")
		},
		advice: func(c *analysis, w *words, _ place) {
			w.text("Set vm.panic_on_oom=0 if losing one process is better than losing the host, then deal with what filled memory. ")
			c.adviseHolder(w)
		},
	}
	noKillableProcess = cause{
		name: "no_killable_process", meaning: "every process that could be killed is exempt from it (oom_score_adj -1000)",
		summary: func(c *analysis, w *words, _ *Finding) {
			c.ranOut(w)
			w.text(", and every process in reach is exempt from the killer (oom_score_adj -1000)")
			c.holder(w, ": ")
		},
		advice: func(c *analysis, w *words, _ place) {
			w.text("Remove oom_score_adj -1000 (OOMScoreAdjust=) from at least one process that may be restarted: if nothing can be killed, the kernel stalls or panics. ")
			c.adviseHolder(w)
		},
	}
)

// findOrder finds that somebody asked for the kill, that the kernel was to panic, or that it may
// kill nobody.
func (c *analysis) findOrder() {
	switch {
	case c.r.Manual || c.r.Invocation.Order == report.Some(-1):
		c.add(Sysrq, Certain)
		if c.r.NoVictimReported {
			c.add(NoKillableProcess, Certain)
		}
	case c.r.Ending == report.EndPanic && strings.Contains(c.r.Panic, "panic_on_oom"):
		c.add(PanicOnOOM, Certain)
	case c.r.Ending == report.EndPanic, c.k == nil && c.r.NoVictimReported:
		c.noKillable()
	}
}

// noKillable records that all processes that could be killed are exempt.
func (c *analysis) noKillable() {
	f := c.add(NoKillableProcess, Certain)
	if c.tasks.protected > 0 {
		f.bytes("protected", c.tasks.protected)
	}
}

// adviseHolder speaks of what filled memory, where the cause is that the kernel could or would not
// kill.
func (c *analysis) adviseHolder(w *words) {
	if c.has(SharedMemory) {
		w.text("What filled memory is tmpfs or shared memory, which no kill frees: find it with df -h -t tmpfs and ipcs -m. ")
	}
}
