// SPDX-License-Identifier: Apache-2.0

package build

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

const (
	shortestID  = 12   // how many characters of an id stand in a body
	leastOfName = 11   // how many bytes of a name are left at least
	mostOfName  = 1024 // no name that the kernel prints whole is longer
)

// appendBody writes the sentence for people: what happened, to which process, where, and how much
// memory it held. It must not match a search for the kernel's words, or existing alerts would count
// a kill twice.
func (b *Builder) appendBody() {
	start := len(b.Text)
	b.names = b.names[:0]
	switch b.e.Kind {
	case report.EventKill:
		b.say("OOM kill: ")
		b.sayProcess(b.kill.Comm, b.kill.PID)
		b.sayAmount(b.sayOwner())
	case report.EventReapFailed:
		b.say("OOM victim ")
		b.sayProcess(b.e.Reaper.Comm, b.e.Reaper.PID)
		b.say(" could not be reaped: its memory may stay in use")
	case report.EventPanic:
		b.say("OOM panic")
		b.sayWhere()
		b.say(": ")
		b.say(panicWords(b.r.Panic))
	case report.EventNoVictim:
		b.say("OOM without a kill")
		b.sayWhere()
		switch {
		case b.r.HasSkipped:
			b.say(": ")
			b.sayProcess(b.r.Skipped.Comm, b.r.Skipped.PID)
			b.say(" was exiting already")
		case b.r.NoVictimReported:
			b.say(": the kernel found no process it may end")
		default:
			b.say(": the kernel's record numbers show that none followed")
		}
	case report.EventUnresolved:
		b.say("OOM, end unknown")
		b.sayWhere()
		switch r := b.r; {
		case r.HasSelection:
			b.say(": selected ")
			b.sayProcess(r.Selection.Comm, r.Selection.PID)
		case r.HasReaped:
			b.say(": reaped ")
			b.sayProcess(r.Reaped.Comm, r.Reaped.PID)
		default:
			b.say(": the log does not show it")
		}
	}
	b.fitNames(start)
}

// sayOwner names where the victim ran, and returns where in the text that is; an empty span where
// it is not known.
func (b *Builder) sayOwner() (place span) {
	path := b.ownerPath()
	if path == "" {
		return span{}
	}
	return b.sayPlace(" in ", path)
}

// sayAmount says how much the victim held, of how much, and whose limit that is where it is not
// that of place.
func (b *Builder) sayAmount(place span) {
	rss, ok := b.victimRSS(b.kill)
	if !ok {
		return
	}
	b.say(": ")
	whole, hasWhole := b.whole()
	if !hasWhole || b.r.Manual {
		b.Text = plain.AppendSize(b.Text, rss)
	} else {
		b.Text = plain.AppendSizeOf(b.Text, rss, whole)
	}
	switch b.facts.Scope {
	case report.ScopeHost:
		if b.r.Manual {
			b.say(", asked for by sysrq")
		} else if hasWhole {
			b.say(" RAM")
		}
	case report.ScopeCpuset:
		b.say(", the nodes of its cpuset ran out")
	case report.ScopeNUMAPolicy:
		b.say(", the nodes of its memory policy ran out")
	case report.ScopeCgroup:
		if hasWhole {
			b.sayLimit(place)
		}
	}
}

// sayLimit names the owner of the limit, unless it is place, and the counter, unless it is memory.
func (b *Builder) sayLimit(place span) {
	before := len(b.Text)
	b.say(" (")
	b.say(b.limitWord())
	ofMemory, names := len(b.Text), len(b.names)
	if b.facts.HasLimit {
		limit := b.sayPlace(" of ", b.facts.LimitPath)
		if bytes.Equal(b.Text[limit.start:limit.end], b.Text[place.start:place.end]) {
			b.Text, b.names = b.Text[:ofMemory], b.names[:names]
		}
	}
	if len(b.Text) == ofMemory && b.facts.Hit == report.CounterMemory {
		b.Text = b.Text[:before]
		return
	}
	b.say(")")
}

// limitWord names the limit that was hit.
func (b *Builder) limitWord() string {
	if b.facts.Hit == report.CounterMemsw {
		return "memory+swap limit"
	}
	return "limit"
}

// sayWhere names what ran out, and how much that is: a limit or the host's memory. It writes
// nothing where that is not known.
func (b *Builder) sayWhere() {
	switch b.facts.Scope {
	case report.ScopeHost:
		b.say(" on the host")
	case report.ScopeCpuset:
		b.say(" on the nodes of a cpuset")
	case report.ScopeNUMAPolicy:
		b.say(" on the nodes of a memory policy")
	case report.ScopeCgroup:
		if b.facts.HasLimit {
			b.sayPlace(" in ", b.facts.LimitPath)
		}
	}
	if whole, ok := b.whole(); ok {
		b.say(", ")
		if b.facts.Scope == report.ScopeCgroup {
			b.say(b.limitWord())
		} else {
			b.say("RAM")
		}
		b.say(" ")
		b.Text = plain.AppendSize(b.Text, whole)
	}
}

// sayPlace names a cgroup in the words of its owner, without a path: the container and its pod, the
// unit, else the last part of the path. It returns where in the text that is, without before.
func (b *Builder) sayPlace(before, path string) span {
	id := b.facts.Who.Of(path)
	if id.Level == identity.LevelRoot && before == " in " {
		before = " on "
	}
	b.say(before)
	start := len(b.Text)
	b.sayIdentity(id, b.facts.NamesOf(path), path)
	return span{start, len(b.Text)}
}

// sayIdentity names a cgroup: by names where they are known, else by its ids.
func (b *Builder) sayIdentity(id *identity.Identity, names *report.Names, path string) {
	switch {
	case id.Level == identity.LevelRoot:
		b.say("the host")
	case id.ContainerID != "":
		b.say("container ")
		b.sayName(cmp.Or(names.Container, names.ContainerName, shortID(id.ContainerID)))
		if id.PodUID != "" {
			b.say(" of ")
			b.sayPod(id, names)
		}
	case id.PodUID != "":
		b.sayPod(id, names)
	case id.Level == identity.LevelQoS:
		b.say("all ")
		b.say(id.QoS)
		b.say(" pods")
	case id.Machine != "":
		b.say("machine ")
		b.sayName(cmp.Or(names.Machine, id.Machine))
	case id.Job != "":
		if names.TaskName != "" {
			b.say("task ")
			b.sayName(names.TaskName)
			b.say(" of ")
		}
		b.say(id.Scheduler)
		b.say(" job ")
		b.sayName(cmp.Or(names.JobName, shortID(id.Job)))
	case id.Unit != "":
		b.sayName(id.Unit)
	default:
		b.say("cgroup ")
		b.sayName(path[strings.LastIndexByte(path, '/')+1:])
	}
}

// sayPod names a pod as kubectl does.
func (b *Builder) sayPod(id *identity.Identity, names *report.Names) {
	b.say("pod ")
	switch {
	case names.Pod == "":
		b.sayName(shortID(id.PodUID))
		return
	case names.Namespace != "":
		b.sayName(names.Namespace)
		b.say("/")
	}
	b.sayName(names.Pod)
}

// shortID returns the first twelve digits of an id of hexadecimal digits, such as a container's; a
// name as it is.
func shortID(id string) string {
	if len(id) < 32 || strings.Trim(id, "0123456789abcdef-") != "" {
		return id
	}
	return id[:shortestID]
}

// panicWords paraphrases why the kernel panicked.
func panicWords(reason string) string {
	switch {
	case strings.Contains(reason, "ompulsory") || strings.Contains(reason, "panic_on_oom"):
		return "the kernel stopped, as vm.panic_on_oom says"
	case strings.Contains(reason, "no killable") || strings.Contains(reason, "deadlocked"):
		return "the kernel stopped, as there was no process left that it may end"
	}
	return "the kernel stopped"
}

// sayProcess writes "name (pid)", and "pid N" where the name is empty or cut off. A name that
// begins or ends in a space is quoted.
func (b *Builder) sayProcess(comm string, pid int64) {
	if comm == "" {
		b.say("pid ")
		b.Text = strconv.AppendInt(b.Text, pid, 10)
		return
	}
	quote := ""
	if strings.TrimSpace(comm) != comm {
		quote = `"`
	}
	b.say(quote)
	b.sayName(comm)
	b.say(quote)
	b.say(" (")
	b.Text = strconv.AppendInt(b.Text, pid, 10)
	b.say(")")
}

func (b *Builder) say(s string) { b.Text = append(b.Text, s...) }

// span is a part of the text of a builder.
type span struct{ start, end int }

// sayName writes a name so that no search for the kernel's words finds it, and records where it is.
func (b *Builder) sayName(s string) {
	start := len(b.Text)
	b.Text = plain.AppendShort(b.Text, s, mostOfName)
	b.names = append(b.names, span{start, len(b.Text)})
}

// fitNames shortens the longest names, all to one length, so that the body from start on keeps to
// [record.MaxBody].
func (b *Builder) fitNames(start int) {
	most := record.MaxBody
	for ; most > leastOfName; most-- {
		size := len(b.Text) - start
		for _, n := range b.names {
			size -= max(0, n.end-n.start-most)
		}
		if size <= record.MaxBody {
			break
		}
	}
	for i, n := range b.names {
		if n.end-n.start > most {
			b.shorten(i, most)
		}
	}
}

// shorten cuts the middle out of a name, to at most size bytes.
func (b *Builder) shorten(i, size int) {
	n := &b.names[i]
	rest := string(b.Text[n.end:])
	b.Text = plain.CutMiddle(b.Text[:n.end], n.start, size)
	shift := len(b.Text) - n.end
	b.say(rest)
	n.end += shift
	for j := i + 1; j < len(b.names); j++ {
		b.names[j].start += shift
		b.names[j].end += shift
	}
}
