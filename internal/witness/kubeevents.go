// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// NodeProblemDetector is the writer of what node-problem-detector says, in its log and in
// Kubernetes events.
const NodeProblemDetector = "node-problem-detector"

// kubeEvents reads Kubernetes events as event exporters print them: the Event of the API as JSON
// (core/v1 and events.k8s.io/v1), by itself, in the wrapper of eventrouter or of a watch; and the
// records of the collector's k8sevents receiver. Whoever may create events can write any: none is
// verified.
//
// started is when kubelets began, by node. At its start a kubelet reads the kernel's log from its
// beginning, and old kills come again as new events.
type kubeEvents struct {
	started [16]kubeletStart
	next    int
	one     [1]Fact
}

var kubeEventsProgram = program{
	name: "events of Kubernetes",
	triggers: []string{
		"OOM enco", "OOMKilli",
		"e: memor", // The node was low on resource: memory.
		"Killed p", // the messages, which the k8sevents receiver gives alone
		"g kubele", // Starting kubelet.
	},
	deaths: []string{"ping con", "iveness ", "rtup pro", "Preempti"}, // of their messages
	new:    newKubeEvents, inContainers: true,
}

type kubeletStart struct {
	node string
	at   time.Time
}

func newKubeEvents() Reader { return new(kubeEvents) }

func (r *kubeEvents) Clone() Reader {
	c := *r
	return &c
}

// kubeObject is what an event is about.
type kubeObject struct{ Kind, Namespace, Name, UID, FieldPath string }

// kubeEvent is an Event of either API. What the newer one calls otherwise stands behind it.
type kubeEvent struct {
	Metadata                                struct{ UID string }
	InvolvedObject, Regarding               kubeObject
	Reason, Message, Note                   string
	Source, DeprecatedSource                struct{ Component, Host string }
	ReportingComponent, ReportingController string
	ReportingInstance                       string
	LastTimestamp, DeprecatedLastTimestamp  string
	EventTime                               string
	Count, DeprecatedCount                  int64
	Series                                  struct {
		Count            int64
		LastObservedTime string
	}
}

// cutObject cuts what an exporter or a watch puts around an object of the API. deleted is set for
// an object that is gone: what it says was said before.
func cutObject(text string) (object []byte, deleted bool) {
	if _, rest, ok := cutKlogHead(text); ok { // eventrouter's own logger
		text = rest
	}
	if !strings.HasPrefix(text, "{") {
		return nil, false
	}
	var w struct {
		Verb, Type    string
		Event, Object json.RawMessage
	}
	object = []byte(text)
	if json.Unmarshal(object, &w) != nil {
		return nil, false
	}
	switch {
	case w.Verb != "" && w.Event != nil:
		object = w.Event
	case w.Type != "" && w.Object != nil:
		object, deleted = w.Object, w.Type == "DELETED"
	}
	return object, deleted
}

func (r *kubeEvents) Read(l *Line) []Fact {
	var e kubeEvent
	if ofKernelLog(l) {
		return nil
	}
	if reason := l.Author.Get("k8s.event.reason"); reason != "" {
		e = eventOfCollector(l, reason)
	} else {
		object, deleted := cutObject(l.Text)
		if object == nil || deleted || json.Unmarshal(object, &e) != nil {
			return nil
		}
		e.settle()
	}
	if e.InvolvedObject.Kind == "" || e.Metadata.UID == "" {
		return nil
	}
	f := Fact{Node: e.Source.Host, InnerTime: e.time()}
	if e.InvolvedObject.Kind == "Node" {
		f.Node = e.InvolvedObject.Name
	}
	if f.InnerTime.IsZero() && l.At.Wall.IsZero() {
		return nil // it may be an hour old
	}
	if !r.read(l, &e, &f) {
		return nil
	}
	count := max(e.Count, 1)
	f.Keys.Occurrence = e.Metadata.UID + "#" + strconv.FormatInt(count, 10)
	if count > 1 {
		f.Observed = report.Some(count)
	}
	r.one[0] = f
	return r.one[:]
}

// eventOfCollector returns the event of a record of the k8sevents receiver.
func eventOfCollector(l *Line, reason string) (e kubeEvent) {
	get := l.Author.Get
	e.Reason, e.Message, e.Metadata.UID = reason, l.Text, get("k8s.event.uid")
	e.InvolvedObject = kubeObject{
		Kind: get("k8s.object.kind"), Name: get("k8s.object.name"), UID: get("k8s.object.uid"),
		Namespace: get("k8s.namespace.name"), FieldPath: get("k8s.object.fieldpath"),
	}
	e.Source.Host = get("k8s.node.name")
	if o := &e.InvolvedObject; o.Kind == "" { // which stands in the resource, and that is not at hand
		o.Kind = "Pod"
		switch reason {
		case "Starting", "SystemOOM", "OOMKilling", "PodOOMKilling":
			o.Kind = "Node"
		}
		// GenerateEventName in k8s.io/client-go/tools/record/util: "NAME.TIME", the time in hex.
		name := get("k8s.event.name")
		if i := strings.LastIndexByte(name, '.'); i > 0 && ids.IsHex(name[i+1:]) {
			o.Name = name[:i]
		}
	}
	e.Count, _ = wholeNumber(get("k8s.event.count"))
	return e
}

// settle gives what the newer API says the names of the older one.
func (e *kubeEvent) settle() {
	if e.InvolvedObject.Kind == "" {
		e.InvolvedObject = e.Regarding
	}
	if e.Message == "" {
		e.Message = e.Note
	}
	if e.Source.Component == "" {
		e.Source = e.DeprecatedSource
	}
	for _, component := range [...]string{e.ReportingComponent, e.ReportingController} {
		if e.Source.Component == "" {
			e.Source.Component, e.Source.Host = component, e.ReportingInstance
		}
	}
	e.Count = max(e.Count, e.DeprecatedCount, e.Series.Count)
}

// time returns when the event last occurred.
func (e *kubeEvent) time() time.Time {
	for _, s := range [...]string{e.Series.LastObservedTime, e.LastTimestamp, e.DeprecatedLastTimestamp, e.EventTime} {
		if at, ok := timeOf(s); ok {
			return at
		}
	}
	return time.Time{}
}

// by reports whether one of these components says that it wrote the event. The collector's
// receiver does not pass that on.
func (e *kubeEvent) by(components ...string) bool {
	return e.Source.Component == "" || slices.Contains(components, e.Source.Component)
}

// read reads what an event says by its reason.
func (r *kubeEvents) read(l *Line, e *kubeEvent, f *Fact) bool {
	isPod := e.InvolvedObject.Kind == "Pod"
	if isPod {
		f.Keys.Namespace, f.Keys.PodName = e.InvolvedObject.Namespace, e.InvolvedObject.Name
		f.Keys.PodUID, f.VictimKind = podUID(e.InvolvedObject.UID), VictimPod
		if name, ok := between(e.InvolvedObject.FieldPath, "spec.containers{", "}"); ok {
			f.Keys.ContainerName, f.VictimKind = name, VictimContainer
		}
	}
	f.Writer = Kubelet
	switch e.Reason {
	case "Starting":
		if e.Message == "Starting kubelet." && e.by(Kubelet) {
			r.started[r.next] = kubeletStart{strings.Clone(f.Node), f.InnerTime}
			r.next = (r.next + 1) % len(r.started)
			l.keep(kubeletStartHold)
		}
		return false
	case "SystemOOM":
		return e.by(Kubelet) && !isPod && !r.replays(f) && readSystemOOMEvent(e.Message, f)
	case "OOMKilling", "PodOOMKilling": // the latter by Azure's rules for the detector
		f.Writer = NodeProblemDetector
		return e.by("kernel-monitor") && readQuotedKill(e.Message, f)
	case "Evicted":
		return isPod && e.by(Kubelet) && readEvictedMessage(e.Message, f)
	case "Killing":
		return isPod && e.by(Kubelet) && readKillingMessage(e.Message, f)
	case "Preempting":
		return isPod && e.by(Kubelet) && sentByKubelet(f, reasonPreempt)
	}
	return false
}

// kubeletStartHold is how long after its start a kubelet may speak of old kills.
const kubeletStartHold = time.Minute

// replays reports whether a kubelet began so shortly before that its event may be of an old kill.
func (r *kubeEvents) replays(f *Fact) bool {
	for i := range r.started {
		s := &r.started[i]
		if d := f.InnerTime.Sub(s.at); !s.at.IsZero() && s.node == f.Node && d >= -time.Second && d <= kubeletStartHold {
			return true
		}
	}
	return false
}

// readSystemOOMEvent reads the message of the kubelet's event (pkg/kubelet/oom/oom_watcher_linux.go
// of Kubernetes, 1.14+). Without a victim it is one of many, and nothing says which.
func readSystemOOMEvent(msg string, f *Fact) bool {
	msg = strings.TrimPrefix(msg, "(combined from similar events): ")
	msg, ok := strings.CutPrefix(msg, "System OOM encountered, victim process: ")
	i := strings.LastIndex(msg, ", pid: ")
	if !ok || i <= 0 || i > maxComm {
		return false
	}
	pid, ok := wholeNumber(msg[i+len(", pid: "):])
	if !ok || pid == 0 {
		return false
	}
	f.Kind, f.Killer, f.Keys.PID, f.Keys.HasPID, f.Keys.Comm = Observation, Kernel, pid, true, msg[:i]
	return true
}

// readQuotedKill reads the kernel's words in what another program says. The older rules of
// node-problem-detector take the line of the selection along; alone it does not name the victim.
func readQuotedKill(msg string, f *Fact) bool {
	msg = strings.TrimPrefix(msg, "(combined from similar events): ")
	for line := range strings.SplitSeq(msg, "\n") {
		v, ok := kernel.ParseKill(line)
		if !ok || v.PID <= 0 || !v.HasComm || !v.AnonRSSKB.OK {
			continue
		}
		f.Kind, f.Killer, f.Keys.PID, f.Keys.HasPID, f.Keys.Comm = Observation, Kernel, v.PID, true, v.Comm
		f.UserID, f.ScoreAdj = v.UID, v.OOMScoreAdj
		if v.FileRSSKB.OK {
			f.RSS = report.Some((v.AnonRSSKB.V + v.FileRSSKB.V + v.ShmemRSSKB.V) << 10)
		}
		return true
	}
	return false
}

// readEvictedMessage reads why a pod was evicted (evictionMessage in
// pkg/kubelet/eviction/helpers.go of Kubernetes). Where several containers are named, none of them
// is the one.
func readEvictedMessage(msg string, f *Fact) bool {
	rest, ok := strings.CutPrefix(msg, "The node was low on resource: memory. ")
	if !ok {
		return false
	}
	f.Kind, f.Reason = Eviction, "low_memory"
	if threshold, ok := strings.CutPrefix(rest, "Threshold quantity: "); ok { // 1.26+
		threshold, rest, _ = strings.Cut(threshold, ", available: ")
		var available string
		available, rest, _ = strings.Cut(rest, ". ")
		f.Evicted.Threshold, f.Evicted.Available = bytesOf(threshold), bytesOf(available)
	}
	var usage, request report.Int
	users := 0
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, ". ")
		who, values, ok := strings.Cut(part, " was using ")
		if !ok {
			break
		}
		used, values, _ := strings.Cut(values, ", ")
		wanted, ok := strings.CutPrefix(values, "which exceeds its request of ") // to 1.24
		if !ok {
			wanted, _ = between(values, "request is ", ", has larger consumption of memory")
		}
		users++
		usage, request = bytesOf(used), bytesOf(wanted)
		if users == 1 && strings.HasPrefix(who, "Pod ") {
			break // the sum, which alone counts
		}
		if name, ok := strings.CutPrefix(who, "Container "); ok {
			f.Keys.ContainerName = name
		}
	}
	f.VictimKind = VictimPod
	if users != 1 {
		f.Keys.ContainerName = ""
		return true
	}
	f.Evicted.Usage, f.Evicted.Request = usage, request
	return true
}

// readKillingMessage reads why the kubelet stops a container (pkg/kubelet/kuberuntime).
func readKillingMessage(msg string, f *Fact) bool {
	rest, ok := strings.CutPrefix(msg, "Stopping container ")
	if name := f.Keys.ContainerName; ok && (name == "" || name == rest) {
		f.Keys.ContainerName = rest
		return sentByKubelet(f, reasonStopped)
	}
	rest, ok = strings.CutPrefix(msg, "Container "+f.Keys.ContainerName+" failed ")
	if ok && f.Keys.ContainerName != "" && (rest == "liveness probe, will be restarted" || rest == "startup probe, will be restarted") {
		return sentByKubelet(f, ReasonProbe)
	}
	return false
}

// defaultGrace is how long a container has to end where its pod does not say so
// (terminationGracePeriodSeconds).
const defaultGrace = 30 * time.Second

// sentByKubelet makes the fact that the kubelet stops a container, or all of a pod: if it does not
// end by itself, with SIGKILL.
func sentByKubelet(f *Fact, reason string) bool {
	f.Kind, f.Reason, f.Sender.Name = Sent, reason, Kubelet
	f.Hold = defaultGrace
	return true
}
