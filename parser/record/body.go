package record

import (
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/grammar"
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
	if rss, ok := victimRSS(k); ok {
		b.text = append(b.text, ", victim held "...)
		b.text = AppendSize(b.text, rss)
	}
}

// appendWhatRanOut says what ran out, after the given mark; nothing when that is not known.
func (b *Builder) appendWhatRanOut(mark string) {
	r := b.r
	scope := r.Scope(b.kill)
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
		b.text = append(b.text, "cgroup limit"...)
		if limit := r.Memcg.Counters[grammar.CounterMemory].LimitKB; limit.OK {
			b.text = append(b.text, ' ')
			b.text = AppendSize(b.text, limit.V*kib)
		}
		if path, ok := r.LimitCgroup(); ok && path != b.victimCgroup() {
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

func (b *Builder) appendProcess(comm string, pid int64) {
	b.appendName(comm)
	b.text = append(b.text, " ("...)
	b.text = strconv.AppendInt(b.text, pid, 10)
	b.text = append(b.text, ')')
}

// kernelWords are words that a search for the kernel's lines looks for. A name may hold them on purpose.
var kernelWords = []string{"kill", "Kill", "oom", "OOM", "f memory", "f Memory"}

// appendName writes a name so that no search for the kernel's words finds it: blanks, colons, hyphens and underscores of a name that
// holds such words are escaped, and the words fall apart.
func (b *Builder) appendName(name string) {
	suspicious := false
	for _, w := range kernelWords {
		suspicious = suspicious || strings.Contains(name, w)
	}
	start := len(b.text)
	b.text = AppendPrintable(b.text, name)
	if !suspicious {
		return
	}
	clean := string(b.text[start:])
	b.text = b.text[:start]
	for i := 0; i < len(clean); i++ {
		switch c := clean[i]; c {
		case ' ', ':', '-', '_':
			b.text = appendEscaped(b.text, c)
		default:
			b.text = append(b.text, c)
		}
	}
}

// AppendSize writes a size for a person: three digits and a binary unit. n is not negative.
func AppendSize(dst []byte, n int64) []byte {
	units := [...]string{" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"}
	u, v := 0, float64(n)
	for v >= 1024 && u < len(units)-1 {
		v /= 1024
		u++
	}
	digits := 0
	if u > 0 && v < 100 {
		digits = 1
	}
	text := strconv.AppendFloat(nil, v, 'f', digits, 64)
	text = []byte(strings.TrimSuffix(string(text), ".0"))
	return append(append(dst, text...), units[u]...)
}
