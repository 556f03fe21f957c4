// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"
	"os"
	"slices"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/parser/record"
)

// What several tags say of one host meets in the evidence of the instance. The host is the one that
// the event or its line names, or Host_Name. This machine is known without either: in_kmsg reads
// its kernel's log, and our input's lines and entries of the journal have the id of its boot. Where
// nothing says which host it is, a stream has its own evidence: it never meets what may be of
// another machine.

// hosts are the hosts of the evidence.
type hosts struct {
	// local is what this machine is called in the evidence: what its first line calls it. names are
	// what its own lines call it, and boot is the id of its boot.
	local string
	used  bool // a line was this machine's
	names []string
	boot  []byte
	// tags are those under which lines of a host came last.
	tags map[string][]string
}

const (
	// maxHosts bounds the hosts whose tags are known, maxHostTags the tags of one.
	maxHosts    = 4096
	maxHostTags = 8
	maxNames    = 8 // of this machine
)

// thisMachine returns the hosts that are known at the start: this machine, if it can be.
func thisMachine() (h hosts) {
	h.tags = make(map[string][]string)
	h.local = "\x00this" // no line has such a name
	if name, err := os.Hostname(); err == nil && event.NamesHost(name) {
		h.local, h.names = name, []string{name}
	}
	h.boot = []byte(machine.BootID())
	return h
}

// hostOf returns the host in the evidence that lines of the current event are of, which name it so,
// "" where nothing says which it is.
func (p *pass) hostOf(f *fields, name string) string {
	switch {
	case p.settings.StreamKeys != nil:
		return ""
	case p.settings.HostName != "":
		if name == "" {
			name = p.settings.HostName
		}
		return name
	case f.FromContainer() || p.fromContainer():
		return ""
	case p.isOfThisMachine(f):
		return p.hosts.thisOne(name)
	case !event.NamesHost(name):
		return ""
	case slices.ContainsFunc(p.hosts.names, func(known string) bool { return record.SameHost(known, name) && (known == name || p.readsFiles()) }):
		return p.hosts.thisOne("")
	}
	return name
}

// thisOne returns what this machine is called in the evidence, whose line calls it so.
func (h *hosts) thisOne(name string) string {
	if event.NamesHost(name) && !slices.Contains(h.names, name) && len(h.names) < maxNames {
		h.names = append(h.names, name)
		if !h.used {
			h.local = name
		}
	}
	h.used = true
	return h.local
}

// isOfThisMachine reports whether the current event is one of this machine, whatever it is called.
func (p *pass) isOfThisMachine(f *fields) bool {
	switch p.input {
	case inputKmsg:
		return f.form == event.Kmsg
	case inputSystemd, inputOwn:
		return len(p.hosts.boot) > 0 && bytes.Equal(f.Text(event.BootID), p.hosts.boot)
	}
	return false
}

// readsFiles reports whether the input reads files of this machine, where a host's name may lack
// its domain.
func (p *pass) readsFiles() bool { return p.input == inputSystemd || p.input == "tail" }

// noteHost notes that a line of a host came under the current tag.
func (p *pass) noteHost(host string) {
	if host == "" {
		return
	}
	tags := p.hosts.tags[host]
	if slices.ContainsFunc(tags, func(tag string) bool { return tag == string(p.tag) }) {
		return
	}
	if tags == nil && len(p.hosts.tags) >= maxHosts {
		clear(p.hosts.tags)
	}
	p.hosts.tags[host] = append(slices.Clone(tags[max(0, len(tags)+1-maxHostTags):]), string(p.tag))
}

// isOf returns a function that reports whether a host's lines come under a tag, so that records of
// the host go where they belong. The records of a host whose tags are not known go anywhere.
func (f *Filter) isOf(tag []byte) func(host string) bool {
	return func(host string) bool {
		tags, known := f.hosts.tags[host]
		return !known || slices.ContainsFunc(tags, func(t string) bool { return t == string(tag) })
	}
}

// waitsUnder reports whether something that a line said waits, of a host whose lines come under a
// tag.
func (f *Filter) waitsUnder(tag []byte) bool {
	return f.evidence.Waits() && f.evidence.WaitsOf(f.isOf(tag))
}

// waitsOf reports whether something that a line of a host said waits. Its streams are kept until
// then: they know in which order their lines came.
func (f *Filter) waitsOf(host string) bool {
	return host != "" && f.evidence.Waits() && f.evidence.WaitsOf(func(name string) bool { return name == host })
}
