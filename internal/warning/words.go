// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/report"
	"github.com/oomtrail/oomtrail/watch"
)

// maxName bounds what is written of a process's name, in bytes.
const maxName = 64

// words say a finding to people: that memory may run out, never that it will.
type words struct {
	f          *Finding
	g          watch.Cgroup
	m          watch.Memory
	near       float64 // the setting near_limit
	candidates []build.Candidate
}

// body is the one sentence of the record.
func (w *words) body() build.Sentence {
	before, facts := "", []string(nil)
	switch w.f.Cause {
	case CgroupNearLimit:
		before, facts = "Near its memory limit: ", []string{w.used(), w.growth(), w.left()}
		if w.f.Threshold < w.near {
			before = "Growing towards its memory limit: "
		}
	case CgroupPressure:
		return build.Sentence{Before: "Waiting for memory: all tasks of ", Behind: led(", ", w.share("of the last 10 s"), w.holds(w.g.Max))}
	case CgroupThrottled:
		before, facts = "Slowed down at memory.high: ", []string{w.holds(w.g.High), w.waited()}
	case HostPressure:
		return build.Sentence{Before: "Waiting for memory: all tasks on ", Behind: led(", ", w.share("of the last 10 s"), w.available())}
	case CommitLimit:
		before, facts = "Near the commit limit: ", []string{led("promised ", w.promised()), w.growth(), w.left()}
	default:
		before, facts = "Low on memory: ", []string{w.available(), w.swap(), w.growth(), w.left()}
	}
	return build.Sentence{Before: before, Behind: led(": ", facts...)}
}

// summary says why it warns, and what would follow.
func (w *words) summary() build.Sentence {
	switch w.f.Cause {
	case CgroupNearLimit:
		return build.Sentence{
			Before: "Without caches that can be dropped, ",
			Behind: led(" uses ", w.used(), strconv.FormatInt(int64(100*min(1, w.f.Share)), 10)+" % of its limit", w.growth(), w.left()) + "." + w.next("At the limit"),
		}
	case CgroupPressure:
		return build.Sentence{
			Before: "All tasks at once waited for memory in ",
			Behind: led(": ", w.share("of the last 10 s"), w.holdsWord()) + "." + w.next("If it runs out,"),
		}
	case CgroupThrottled:
		return build.Sentence{
			Before: "The kernel slows down what asks for memory in ",
			Behind: led(", which holds ", w.holds(w.g.High)) + "." + led(" All tasks at once waited for memory in ", w.share("of the last 10 s.")),
		}
	case HostPressure:
		return build.Sentence{
			Before: "All tasks at once waited for memory on ",
			Behind: led(": ", w.share("of the last 10 s"), w.available(), w.swap()) + "." + w.next("If it runs out,"),
		}
	case CommitLimit:
		return build.Sentence{
			Before: "With vm.overcommit_memory=2, ",
			Behind: led(" has promised programs ", w.promised()) + ". Beyond it allocations fail, and programs may crash without a kill.",
		}
	}
	return build.Sentence{
		Before: "Little memory is left on ",
		Behind: led(": ", w.available(), w.swap(), w.growth(), w.left()) + "." + w.next("If it runs out,"),
	}
}

// advice says what to do while there is time.
func (w *words) advice(dst []byte, id *identity.Identity, names *report.Names) []byte {
	switch w.f.Cause {
	case CgroupNearLimit, CgroupPressure:
		if !w.g.Max.OK {
			return append(dst, "It has no limit of its own, so what is short is a cgroup above it, or the host: oomtrail status shows which. Find what grows: oomtrail status --watch."...)
		}
		dst = append(dst, "Look now at what grows, while it still runs: oomtrail status --watch, and a heap profile of the largest. If the load really needs this much (test it), "...)
		return append(diagnosis.AppendRaise(dst, id, names), '.')
	case CgroupThrottled:
		return append(dst, "memory.high slows down and never kills: what is stuck there stays slow. If the load really needs this much (test it), raise memory.high (MemoryHigh= of a systemd unit; of a pod the kubelet sets it). Else find what grows: oomtrail status --watch."...)
	case CommitLimit:
		return append(dst, "Stop what reserves much, add swap, or raise vm.overcommit_ratio or vm.overcommit_kbytes: all three raise or free the limit. VIRT of top shows who reserves."...)
	}
	dst = append(dst, "Stop or move something before the kernel has to choose: oomtrail status shows what holds the memory, and who would be killed first. Then cap what may grow (MemoryMax=, --memory, resources.limits.memory), or add RAM"...)
	if w.m.SwapTotal.OK && w.m.SwapTotal.V == 0 {
		dst = append(dst, " or swap, which gives time to react: there is none"...)
	}
	return append(dst, '.')
}

// led joins what is known of some facts, with a word before them; nothing where nothing is known.
func led(before string, facts ...string) string {
	known := ""
	for _, fact := range facts {
		if fact != "" && known != "" {
			known += ", "
		}
		known += fact
	}
	if known == "" {
		return ""
	}
	return before + known
}

// held is what of a cgroup's usage cannot be dropped, all of it where that is not known.
func (w *words) held() watch.Int {
	if held := w.g.Held(); held.OK {
		return held
	}
	return w.g.Current
}

func (w *words) holds(limit watch.Int) string { return sizeOf(w.held(), limit) }

func (w *words) holdsWord() string { return led("it holds ", w.holds(w.g.Max)) }

// used is what is used up of a cgroup's limit, and of the swap that it may use.
func (w *words) used() string {
	used := string(plain.AppendSizeOf(nil, max(0, w.f.Used), max(0, w.f.Limit)))
	if w.g.Max.OK && w.f.Limit > w.g.Max.V {
		used += " with swap"
	}
	return used
}

// growth is how much more is used each second, "" where it does not grow.
func (w *words) growth() string {
	if !w.f.Grows || !(w.f.Growth >= 1 && w.f.Growth < math.MaxInt64/2) {
		return ""
	}
	return "+" + size(int64(w.f.Growth)) + "/s"
}

// left is how long it possibly lasts.
func (w *words) left() string {
	left, ok := w.f.left()
	switch {
	case !ok:
		return ""
	case left < time.Second:
		return "possibly less than 1 s left"
	case left < 2*time.Minute:
		return "possibly " + strconv.FormatInt(int64(left.Seconds()), 10) + " s left"
	}
	return "possibly " + strconv.FormatInt(int64(min(left, 1000*time.Hour).Minutes()), 10) + " min left"
}

// share is the part of a time in which all tasks waited.
func (w *words) share(of string) string {
	share, ok := pressureOf(w.f)
	if !ok {
		return ""
	}
	return strconv.FormatInt(int64(math.Round(100*share)), 10) + " % " + of
}

func (w *words) waited() string { return led("all tasks waited ", w.share("of the last 10 s")) }

func (w *words) available() string {
	if !w.m.Available.OK {
		return ""
	}
	return sizeOf(w.m.Available, w.m.Total) + " available"
}

// swap is what is left of it.
func (w *words) swap() string {
	switch {
	case !w.m.SwapTotal.OK || !w.m.SwapFree.OK:
		return ""
	case w.m.SwapTotal.V == 0:
		return "no swap"
	}
	text := sizeOf(w.m.SwapFree, w.m.SwapTotal) + " swap free"
	if h := w.f.Host; h != nil && h.swappable() < w.m.SwapFree.V {
		text += " (no more than " + size(h.swappable()) + " can be used)"
	}
	return text
}

func (w *words) promised() string { return sizeOf(w.m.CommittedAS, w.m.CommitLimit) }

// next says whom the kernel would kill first.
func (w *words) next(when string) string {
	switch {
	case w.g.KillOff:
		return " " + when + " its processes wait until somebody acts: oom_kill_disable is set."
	case len(w.candidates) == 0:
		return ""
	}
	first := &w.candidates[0]
	name := append(plain.AppendShort(nil, first.Name, maxName), ' ')
	return " " + when + " the kernel would kill " + strings.TrimLeft(string(name), " ") + "(" + strconv.FormatInt(first.PID, 10) + ") first."
}

func size(n int64) string { return string(plain.AppendSize(nil, max(0, n))) }

// sizeOf writes a size, and of how much it is; nothing where it is not known.
func sizeOf(part, of watch.Int) string {
	switch {
	case !part.OK:
		return ""
	case !of.OK || of.V <= 0:
		return size(part.V)
	}
	return string(plain.AppendSizeOf(nil, max(0, part.V), of.V))
}
