// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Audit is the name of the kernel's audit as a writer.
const Audit = "audit"

// auditProgram reads the kernel's audit. Where a rule asks for it, a system call that sends SIGKILL
// makes two records of one stamp (-a always,exit -F arch=b64 -S kill -F a1=9):
//
//	type=SYSCALL msg=audit(SEC.MS:SERIAL): arch=c000003e syscall=62 success=yes … a1=9 … pid=…
//	type=OBJ_PID msg=audit(SEC.MS:SERIAL): opid=N oauid=… ouid=… oses=… ocomm="…"
//
// SYSCALL has the sender, OBJ_PID a target, whose opid is of the host's pid namespace. a0 is the
// pid as the sender sees it, and joins nothing. The forms: audit.log, raw and ENRICHED; ausearch
// -i, which prints the records of an event in reverse; laurel's JSON, one object an event; the
// kernel's log without auditd (audit: type=1300 audit(…)); a journal's entries (_TRANSPORT=audit).
//
// The kernel's own kills and writes to cgroup.kill make no such record.
var auditProgram = program{
	name:   Audit,
	deaths: []string{"SYSCALL ", `"SYSCALL`, "OBJ_PID ", "pe=1300 ", "pe=1318 "},
	new:    func() Reader { return &auditLog{} },
}

// unsetUID is the uid of nobody: auid of a daemon.
const unsetUID = 1<<32 - 1

// signalCalls are the system calls that send a signal, by the name of the architecture in audit's
// hexadecimal word, and the number of the argument that is the signal.
var signalCalls = map[uint32]map[int]int{
	0xc000003e: {62: 1, 200: 1, 234: 2, 129: 1, 297: 2, 424: 1}, // x86_64
	0x40000003: {37: 1, 238: 1, 270: 2, 178: 1, 335: 2, 424: 1}, // i386
	0xc00000b7: generic,                                         // aarch64
	0xc00000f3: generic,                                         // riscv64
	0xc0000102: generic,                                         // loongarch64
	0x40000028: {37: 1, 238: 1, 268: 2, 178: 1, 363: 2, 424: 1}, // arm
	0xc0000015: {37: 1, 208: 1, 250: 2, 177: 1, 322: 2, 424: 1}, // ppc64le
	0x80000016: {37: 1, 237: 1, 241: 2, 178: 1, 330: 2, 424: 1}, // s390x
}

// generic is the table of include/uapi/asm-generic/unistd.h.
var generic = map[int]int{129: 1, 130: 1, 131: 2, 138: 1, 240: 2, 424: 1}

// signalCallNames are the same calls as ausearch -i names them.
var signalCallNames = map[string]int{
	"kill": 1, "tkill": 1, "tgkill": 2, "rt_sigqueueinfo": 1, "rt_tgsigqueueinfo": 2, "pidfd_send_signal": 1,
}

// auditLog joins the records of an event.
type auditLog struct {
	events []auditEvent // the newest last
	facts  []Fact
}

// auditEvent is what is known of one event.
type auditEvent struct {
	stamp string
	// sender is the SYSCALL record, where there was one; kills is set where it sent SIGKILL.
	hasSender, kills bool
	sender           Sender
	verified         bool
	// targets are the OBJ_PID records that came before it.
	targets []Fact
}

const (
	maxAuditEvents  = 64 // whose records are not all read
	maxAuditTargets = 32 // of one event
	// auditHold is how long the records of one event may take. The kernel writes them at once.
	auditHold = 10 * time.Second
)

func (r *auditLog) Clone() Reader {
	c := &auditLog{events: slices.Clone(r.events)}
	for i := range c.events {
		c.events[i].targets = slices.Clone(c.events[i].targets)
	}
	return c
}

func (r *auditLog) Read(l *Line) []Fact {
	r.facts = r.facts[:0]
	if strings.HasPrefix(l.Text, "{") {
		r.readLaurel(l)
		return r.facts
	}
	rec, ok := readAuditRecord(l)
	if !ok {
		return nil
	}
	switch rec.kind {
	case "SYSCALL", "1300":
		r.syscall(l, &rec)
	case "OBJ_PID", "1318":
		r.target(l, &rec)
	}
	return r.facts
}

// syscall takes the record of the sender.
func (r *auditLog) syscall(l *Line, rec *auditRecord) {
	signal, ok := rec.signal()
	if !ok {
		return
	}
	r.facts = append(r.facts, Fact{Kind: Context, Writer: Audit, InnerTime: rec.at})
	e := r.event(rec.stamp)
	e.hasSender, e.kills = true, signal == 9 && rec.get("success") == "yes"
	if !e.kills {
		e.targets = nil
		return
	}
	e.sender = Sender{
		PID: rec.number("pid"), UID: rec.number("uid"), LoginUID: rec.number("auid"),
		Name: strings.Clone(rec.text("comm")), Exe: strings.Clone(rec.text("exe")), Unit: strings.Clone(l.Author.Unit),
	}
	l.keep(auditHold)
	for i := range e.targets {
		e.targets[i].Sender, e.targets[i].Verified = e.sender, e.targets[i].Verified && isAudit(l)
		r.facts = append(r.facts, e.targets[i])
	}
	e.verified = isAudit(l)
	e.targets = nil
}

// target takes the record of a process that the signal went to.
func (r *auditLog) target(l *Line, rec *auditRecord) {
	pid := rec.number("opid")
	if !pid.OK || pid.V <= 0 {
		return
	}
	f := Fact{
		Kind: Sent, Writer: Audit, Outcome: OutcomeDone, Signal: sigkill, InnerTime: rec.at, UserID: rec.number("ouid"),
		Keys: Keys{PID: pid.V, HasPID: true, Comm: rec.text("ocomm")},
		At:   l.At, Text: l.Text, Verified: isAudit(l),
	}
	if rec.node != "" {
		f.At.Host = rec.node
	}
	e := r.event(rec.stamp)
	switch {
	case e.hasSender && e.kills:
		f.Sender, f.Verified = e.sender, f.Verified && e.verified
		r.facts = append(r.facts, f)
	case !e.hasSender && len(e.targets) < maxAuditTargets:
		e.targets = append(e.targets, f.Clone())
		l.keep(auditHold)
	}
}

// isAudit reports whether journald itself says that the kernel's audit wrote the line.
func isAudit(l *Line) bool { return l.Author.Trusted && l.Author.Transport == "audit" }

// event returns the event of a stamp. The oldest makes room.
func (r *auditLog) event(stamp string) *auditEvent {
	for i := len(r.events) - 1; i >= 0; i-- {
		if r.events[i].stamp == stamp {
			return &r.events[i]
		}
	}
	if len(r.events) == maxAuditEvents {
		r.events = append(r.events[:0], r.events[1:]...)
	}
	r.events = append(r.events, auditEvent{stamp: strings.Clone(stamp)})
	return &r.events[len(r.events)-1]
}

// auditRecord is one record in the form of text.
type auditRecord struct {
	kind  string // SYSCALL, OBJ_PID, 1300, 1318
	stamp string // what the records of one event share
	node  string // node= of audit.log
	body  string
	at    time.Time
	// interpreted is set for ausearch -i, whose values are words.
	interpreted bool
}

// readAuditRecord reads the head of a record.
func readAuditRecord(l *Line) (rec auditRecord, ok bool) {
	text := endOfLine(l.Text)
	if l.Author.Transport == "audit" { // SYSCALL arch=…
		rec.kind, rec.body, ok = strings.Cut(text, " ")
		rec.stamp = l.Author.Get("_AUDIT_ID")
		return rec, ok && rec.stamp != ""
	}
	if s, hasNode := strings.CutPrefix(text, "node="); hasNode {
		if rec.node, text, ok = strings.Cut(s, " "); !ok {
			return rec, false
		}
	}
	text = strings.TrimPrefix(text, "audit: ")
	text, ok = strings.CutPrefix(text, "type=")
	if !ok {
		return rec, false
	}
	rec.kind, text, _ = strings.Cut(text, " ")
	text = strings.TrimPrefix(text, "msg=")
	text, ok = strings.CutPrefix(text, "audit(")
	if !ok {
		return rec, false
	}
	stamp, body, ok := strings.Cut(text, ")")
	if !ok {
		return rec, false
	}
	rec.stamp = rec.node + " " + stamp
	rec.interpreted = strings.HasPrefix(body, " : ")
	rec.body, _, _ = strings.Cut(strings.TrimLeft(body, " :"), "\x1d") // ENRICHED says the same again
	rec.at = auditTime(stamp)
	return rec, true
}

// auditTime reads SEC.MS:SERIAL. The date of ausearch -i has no zone: it gives the zero time.
func auditTime(stamp string) time.Time {
	whole, rest, _ := strings.Cut(stamp, ".")
	milli, _, ok := strings.Cut(rest, ":")
	sec, err := strconv.ParseInt(whole, 10, 64)
	ms, errMS := strconv.ParseInt(milli, 10, 16)
	if !ok || err != nil || errMS != nil || sec <= 0 || ms < 0 || ms > 999 {
		return time.Time{}
	}
	return time.Unix(sec, ms*int64(time.Millisecond))
}

// get returns the value of a field as printed, "" where there is none. Fields that the kernel sets
// stand before the names that a process chooses, and these hold no blank unless quoted.
func (rec *auditRecord) get(name string) string {
	s := rec.body
	for s != "" {
		key, rest, ok := strings.Cut(s, "=")
		if !ok {
			return ""
		}
		if i := strings.LastIndexByte(key, ' '); i >= 0 { // ausearch -i prints dates and names with blanks
			key = key[i+1:]
		}
		value, after := rest, ""
		if strings.HasPrefix(rest, `"`) {
			if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
				value, after = rest[:end+2], rest[end+2:]
			}
		} else if end := strings.IndexByte(rest, ' '); end >= 0 {
			value, after = rest[:end], rest[end+1:]
		}
		if key == name {
			return value
		}
		s = after
	}
	return ""
}

// number returns a field that is a pid or uid.
func (rec *auditRecord) number(name string) report.Int { return auditID(rec.get(name)) }

// auditID returns a pid or uid as audit prints it; one that is unset, or none, is absent.
func auditID(s string) report.Int {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n == unsetUID {
		return report.Int{}
	}
	return report.Some(int64(n))
}

// text returns a field that is a name. The kernel prints a name with odd bytes in hexadecimal.
func (rec *auditRecord) text(name string) string {
	return auditName(rec.get(name), rec.interpreted)
}

func auditName(s string, plain bool) string {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		return strings.TrimSuffix(quoted, `"`)
	}
	if raw, err := hex.DecodeString(s); err == nil && !plain {
		return strings.ToValidUTF8(strings.TrimRight(string(raw), "\x00"), "\uFFFD")
	}
	if s == "(null)" {
		return ""
	}
	return s
}

// signal returns the signal that a system call sends. ok is false for other calls.
func (rec *auditRecord) signal() (signal uint32, ok bool) {
	call := rec.get("syscall")
	argument, ok := signalCallNames[call]
	if !ok {
		arch, err := strconv.ParseUint(rec.get("arch"), 16, 32)
		number, errCall := strconv.Atoi(call)
		if err != nil || errCall != nil {
			return 0, false
		}
		if argument, ok = signalCalls[uint32(arch)][number]; !ok {
			return 0, false
		}
	}
	return auditSignal(rec.get("a" + strconv.Itoa(argument))), true
}

// auditSignal reads an argument: hexadecimal, or the signal's name.
func auditSignal(s string) uint32 {
	if s == sigkill {
		return 9
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// laurelRecord is one record in laurel's JSON. It is a map, since package json would take UID,
// which laurel adds as a name, for uid.
type laurelRecord map[string]json.RawMessage

// text returns a field that is a string or a number, "" where there is none.
func (rec laurelRecord) text(name string) string { return textOf(rec[name]) }

// id returns a field that is a pid or uid.
func (rec laurelRecord) id(name string) report.Int { return auditID(rec.text(name)) }

// readLaurel reads an event in laurel's JSON.
func (r *auditLog) readLaurel(l *Line) {
	if !strings.HasPrefix(l.Text, `{"ID":"`) && !strings.HasPrefix(l.Text, `{"NODE":"`) {
		return
	}
	var e struct {
		ID, NODE string
		SYSCALL  laurelRecord
		Targets  []laurelRecord `json:"OBJ_PID"`
	}
	if json.Unmarshal([]byte(l.Text), &e) != nil {
		return
	}
	call := e.SYSCALL
	arch, err := strconv.ParseUint(strings.TrimPrefix(call.text("arch"), "0x"), 16, 32)
	number, errCall := strconv.Atoi(call.text("syscall"))
	argument, ok := signalCalls[uint32(arch)][number]
	if err != nil || errCall != nil || !ok {
		return
	}
	at := auditTime(e.ID)
	r.facts = append(r.facts, Fact{Kind: Context, Writer: Audit, InnerTime: at})
	var args []string
	if json.Unmarshal(call["ARGV"], &args) != nil || len(args) <= argument ||
		auditSignal(args[argument]) != 9 || call.text("success") != "yes" {
		return
	}
	for _, target := range e.Targets[:min(len(e.Targets), maxAuditTargets)] {
		pid := target.id("opid")
		if !pid.OK || pid.V <= 0 {
			continue
		}
		f := Fact{
			Kind: Sent, Writer: Audit, Outcome: OutcomeDone, Signal: sigkill, InnerTime: at, UserID: target.id("ouid"),
			Keys: Keys{PID: pid.V, HasPID: true, Comm: target.text("ocomm")},
			Sender: Sender{
				PID: call.id("pid"), UID: call.id("uid"), LoginUID: call.id("auid"),
				Name: call.text("comm"), Exe: call.text("exe"),
			},
			At: l.At, Text: l.Text,
		}
		if e.NODE != "" {
			f.At.Host = e.NODE
		}
		r.facts = append(r.facts, f)
	}
}
