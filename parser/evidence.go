// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/build"
	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Observations says which of what other programs say of a memory kill makes a record.
type Observations = verdict.Observations

// The choices.
const (
	// ObservationsUnmatched: what joins no kill that the log shows.
	ObservationsUnmatched = verdict.Unmatched
	// ObservationsAll: all of it.
	ObservationsAll = verdict.All
	// ObservationsNone: nothing of it.
	ObservationsNone = verdict.None
)

// ParseObservations reads the setting `observations`: unmatched, all or none; empty is unmatched.
func ParseObservations(s string) (Observations, error) { return verdict.ParseObservations(s) }

// ObservationNames returns the names of the setting `observations`, by value.
func ObservationNames() []string { return verdict.ObservationNames() }

// maxHosts bounds the hosts of an [Evidence], maxEvidence what they hold together, in bytes.
const (
	maxHosts    = 1024
	maxEvidence = 16 << 20
)

// Evidence is what the kernel and other programs say of the memory kills of each host. A parser has
// one of its own; parsers that read several logs of one host share one, so that a kill that several
// logs show is one. It is for one goroutine, together with the parsers that share it.
//
// Lines that name no host are of [Options.HostName]. Where that is not set either, lines of a
// parser that shares its evidence meet only lines of the same parser, unless [Evidence.JoinUnnamed]
// was called.
//
// Facts wait in it for others. The time of later lines releases them, and [Evidence.Flush].
type Evidence struct {
	opt     *Options
	hosts   []namedHost
	builder *build.Builder
	// one is set by OneHost, which names the host.
	one   bool
	names []string
	// left are records of hosts that were dropped.
	left []*Record
	// memory is what the hosts held when it was counted last. waits is set where facts wait, keeps
	// also where readers keep lines for those that may follow.
	memory int
	waits  bool
	keeps  bool
	// holds is set by Hold, unnamed by JoinUnnamed.
	holds, unnamed bool
}

// namedHost is a host by the name that its lines have, "" for lines that name none.
type namedHost struct {
	name string
	*verdict.Host
}

// NewEvidence returns an evidence without facts; its records are made by the same options as those
// of the parsers that share it.
func NewEvidence(o Options) (*Evidence, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	return &Evidence{opt: &o}, nil
}

// OneHost says that all lines of the parsers are of one host, whatever they call it. names are its
// names, as far as they are known: of facts about another host, by its name, it keeps those apart.
// Call it before the first line.
func (e *Evidence) OneHost(names ...string) { e.one, e.names = true, names }

// ofOneHost is the name of the only host: no line has such a name.
var ofOneHost = []byte{0}

// streams numbers the parsers of the process.
var streams atomic.Int64

// host returns the host of a name. Where lines of one input are all there is, those without a name
// are those of the one host that has a name, if there is just one.
func (e *Evidence) host(name []byte) *verdict.Host {
	last := len(e.hosts) - 1
	for i := last; i >= 0; i-- {
		if h := &e.hosts[i]; h.name == string(name) {
			return h.Host
		}
	}
	if last == 0 && len(name) == 0 {
		return e.hosts[0].Host
	}
	if last == 0 && e.hosts[0].name == "" {
		e.hosts[0].name = string(name)
		return e.hosts[0].Host
	}
	if e.holds && len(name) > 0 && name[0] != 0 {
		if h := e.sameHost(string(name)); h != nil {
			return h
		}
	}
	if len(e.hosts) == maxHosts {
		e.drop()
	}
	h := namedHost{string(name), verdict.NewHost(e.opt.Observations)}
	if e.holds {
		h.Hold()
	}
	e.hosts = append(e.hosts, h)
	return h.Host
}

// sameHost returns the host that another log of it calls by this name with or without its domain,
// nil where none or several may be it.
func (e *Evidence) sameHost(name string) *verdict.Host {
	found := -1
	for i := range e.hosts {
		if !record.SameHost(e.hosts[i].name, name) {
			continue
		}
		if found >= 0 {
			return nil
		}
		found = i
	}
	if found < 0 {
		return nil
	}
	h := &e.hosts[found]
	if len(name) > len(h.name) {
		h.name = name // no host of another domain is this one
	}
	return h.Host
}

// hostOfNode returns the host that Kubernetes calls by this name: the log may have it without its
// domain.
func (e *Evidence) hostOfNode(node string) *verdict.Host {
	if slices.ContainsFunc(e.names, func(name string) bool { return record.SameHost(name, node) }) {
		return e.host(ofOneHost)
	}
	for i := range e.hosts {
		if record.SameHost(e.hosts[i].name, node) {
			return e.hosts[i].Host
		}
	}
	return e.host([]byte(node))
}

// drop forgets the host that was added first, of those that wait for nothing if there is one. What
// waits in it comes out with the next records.
func (e *Evidence) drop() {
	i := max(0, slices.IndexFunc(e.hosts, func(h namedHost) bool { return !h.Waits() }))
	e.hosts[i].CutOff()
	e.left = e.appendRecords(e.left, e.hosts[i].Host)
	e.hosts = slices.Delete(e.hosts, i, i+1)
}

// relieve keeps the evidence within its bound: it forgets what waits for nothing, then hosts.
func (e *Evidence) relieve() {
	if e.memory <= maxEvidence {
		return
	}
	e.Shed()
	for e.memory > maxEvidence/2 && len(e.hosts) > 0 {
		e.drop()
		e.count()
	}
}

// Hold makes facts wait for [Evidence.FlushAll], whatever the time of the log: several whole logs
// of a host are read one after another. Call it before the first line.
func (e *Evidence) Hold() { e.holds = true }

// JoinUnnamed says that lines without a host are of the one host that has a name, if just one has,
// in whichever log they are. Call it before the first line.
func (e *Evidence) JoinUnnamed() { e.unnamed = true }

// Add takes the record of a kill that another reader of a host's kernel log made: lines about that
// death, before and after, then make no record, and none of its kernel lines makes a second kill.
// It looks at the attributes event.name, log.record.uid, oom.killer, oom.trust, oom.boot.id,
// process.pid, process.title, oom.victim.cgroup and oom.victim.tgid, and at the record's time.
// Records of anything but a kill of the kernel's say nothing here.
func (e *Evidence) Add(host string, r *Record) {
	pid, ok := r.Get(record.Fields[record.ProcessPID].Name)
	if !ok || r.Text(record.Fields[record.EventName].Name) != record.EventKill || r.Text(record.Fields[record.Killer].Name) != witness.Kernel {
		return
	}
	tgid, _ := r.Get(record.Fields[record.VictimTGID].Name)
	h := e.host([]byte(host))
	h.Recorded(&verdict.Recorded{
		UID:    r.Text(record.Fields[record.LogRecordUID].Name),
		BootID: r.Text(record.Fields[record.BootID].Name),
		Cgroup: r.Text(record.Fields[record.VictimCgroup].Name),
		Comm:   r.Text(record.Fields[record.ProcessTitle].Name),
		PID:    pid.Int64(), TGID: tgid.Int64(), At: r.Time,
		Verified: r.Text(record.Fields[record.Trust].Name) == "verified",
	})
	e.left = e.appendRecords(e.left, h)
	e.count()
	e.relieve()
}

// Flush returns the records of the facts that have waited long enough by the caller's clock. Call
// it now and then while [Evidence.Waits], and always where [Parser.Pending] makes checkpoints.
func (e *Evidence) Flush(now time.Time) []*Record {
	return e.each(func(h *verdict.Host) { h.Flush(now) })
}

// FlushOf is [Evidence.Flush] of those hosts whose names the caller wants.
func (e *Evidence) FlushOf(now time.Time, want func(host string) bool) (records []*Record) {
	records = e.takeLeft(nil)
	for i := range e.hosts {
		if h := e.hosts[i]; h.Waits() && want(h.name) {
			h.Flush(now)
			records = e.appendRecords(records, h.Host)
		}
	}
	e.count()
	return records
}

// WaitsOf reports whether facts wait of a host whose name the caller wants.
func (e *Evidence) WaitsOf(want func(host string) bool) bool {
	return len(e.left) > 0 || e.waits && slices.ContainsFunc(e.hosts, func(h namedHost) bool { return h.Waits() && want(h.name) })
}

// FlushAll returns the records of all facts that wait: the input has ended.
func (e *Evidence) FlushAll() []*Record { return e.each((*verdict.Host).FlushAll) }

// CutOff is [Evidence.FlushAll] before its time: what comes may go to another evidence. A kill that
// was announced, and may yet have failed, is reported as an attempt.
func (e *Evidence) CutOff() []*Record { return e.each((*verdict.Host).CutOff) }

func (e *Evidence) each(fn func(*verdict.Host)) (records []*Record) {
	records = e.takeLeft(nil)
	if !e.keeps {
		return records
	}
	for i := range e.hosts {
		fn(e.hosts[i].Host)
		records = e.appendRecords(records, e.hosts[i].Host)
	}
	e.count()
	return records
}

// takeLeft appends the records of hosts that were dropped.
func (e *Evidence) takeLeft(records []*Record) []*Record {
	if len(e.left) > 0 {
		records, e.left = append(records, e.left...), nil
	}
	return records
}

// appendRecords appends the records of what became of facts.
func (e *Evidence) appendRecords(records []*Record, h *verdict.Host) []*Record {
	events := h.Events()
	for i := range events {
		if events[i].Kind == verdict.Kernel {
			records = append(records, events[i].Record.(*Record))
			continue
		}
		if e.builder == nil {
			e.builder = build.NewBuilder(e.opt.builder())
		}
		rec := e.builder.Verdict(&events[i])
		if e.opt.Testimony != nil {
			e.opt.Testimony(rec, testimony(&events[i]))
		}
		records = append(records, rec)
	}
	return records
}

// Waits reports whether facts wait for others.
func (e *Evidence) Waits() bool { return e.waits || len(e.left) > 0 }

// count notes what the hosts hold.
func (e *Evidence) count() {
	e.memory, e.waits, e.keeps = 0, false, false
	for i := range e.hosts {
		e.memory += e.hosts[i].Memory() + len(e.hosts[i].name)
		e.waits = e.waits || e.hosts[i].Waits()
		e.keeps = e.keeps || e.hosts[i].Keeps()
	}
}

// Memory returns how many bytes the evidence holds, about.
func (e *Evidence) Memory() int {
	n := int(unsafe.Sizeof(*e)) + e.memory + cap(e.hosts)*int(unsafe.Sizeof(namedHost{}))
	if e.builder != nil {
		n += e.builder.Memory()
	}
	return n + n/8 // what the heap rounds up
}

// Blank reports whether nothing is remembered.
func (e *Evidence) Blank() bool {
	return !slices.ContainsFunc(e.hosts, func(h namedHost) bool { return !h.Blank() })
}

// pending returns the position of the first line of a stream that waits, or that a reader keeps.
func (e *Evidence) pending(stream int) (position int64, ok bool) {
	for i := range e.hosts { // each notes what may be passed
		if p, has := e.hosts[i].Pending(stream); has && (!ok || p < position) {
			position, ok = p, true
		}
	}
	return position, ok
}

// Shed forgets what serves only later lines.
func (e *Evidence) Shed() {
	e.builder = nil
	for i := range e.hosts {
		e.hosts[i].Shed()
	}
	e.count()
}

// Clone returns an independent copy, on which a batch can be tried and undone: see
// [Parser.CloneWith].
func (e *Evidence) Clone() *Evidence {
	c := *e
	c.hosts, c.left, c.builder = slices.Clone(e.hosts), slices.Clone(e.left), nil
	for i := range c.hosts {
		c.hosts[i].Host = c.hosts[i].Host.Clone()
	}
	return &c
}
