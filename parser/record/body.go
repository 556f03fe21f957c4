package record

import (
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/internal/plain"
)

// appendBody writes the sentence that a person reads. It must not look like the kernel's words, neither to a grammar
// nor to a search, or alerts that exist today would count a kill twice.
func (b *Builder) appendBody() {
	switch b.e.Kind {
	case assembly.EventKill:
		b.appendKillBody()
	case assembly.EventReapFailed:
		b.text = append(b.text, "OOM victim "...)
		b.appendProcess(b.e.Reaper.Comm, b.e.Reaper.PID)
		b.text = append(b.text, " could not be reaped: its memory may stay in use"...)
	case assembly.EventPanic:
		b.text = append(b.text, "OOM panic: "...)
		b.text = append(b.text, panicWords(b.r.Panic)...)
		b.appendWhatRanOut(", ")
	default:
		b.text = append(b.text, "OOM without a victim: "...)
		switch {
		case b.r.HasSkipped:
			b.appendProcess(b.r.Skipped.Comm, b.r.Skipped.PID)
			b.text = append(b.text, " was exiting already"...)
		case b.r.Told:
			b.text = append(b.text, "the kernel found no process it may end"...)
		default:
			b.text = append(b.text, "the log shows a report and no kill"...)
		}
		b.appendWhatRanOut(", ")
	}
}

func (b *Builder) appendKillBody() {
	k := b.kill
	b.text = append(b.text, "OOM kill: "...)
	b.appendProcess(k.Comm, k.PID)
	if path := b.victimCgroup(); path != "" {
		b.text = append(b.text, " in "...)
		b.appendName(path)
	}
	b.appendWhatRanOut(": ")
	if rss, ok := b.victimRSS(k); ok {
		b.text = append(b.text, ", victim held "...)
		b.text = AppendSize(b.text, rss)
	}
}

// appendWhatRanOut says what ran out, after the given mark; nothing when that is not known.
func (b *Builder) appendWhatRanOut(mark string) {
	r := b.r
	scope := b.facts.Scope
	if scope == assembly.ScopeUnknown {
		return
	}
	b.text = append(b.text, mark...)
	switch scope {
	case assembly.ScopeHost:
		if r.Manual {
			b.text = append(b.text, "asked for by sysrq"...)
			return
		}
		b.text = append(b.text, "the host ran out of RAM"...)
	case assembly.ScopeCpuset:
		b.text = append(b.text, "the nodes of its cpuset ran out of RAM"...)
	case assembly.ScopeNUMAPolicy:
		b.text = append(b.text, "the nodes of its memory policy ran out of RAM"...)
	case assembly.ScopeCgroup:
		b.text = append(b.text, "cgroup "...)
		switch b.facts.Hit {
		case grammar.CounterMemsw:
			b.text = append(b.text, "memory+swap "...)
		case grammar.CounterKmem:
			b.text = append(b.text, "kernel memory "...)
		}
		b.text = append(b.text, "limit"...)
		if limit := b.facts.LimitKB; limit.OK {
			b.text = append(b.text, ' ')
			b.text = AppendSize(b.text, limit.V*kib)
		}
		if path := b.facts.LimitPath; b.facts.HasLimit && path != b.victimCgroup() {
			b.text = append(b.text, " of "...)
			b.appendName(path)
		}
		b.text = append(b.text, " reached"...)
	}
}

// panicWords says in other words why the kernel panicked.
func panicWords(reason string) string {
	switch {
	case strings.Contains(reason, "ompulsory") || strings.Contains(reason, "panic_on_oom"):
		return "the kernel stopped, as vm.panic_on_oom tells it to"
	case strings.Contains(reason, "no killable") || strings.Contains(reason, "deadlocked"):
		return "the kernel stopped, as there was no process left that it may end"
	}
	return "the kernel stopped"
}

// appendProcess writes "name (pid)"; a name that the log cut off, or an empty one, leaves "pid N".
func (b *Builder) appendProcess(comm string, pid int64) {
	if comm == "" {
		b.text = append(b.text, "pid "...)
		b.text = strconv.AppendInt(b.text, pid, 10)
		return
	}
	b.appendName(comm)
	b.text = append(b.text, " ("...)
	b.text = strconv.AppendInt(b.text, pid, 10)
	b.text = append(b.text, ')')
}

// appendName writes a name so that no search for the kernel's words finds it, one longer than any that the kernel prints whole
// without its middle.
func (b *Builder) appendName(name string) {
	const longest = 1024
	b.text = plain.AppendShort(b.text, name, longest)
}
