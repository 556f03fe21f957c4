// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"slices"
	"strings"
)

// IsText reports whether a field holds the text of an event.
func (f Field) IsText() bool {
	switch f {
	case Message, Log, Body, Msg:
		return true
	}
	return false
}

// Form is the form of an event: what its fields are.
type Form uint8

const (
	// Raw is a text with the fields of an input or a shipper beside it: one line of a file, or
	// several.
	Raw Form = iota
	// Kmsg is a record of /dev/kmsg as the inputs kmsg and oom_kill of Fluent Bit take it apart.
	Kmsg
	// Journal is an entry of the journal.
	Journal
	// Syslog is a syslog message that a parser took apart.
	Syslog
)

// Event holds the fields of one log event. The zero value has none. It keeps no copy of a text.
type Event struct {
	values [numFields]Value // of the fields in has
	more   more
	state
}

// state is what [Event.Reset] forgets.
type state struct {
	has fieldSet
	// container is set where a field stands beside the text of a container's log only: every
	// program there can write any text.
	container bool
	// foreign is set where a field names another program than the kernel.
	foreign bool
	// odd is set where a field that names one cannot be understood.
	odd bool
	// known is set where the facility is one of syslog's.
	known bool
	// message and level are set where a text and its level have journald's own names.
	message, level bool
}

// fieldSet is a set of fields.
type fieldSet uint32

// It has room for all of them.
const _ = uint(32 - numFields)

func (s fieldSet) has(f Field) bool { return s>>f&1 != 0 }

// Reset forgets the fields.
func (e *Event) Reset() { e.state, e.more.has = state{}, 0 }

// Add adds a field with one value, or one of several values of a field. Of several values of one
// field the first one counts. All of them count for what they say of the program that wrote the
// text.
func (e *Event) Add(name []byte, v Value) Field {
	f := Named(name)
	e.judge(f, name, &v)
	e.more.add(name, &v)
	if f != None && !e.has.has(f) {
		e.values[f] = v
		e.has |= 1 << f
		e.message = e.message || f == Message && v.Text != nil && string(name) == "MESSAGE"
		e.level = e.level || f == Priority && string(name) == "PRIORITY"
	}
	return f
}

// AddEmpty adds a field that has no value: an empty array.
func (e *Event) AddEmpty(name []byte) {
	if f := Named(name); f != None && !e.has.has(f) {
		e.values[f] = Value{}
		e.has |= 1 << f
	}
}

// SetNode sets the host that the fields of Kubernetes name, unless another field has named a node.
func (e *Event) SetNode(name []byte) {
	if !e.has.has(Node) && len(name) > 0 {
		e.values[Node] = Text(name)
		e.has |= 1 << Node
	}
}

// SetContainer says that a container's log brought the event, as its input or its resource shows.
func (e *Event) SetContainer() { e.container = true }

// judge takes in what a value says of the program that wrote the text.
func (e *Event) judge(f Field, name []byte, v *Value) {
	switch f {
	case None:
		e.container = e.container || marksContainer(name)
		e.foreign = e.foreign || marksObject(name)
	case File:
		e.container = e.container || ofContainer(v.Text)
	case Transport:
		e.judgeTransport(v)
	case Identifier, Program:
		e.foreign = e.foreign || v.Text != nil && !isKernel(v.Text)
	case Facility:
		e.judgeFacility(v)
	case Priority, PRI:
		n, ok := v.number()
		e.foreign = e.foreign || ok && n > 7 // the facility is not 0
	case JournalPID:
		e.foreign = e.foreign || saysPID(v) // the kernel has none
	case Unit:
		e.foreign = e.foreign || len(v.Text) > 0 // likewise
	}
}

// judgeTransport takes in a way into the journal. Another word than journald's says nothing: the
// name has other uses. An entry that came in several ways is not the kernel's.
func (e *Event) judgeTransport(v *Value) {
	switch string(v.Text) {
	case "kernel":
		e.foreign = e.foreign || v.Several
	case "audit", "driver", "syslog", "journal", "stdout":
		e.foreign = true
	default:
		e.odd = true
	}
}

// judgeFacility takes in a facility. What is none of syslog's says nothing: the name has other
// uses.
func (e *Event) judgeFacility(v *Value) {
	if v.Text != nil && len(v.Text) == 0 {
		return
	}
	n, ok := facility(v)
	e.odd = e.odd || !ok
	e.known = e.known || ok
	e.foreign = e.foreign || ok && n != 0
}

// isKernel reports whether the name of a program is the kernel's, or none.
func isKernel(name []byte) bool {
	switch string(bytes.TrimSuffix(name, []byte(":"))) {
	case "kernel", "", "-":
		return true
	}
	return false
}

// saysPID reports whether a value is a process id.
func saysPID(v *Value) bool { return v.IsInt || len(v.Text) > 0 && string(v.Text) != "-" }

// facilities are syslog's names of its facilities, by their numbers.
var facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// facility reads a facility that is a number or a name; ok is false for another value.
func facility(v *Value) (n int64, ok bool) {
	if n, ok = v.number(); ok {
		return n, n >= 0 && n <= 127
	}
	if len(v.Text) == 0 || len(v.Text) > len("solaris-cron") {
		return 0, false
	}
	n = int64(slices.IndexFunc(facilities[:], func(name string) bool { return strings.EqualFold(name, string(v.Text)) }))
	return n, n >= 0
}

// Foreign reports whether the fields name another program than the kernel. So does a process id
// beside other fields of a syslog message: the kernel has none.
func (e *Event) Foreign() bool {
	return e.foreign || e.Has(PID) && saysPID(&e.values[PID]) && (e.named(Program) || e.named(Identifier) || e.Has(PRI) || e.known)
}

// named reports whether a field holds the name of a program.
func (e *Event) named(f Field) bool {
	t := e.Text(f)
	return len(t) > 0 && string(t) != "-"
}

// Odd reports whether a field that says which program wrote the text cannot be understood: nothing
// is proven then.
func (e *Event) Odd() bool { return e.odd }

// FromContainer reports whether the text came out of a container's log.
func (e *Event) FromContainer() bool { return e.container }

// KernelFacility reports whether the fields give syslog's facility of the kernel.
func (e *Event) KernelFacility() bool {
	if e.Foreign() {
		return false
	}
	n, ok := e.Number(PRI)
	return e.known || ok && n >= 0 && n <= 7
}

// Has reports whether the event has a field.
func (e *Event) Has(f Field) bool { return e.has.has(f) }

// Text returns the text of a field, nil for none.
func (e *Event) Text(f Field) []byte {
	if !e.Has(f) {
		return nil
	}
	return e.values[f].Text
}

// Number returns the number that a field holds, as such or as text.
func (e *Event) Number(f Field) (int64, bool) {
	if !e.Has(f) {
		return 0, false
	}
	return e.values[f].number()
}

// FacilityNumber returns the facility that a field of its own gives.
func (e *Event) FacilityNumber() (int64, bool) {
	if !e.Has(Facility) {
		return 0, false
	}
	return facility(&e.values[Facility])
}

// Host returns the host that the fields name, nil for none.
func (e *Event) Host() []byte {
	for _, f := range [...]Field{Hostname, Host, Node} {
		if v := &e.values[f]; e.Has(f) && len(v.Text) > 0 && !v.Several {
			return v.Text
		}
	}
	return nil
}

// NamesHost reports whether the name of a host is one: many machines have one of the others.
func NamesHost(name string) bool {
	switch strings.ToLower(name) {
	case "", "localhost", "localhost.localdomain", "(none)", "unknown", "-":
		return false
	}
	return true
}

// Form returns the form of an event whose text is given, wherever it stood.
func (e *Event) Form() Form {
	switch {
	case e.isKmsg():
		return Kmsg
	case e.Has(Transport) || e.Has(BootID) || e.Has(Monotonic) || e.message && e.level:
		return Journal
	case e.Has(PRI) || e.Has(Program) || e.known:
		return Syslog
	}
	return Raw
}

func (e *Event) isKmsg() bool { return e.Has(Sequence) && e.Has(Sec) && e.Has(Usec) }

// Find returns the form of an event whose text is one of its fields, and that field, None where it
// has no text.
func (e *Event) Find() (Form, Field) {
	if e.isKmsg() && e.Text(Msg) != nil {
		return Kmsg, Msg
	}
	if form := e.Form(); form != Kmsg && form != Raw && e.Text(Message) != nil {
		return form, Message
	}
	if e.message {
		return Raw, Message
	}
	for _, f := range [...]Field{Log, Message, Body, Msg} {
		if e.Text(f) != nil {
			return Raw, f
		}
	}
	return Raw, None
}
