package record

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/diagnosis"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// Stats says how much of a cgroup's memory.stat goes into a record.
type Stats uint8

// The choices of memory.stat figures.
const (
	StatsMain Stats = iota
	StatsAll
	StatsNone
)

// Options are the settings of a [Builder].
type Options struct {
	// Stats says how much of memory.stat a record carries.
	Stats Stats
	// TasksTop is how many of the largest tasks a record lists, 0 for none.
	TasksTop int
	// Original adds the report's lines.
	Original bool
	// HostName and HostID stand in where the carrier names no host.
	HostName, HostID string
	// Source is what oom.source says; "" takes it from the line's carrier.
	Source string
}

// Builder makes records of events. It keeps its buffers between records and is for one goroutine; the records it
// returns own all they point to.
type Builder struct {
	opt   Options
	attrs []Attr
	// text collects all strings of a record, so that they cost one allocation together.
	text []byte
	top  []int
	e    *assembly.Event
	r    *assembly.Report
	kill *assembly.Kill
	// truncated names what was left out to keep the budget.
	truncated []string
	rec       *Record
	// diagnoser remembers the kills of this stream.
	diagnoser diagnosis.Diagnoser
}

// NewBuilder returns a builder.
func NewBuilder(o Options) *Builder { return &Builder{opt: o} }

// Clone returns an independent builder that remembers the same kills.
func (b *Builder) Clone() *Builder { return &Builder{opt: b.opt, diagnoser: b.diagnoser.Clone()} }

// Build makes the record of an event.
func (b *Builder) Build(e *assembly.Event) *Record {
	b.e, b.r, b.kill = e, e.Report, nil
	if e.Kill >= 0 {
		b.kill = &b.r.Kills[e.Kill]
	}
	b.attrs, b.text, b.truncated = b.attrs[:0], b.text[:0], b.truncated[:0]
	b.rec = &Record{Time: e.At.Wall, Uptime: e.At.Uptime, HasUptime: e.At.HasUptime, Position: e.At.Position}
	b.addIdentityOfRecord()
	b.addScope()
	b.addVictim()
	b.addTrigger()
	b.addCgroupMemory()
	b.addHostMemory()
	b.addTasks()
	b.addWho()
	b.addReport()
	b.addDiagnosis()
	b.addOriginal()
	bodyAt := len(b.text)
	b.appendBody()
	b.keepBudget()
	text := string(b.text)
	b.rec.Body = text[bodyAt:]
	b.rec.Attrs = slices.Clone(b.attrs)
	for i := range b.rec.Attrs {
		if v := &b.rec.Attrs[i].Value; v.typ == TypeString && v.num != 0 {
			v.text, v.num = text[v.num>>32-1:v.num&0xffffffff], 0
		}
	}
	rec := b.rec
	b.e, b.r, b.kill, b.rec = nil, nil, nil, nil
	return rec
}

// add appends an attribute of the table.
func (b *Builder) add(name string, v Value) {
	b.attrs = append(b.attrs, Attr{Name: name, Value: v, Resource: isResource(name)})
}

// addConst appends a string that lives as long as the program.
func (b *Builder) addConst(name, s string) {
	if s != "" {
		b.add(name, String(s))
	}
}

// addText appends a string of the kernel's or the carrier's, made printable; nothing when it is empty.
func (b *Builder) addText(name, s string) {
	if s == "" {
		return
	}
	start := len(b.text)
	b.text = AppendPrintable(b.text, s)
	b.addSpan(name, start)
}

// addSpan appends the string that stands in b.text from start on.
func (b *Builder) addSpan(name string, start int) {
	if len(b.text)-start > maxValue {
		b.text = b.text[:start]
		b.truncated = append(b.truncated, name)
		return
	}
	b.addLongSpan(name, start)
}

func (b *Builder) addLongSpan(name string, start int) {
	// Where the string stands is noted in num (its start + 1, so that it is never 0) until the text is whole.
	b.add(name, Value{typ: TypeString, num: int64(start+1)<<32 | int64(len(b.text))})
}

// addIdentityOfRecord adds what tells records apart.
func (b *Builder) addIdentityOfRecord() {
	b.addConst("event.name", eventNames[b.e.Kind])
	b.addID("log.record.uid", &b.e.At, b.e.Text)
	b.addConst("oom.record.version", Version)
	b.addID("oom.report.id", &b.r.First, b.r.FirstText)
	b.addConst("oom.killer", "kernel")
	b.addConst("oom.trust", b.trust())
}

// Version is the version of the contract.
const Version = "1"

var eventNames = [...]string{
	assembly.EventKill: "oom.kill", assembly.EventNoVictim: "oom.no_victim",
	assembly.EventPanic: "oom.panic", assembly.EventReapFailed: "oom.reap_failed",
}

// trust tells whether the kernel wrote all that the record tells of.
func (b *Builder) trust() string {
	if b.e.At.Origin == transport.OriginKernel && !b.r.Unverified {
		return "verified"
	}
	return "unverified"
}

// addID adds the hash of a line: of the kernel's stamp in microseconds (else of the wall stamp as printed) and of the
// line's text in printable form, which is the same through every door.
func (b *Builder) addID(name string, at *assembly.Stamp, text string) {
	start := len(b.text)
	if at.HasUptime {
		b.text = strconv.AppendInt(b.text, at.Uptime, 10)
	} else {
		b.text = append(b.text, at.Text...)
	}
	b.text = append(b.text, '\n')
	b.text = AppendPrintable(b.text, text)
	sum := sha256.Sum256(b.text[start:])
	b.text = hex.AppendEncode(b.text[:start], sum[:16])
	b.addSpan(name, start)
}

// keepBudget cuts the record to what Loki takes: the highest ranks go first, of those the last first.
func (b *Builder) keepBudget() {
	limit := maxAttrs
	if b.opt.Stats == StatsAll {
		limit = maxAttrsAll
	}
	size := 0
	for i := range b.attrs {
		size += b.size(&b.attrs[i])
	}
	room := 1 // for the field that tells what was left out
	for rank := uint8(3); rank > 0; rank-- {
		for i := len(b.attrs) - 1; i >= 0 && (len(b.attrs) > limit-room || size > maxBytes); i-- {
			f := Lookup(b.attrs[i].Name)
			if f == nil || f.Rank != rank {
				continue
			}
			size -= b.size(&b.attrs[i])
			if name := f.Name; !slices.Contains(b.truncated, name) {
				b.truncated = append(b.truncated, name)
			}
			b.attrs = slices.Delete(b.attrs, i, i+1)
		}
	}
	if len(b.truncated) == 0 {
		return
	}
	start := len(b.text)
	for i, name := range b.truncated {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.text = append(b.text, name...)
	}
	b.addSpan("oom.report.truncated", start)
}

// size is what an attribute costs in bytes, the opt-in original left out.
func (b *Builder) size(a *Attr) int {
	if a.Name == "log.record.original" {
		return 0
	}
	n := len(a.Name) + 8
	if a.Value.typ == TypeString && a.Value.num != 0 {
		n += int(a.Value.num&0xffffffff) - int(a.Value.num>>32) + 1
	}
	return n
}

const (
	// maxAttrs is the most attributes a record carries, so that what a pipeline adds still fits into Loki's 128.
	maxAttrs = 80
	// maxAttrsAll is the same with every figure of memory.stat, which somebody asked for.
	maxAttrsAll = 110
	// maxBytes bounds all names and values together, maxValue one value.
	maxBytes = 32 << 10
	maxValue = 4 << 10
	// maxOriginal bounds the report's own lines.
	maxOriginal = 32000
)
