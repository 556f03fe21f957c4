// SPDX-License-Identifier: Apache-2.0

package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// verdictNames are the names of the events that are made of facts.
var verdictNames = [...]string{
	verdict.Kill: record.EventKill, verdict.KillAttempt: record.EventAttempt, verdict.Observed: record.EventObserved,
	verdict.Eviction: record.EventEviction, verdict.Sigkill: record.EventSigkill,
}

// Verdict makes the record of an event that is made of what other programs said. It is none of the
// kind verdict.Kernel, which is a record already.
func (b *Builder) Verdict(v *verdict.Event) *record.Record {
	f := v.Fact
	if p := v.Process; p != nil {
		named := *f
		named.Keys.PID, named.Keys.HasPID, named.Keys.Comm = p.Keys.PID, true, p.Keys.Comm
		whole := *v
		whole.Fact = &named
		v = &whole
	}
	b.e, b.r, b.kill = &report.Event{Report: &report.Report{}, Kill: -1, At: f.At, Text: f.Text}, nil, nil
	b.r = b.e.Report
	b.Reset()
	b.facts.Read(b.r, nil)
	b.addIdentityOfFact(v)
	b.addVictimOfFact(v)
	b.addFiguresOfFact(v)
	b.addVerdict(v)
	b.addWhoOfFact(f)
	b.AddKey()
	at := &f.At
	b.AddWord(record.Source, cmp.Or(b.opt.Source, sourceOf(at.Format)))
	if b.opt.Original {
		b.addOriginalOfFact(f)
	}
	bodyAt := len(b.Text)
	b.names = b.names[:0]
	b.sayVerdict(v)
	b.fitNames(bodyAt)
	bodyEnd := len(b.Text)
	b.fit()
	rec := b.Record(bodyAt, bodyEnd)
	rec.Time, rec.Position = f.Time(), at.Position
	if !f.Timeless {
		rec.Uptime, rec.HasUptime = at.Uptime, at.HasUptime
	}
	rec.Input = f.Input
	b.e, b.r, b.kill = nil, nil, nil
	b.facts.Release()
	return rec
}

// addIdentityOfFact adds what identifies the record.
func (b *Builder) addIdentityOfFact(v *verdict.Event) {
	f := v.Fact
	name := verdictNames[v.Kind]
	b.AddWord(record.EventName, name)
	b.addFactID(record.LogRecordUID, name, f)
	b.AddWord(record.RecordVersion, record.Version)
	if f.InnerTime.IsZero() && !f.Timeless {
		b.AddWord(record.TimeAssumed, f.At.Assumed.String())
	}
	if !f.Timeless {
		b.AddText(record.TimeOriginal, f.At.Text)
	}
	switch v.Kind {
	case verdict.Kill, verdict.KillAttempt:
		b.AddWord(record.Killer, f.Writer)
	default:
		b.AddWord(record.Killer, f.Killer)
		b.AddWord(record.Observer, f.Writer)
	}
	b.AddWord(record.Outcome, v.Outcome)
	trust := "unverified"
	if f.Verified && !v.Unproven {
		trust = "verified"
	}
	b.AddWord(record.Trust, trust)
}

// addFactID adds the hash of a fact: of the event's name, the writer, the time in the text, else
// the second that the line prints, and of the text. Formats that have seconds only give the same
// id. A timestamp without a zone or a year counts as it is printed: what is assumed for it counts
// for nothing.
func (b *Builder) addFactID(id record.ID, event string, f *witness.Fact) {
	start := len(b.Text)
	b.appendFactID(event, f)
	b.AddSpan(id, start)
}

func (b *Builder) appendFactID(event string, f *witness.Fact) {
	start := len(b.Text)
	b.Text = append(append(append(append(b.Text, event...), '\n'), f.Writer...), '\n')
	switch at := &f.At; {
	case !f.InnerTime.IsZero():
		b.Text = strconv.AppendInt(b.Text, f.InnerTime.UnixNano(), 10)
	case f.Timeless:
	case hasStamp(f.Text, at.Text): // whatever is assumed of it
	case at.Printed != 0: // of a full timestamp it is the wall time
		b.Text = strconv.AppendInt(b.Text, int64(at.Printed/time.Second), 10)
	case !at.Wall.IsZero() && at.Assumed == 0:
		b.Text = strconv.AppendInt(b.Text, at.Wall.Unix(), 10)
	case at.HasUptime:
		b.Text = strconv.AppendInt(b.Text, at.Uptime, 10)
	default:
		b.Text = append(b.Text, at.Text...)
	}
	b.Text = append(b.Text, '\n')
	b.Text = plain.AppendPrintable(b.Text, f.Text)
	sum := sha256.Sum256(b.Text[start:])
	b.Text = hex.AppendEncode(b.Text[:start], sum[:16])
}

// hasStamp reports whether a line's text begins with its timestamp, perhaps after a letter.
func hasStamp(text, stamp string) bool {
	return stamp != "" && (strings.HasPrefix(text, stamp) || len(text) > 0 && strings.HasPrefix(text[1:], stamp))
}

// addVictimOfFact adds who was killed.
func (b *Builder) addVictimOfFact(v *verdict.Event) {
	f := v.Fact
	k := &f.Keys
	b.AddWord(record.VictimKind, f.VictimKind)
	if f.Count.OK {
		b.addInt(record.VictimCount, f.Count)
	} else if v.Count > 0 {
		b.AddInt64(record.VictimCount, v.Count)
	}
	b.addInt(record.ObservedCount, f.Observed)
	b.AddText(record.VictimCgroup, k.Cgroup)
	if k.HasPID {
		b.AddInt64(record.ProcessPID, k.PID)
	}
	if k.HasVPID {
		b.AddInt64(record.ProcessVPID, k.VPID)
	}
	b.AddText(record.ProcessTitle, k.Comm)
	b.AddText(record.ProcessCommandLine, f.CommandLine)
	b.addInt(record.ProcessExitCode, f.ExitCode)
	b.addInt(record.ProcessRealUserID, f.UserID)
	b.addInt(record.VictimMemoryRSS, f.RSS)
	if f.ScoreAdj.OK {
		b.addAdjustment(record.VictimOOMScoreAdj, f.ScoreAdj.V)
	}
	b.addInt(record.VictimScore, f.Score)
	b.AddWord(record.Signal, cmp.Or(v.Signal, f.Signal))
	reason := f.Reason
	if s := v.Sender; s != nil && reason == "" {
		reason = s.Reason
	}
	b.AddWord(record.Reason, reason)
}

// addFiguresOfFact adds what the killer saw.
func (b *Builder) addFiguresOfFact(v *verdict.Event) {
	f := v.Fact
	b.addInt(record.CgroupMemoryUsage, f.Usage)
	b.addInt(record.CgroupMemoryLimit, f.Limit)
	p := &f.Pressure
	b.AddText(record.PressureCgroup, p.Cgroup)
	if p.OK {
		b.AddFloat64(record.PressureCurrent, p.Current)
		b.AddFloat64(record.PressureLimit, p.Limit)
		if p.Duration > 0 {
			b.AddFloat64(record.PressureDuration, p.Duration.Seconds())
		}
	}
	b.addWarnedOfFact(v)
	b.addInt(record.HostMemoryTotal, f.MemoryTotal)
	b.addInt(record.HostMemoryAvailable, f.Available)
	b.addInt(record.HostMemoryUsed, f.MemoryUsed)
	b.addInt(record.HostSwapTotal, f.SwapTotal)
	if f.SwapTotal.OK && f.SwapUsed.OK && f.SwapTotal.V >= f.SwapUsed.V {
		b.AddInt64(record.HostSwapFree, f.SwapTotal.V-f.SwapUsed.V)
	}
	b.addInt(record.EvictedThreshold, f.Evicted.Threshold)
	b.addInt(record.EvictedAvailable, f.Evicted.Available)
	b.addInt(record.EvictedUsage, f.Evicted.Usage)
	b.addInt(record.EvictedRequest, f.Evicted.Request)
}

// addVerdict adds why something died, and what that rests on.
func (b *Builder) addVerdict(v *verdict.Event) {
	if s := v.Sender; s != nil {
		b.addInt(record.SenderPID, s.Sender.PID)
		b.addInt(record.SenderUID, s.Sender.UID)
		b.addInt(record.SenderLoginUID, s.Sender.LoginUID)
		b.AddText(record.SenderName, s.Sender.Name)
		b.AddText(record.SenderExecutable, s.Sender.Exe)
		b.AddText(record.SenderUnit, s.Sender.Unit)
	}
	if v.Kind == verdict.Sigkill {
		b.AddWord(record.VerdictCause, v.Cause.String())
	}
	start := len(b.Text)
	if v.KernelID != [16]byte{} {
		b.say("kernel:")
		b.Text = hex.AppendEncode(b.Text, v.KernelID[:])
	}
	for _, f := range v.Evidence {
		if len(b.Text) > start {
			b.say(",")
		}
		b.say(f.Writer)
		b.say(":")
		b.appendFactID(factNames[f.Kind], f)
	}
	if len(b.Text) > start {
		b.AddSpan(record.VerdictEvidence, start)
	}
	b.AddText(record.VerdictSources, strings.Join(v.Sources, ","))
}

// factNames are the events that facts make by themselves.
var factNames = [...]string{
	witness.None: "", witness.Context: "", witness.Kill: record.EventKill, witness.Decision: record.EventKill, witness.Outcome: record.EventKill,
	witness.Observation: record.EventObserved, witness.Eviction: record.EventEviction, witness.Death: record.EventSigkill, witness.Sent: record.EventSigkill,
}

// identityOf returns whom a fact is about, as far as its keys say.
func (b *Builder) identityOf(f *witness.Fact) identity.Identity {
	k := &f.Keys
	var id identity.Identity
	switch {
	case k.Cgroup != "":
		id = *b.facts.Who.Of(k.Cgroup)
	case k.Unit != "":
		id = *b.facts.Who.Of("/" + k.Unit)
	}
	id.ContainerID = cmp.Or(k.ContainerID, id.ContainerID, k.ContainerPrefix)
	id.PodUID = cmp.Or(k.PodUID, id.PodUID)
	id.Unit = cmp.Or(k.UserUnit, k.Unit, id.Unit)
	if strings.HasSuffix(id.Unit, ".slice") && id.Slice == "" {
		id.Slice = id.Unit
	}
	if k.SlurmStep != "" {
		id.Scheduler = identity.Slurm
		id.Job, id.Step, _ = strings.Cut(k.SlurmStep, ".")
	}
	return id
}

// addWhoOfFact adds who the victim was, and the host.
func (b *Builder) addWhoOfFact(f *witness.Fact) {
	k, id := &f.Keys, b.identityOf(f)
	names := *b.namesOfFact(&id)
	names.ContainerName, names.Image = cmp.Or(f.Name, names.ContainerName), cmp.Or(f.Image, names.Image)
	names.Namespace, names.Pod, names.Container = cmp.Or(k.Namespace, names.Namespace), cmp.Or(k.PodName, names.Pod), cmp.Or(k.ContainerName, names.Container)
	b.addOwner(&id, &names, f.Node)
	if id.Job != "" && k.SlurmStep != "" {
		b.AddText(record.JobScheduler, id.Scheduler)
		b.AddText(record.JobName, k.SlurmStep)
	}
	b.AddText(record.NamesDoubt, names.Doubt)
	b.addHost()
}

// namesOfFact returns the names of whom a fact is about.
func (b *Builder) namesOfFact(id *identity.Identity) *report.Names {
	w := report.Workload{PodUID: id.PodUID, StaticPod: id.StaticPod, Runtime: id.Runtime}
	if len(id.ContainerID) == 64 {
		w.ContainerID = id.ContainerID
	}
	return b.facts.NamesOfWorkload(w)
}

// addOriginalOfFact adds the line.
func (b *Builder) addOriginalOfFact(f *witness.Fact) {
	start := len(b.Text)
	b.Text = plain.AppendPrintable(b.Text, f.Text)
	if len(b.Text)-start > record.MaxOriginal {
		b.Text = b.Text[:start]
		b.Truncated = append(b.Truncated, record.LogRecordOriginal)
		return
	}
	b.AddString(record.LogRecordOriginal, start, len(b.Text))
}

// sayVerdict writes the sentence for people.
func (b *Builder) sayVerdict(v *verdict.Event) {
	f := v.Fact
	switch v.Kind {
	case verdict.Kill:
		b.say("OOM kill by ")
		b.sayName(f.Writer)
		b.say(": ")
		b.sayVictimOfFact(f)
		b.sayAmountOfFact(f)
	case verdict.KillAttempt:
		b.sayName(f.Writer)
		b.say(attemptWords[v.Outcome])
		b.sayVictimOfFact(f)
	case verdict.Observed:
		b.sayName(f.Writer)
		if f.Killer == f.Writer { // PM2, which restarts a program that it does not name
			b.say(" ended a process that held too much memory")
			b.sayAmountOfFact(f)
			return
		}
		b.say(" saw an OOM kill")
		if f.Killer != "" {
			b.say(" by ")
			b.sayName(f.Killer)
		}
		b.say(": ")
		b.sayVictimOfFact(f)
	case verdict.Eviction:
		b.say("Evicted to free memory: ")
		b.sayVictimOfFact(f)
	case verdict.Sigkill:
		b.say("Died of SIGKILL: ")
		b.sayVictimOfFact(f)
		b.say(", ")
		b.say(causeWords[v.Cause])
		if s := v.Sender; s != nil && (v.Cause == verdict.CauseSent || v.Cause == verdict.CauseSupervisor) && s.Sender.Name != "" {
			b.say(" by ")
			b.sayName(s.Sender.Name)
		}
	}
}

// attemptWords say what became of a decision.
var attemptWords = map[string]string{
	witness.OutcomeDecided: " decided to kill, and no line confirms it: ", witness.OutcomeFailed: " failed to kill: ",
	witness.OutcomeDryRun: " would have killed (dry run): ",
}

// causeWords say why something died.
var causeWords = [...]string{
	verdict.CauseUnknown: "and the log does not show who sent it", verdict.CauseSupervisor: "sent for a timeout", verdict.CauseSent: "sent",
	verdict.CauseEvicted: "evicted to free memory", verdict.CauseMemoryKiller: "killed to free memory", verdict.CauseKernel: "killed by the kernel to free memory",
}

// sayVictimOfFact names the victim as far as the fact does: the process, and where it ran.
func (b *Builder) sayVictimOfFact(f *witness.Fact) {
	k, id := &f.Keys, b.identityOf(f)
	names := *b.namesOfFact(&id)
	names.Namespace, names.Pod = cmp.Or(k.Namespace, names.Namespace), cmp.Or(k.PodName, names.Pod)
	names.Container, names.ContainerName = cmp.Or(k.ContainerName, names.Container), cmp.Or(f.Name, names.ContainerName)
	hasPlace := true
	where := " in "
	if !k.HasPID && !k.HasVPID {
		where = ""
	}
	switch {
	case k.HasPID:
		b.sayProcess(k.Comm, k.PID)
	case k.HasVPID:
		b.sayProcess(k.Comm, k.VPID)
	case k.Comm != "":
		b.sayName(k.Comm)
		where = " in "
	}
	switch {
	case id.ContainerID != "" || id.PodUID != "" || id.Job != "" || id.Machine != "":
		b.say(where)
		b.sayIdentity(&id, &names, k.Cgroup)
	case names.Container != "" || names.Pod != "":
		b.say(where)
		if names.Container != "" {
			b.say("container ")
			b.sayName(names.Container)
			b.say(" of ")
		}
		b.sayPod(&id, &names)
	case names.ContainerName != "":
		b.say(where)
		b.say("container ")
		b.sayName(names.ContainerName)
	case id.Unit != "":
		b.say(where)
		b.sayName(id.Unit)
	case k.Cgroup != "":
		b.say(where)
		b.say("cgroup ")
		b.sayName(k.Cgroup[strings.LastIndexByte(k.Cgroup, '/')+1:])
	default:
		hasPlace = false
	}
	if !hasPlace && where == "" {
		b.say("a ")
		b.say(cmp.Or(strings.ReplaceAll(f.VictimKind, "_", " "), "process"))
		b.say(" that it does not name")
	}
}

// sayAmountOfFact says how much the victim held, and of a host what was left.
func (b *Builder) sayAmountOfFact(f *witness.Fact) {
	switch p := &f.Pressure; {
	case f.RSS.OK:
		b.say(": ")
		b.Text = plain.AppendSize(b.Text, f.RSS.V)
	case f.Usage.OK && f.Limit.OK:
		b.say(": ")
		b.Text = plain.AppendSizeOf(b.Text, f.Usage.V, f.Limit.V)
	case p.OK:
		b.say(": memory pressure ")
		b.Text = strconv.AppendFloat(b.Text, 100*p.Current, 'f', 0, 64)
		b.say(" %")
	}
}
