// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Podman is the name of Podman as a writer.
const Podman = "podman"

// podmanProgram reads which containers ended, and how. Only fields of the journal and JSON have the
// exit code, the text has none (podman, libpod/events/journal_linux.go and
// cmd/podman/system/events.go):
//
//	MESSAGE=… container died ID (image=IMAGE, name=NAME)
//	PODMAN_EVENT=died PODMAN_TYPE=container PODMAN_ID=ID PODMAN_EXIT_CODE=137
//	PODMAN_OOM_KILLED=true (after 5.8)
//	{"ContainerExitCode":137,"ID":"ID","Name":"NAME","Status":"died","Type":"container",…}
//
// It also reads which container did not stop by the signal that it was sent:
//
//	StopSignal SIGTERM failed to stop container NAME in 10 seconds, resorting to SIGKILL
var podmanProgram = program{
	name:        Podman,
	identifiers: []string{Podman},
	triggers:    []string{"ner died", `":"died"`}, // container died, "Status":"died"
	deaths:      []string{"to SIGKI"},             // resorting to SIGKILL
	new:         func() Reader { return new(podmanLog) },
}

// podmanAuthor has no units: a user's podman looks like root's.
var podmanAuthor = daemon{names: []string{Podman}, comms: []string{Podman}}

// podmanLog reads podman's lines.
type podmanLog struct {
	facts [3]Fact
	// stops are the signals that podman sent last. Their lines name a container: the event that the
	// same process writes of its end has the id.
	stops [16]podmanStop
	next  uint8
}

// podmanStop is a signal, and the process of podman that wrote of it.
type podmanStop struct {
	fact Fact
	pid  int64
}

// podmanStopHold is how long after the line a container may end. podman writes the line before the
// signal, and the event when all of the container is gone: 1.9 s in testdata/witnesses/podman-stop.
const podmanStopHold = 10 * time.Second

// podmanEvent is the end of a container.
type podmanEvent struct {
	ID, Name, Image string
	Code            report.Int
	OOMKilled       bool
	at              time.Time
}

// Clone returns an independent copy.
func (p *podmanLog) Clone() Reader { return &podmanLog{stops: p.stops, next: p.next} }

// Read returns what a line says.
func (p *podmanLog) Read(l *Line) []Fact {
	a := &l.Author
	if ok, _ := podmanAuthor.wrote(l); !ok {
		return nil
	}
	if a.Get("PODMAN_EVENT") != "" {
		return p.died(podmanEventOf(a), a)
	}
	if strings.HasPrefix(l.Text, "{") {
		return p.died(podmanEventJSON(l.Text), a)
	}
	entry := readLogrus(l.Text)
	text, ok := between(entry.Msg, "StopSignal ", " seconds, resorting to SIGKILL")
	_, text, stop := strings.Cut(text, " failed to stop container ")
	name, seconds, in := strings.Cut(text, " in ")
	if _, number := wholeNumber(seconds); !ok || !stop || !in || !number || !isContainerName(name) {
		return nil
	}
	f := Fact{
		Kind: Sent, Writer: Podman, VictimKind: VictimContainer, Name: name,
		Signal: sigkill, Reason: reasonStop, Sender: requester(a, Podman), InnerTime: entry.at(),
		Hold: podmanStopHold, At: l.At, Text: l.Text,
	}
	if a.HasPID {
		l.keep(podmanStopHold)
		p.stops[p.next] = podmanStop{f.Clone(), a.PID}
		p.next = (p.next + 1) % uint8(len(p.stops))
	}
	return nil
}

// sent returns the signal that the process of podman sent before it wrote of the container's end.
func (p *podmanLog) sent(name string, a *Author) (f Fact, ok bool) {
	for i := range p.stops {
		if stop := &p.stops[i]; a.HasPID && name != "" && stop.fact.Name == name && stop.pid == a.PID {
			f, *stop = stop.fact, podmanStop{}
			return f, true
		}
	}
	return Fact{}, false
}

// podmanEventOf reads the fields of an entry of the journal.
func podmanEventOf(a *Author) (e podmanEvent) {
	if a.Get("PODMAN_EVENT") != "died" || a.Get("PODMAN_TYPE") != "container" {
		return podmanEvent{}
	}
	e.ID, e.Name, e.Image = a.Get("PODMAN_ID"), a.Get("PODMAN_NAME"), a.Get("PODMAN_IMAGE")
	e.OOMKilled = a.Get("PODMAN_OOM_KILLED") == "true"
	e.Code.V, e.Code.OK = wholeNumber(a.Get("PODMAN_EXIT_CODE"))
	e.at, _ = time.Parse(time.RFC3339Nano, a.Get("PODMAN_TIME"))
	return e
}

// podmanEventJSON reads what `podman events --format json` prints.
func podmanEventJSON(text string) (e podmanEvent) {
	var o struct {
		ID, Name, Image, Status, Type string
		ContainerExitCode             *int64
		OOMKilled                     bool
		TimeNano                      int64
		Time                          json.RawMessage
	}
	if len(text) > maxDockerEvent || json.Unmarshal([]byte(text), &o) != nil ||
		o.Status != "died" || o.Type != "container" {
		return podmanEvent{}
	}
	e = podmanEvent{ID: o.ID, Name: o.Name, Image: o.Image, OOMKilled: o.OOMKilled}
	if o.ContainerExitCode != nil {
		e.Code = report.Some(*o.ContainerExitCode)
	}
	if o.TimeNano > 0 { // Time has the seconds; without TimeNano it is a timestamp
		e.at = time.Unix(0, o.TimeNano).UTC()
	} else if e.at.UnmarshalJSON(o.Time) != nil {
		e.at = time.Time{}
	}
	return e
}

// died returns what the end of a container says: perhaps that it was killed for memory, that it
// died of SIGKILL, and that podman sent it.
func (p *podmanLog) died(e podmanEvent, a *Author) []Fact {
	if !ids.IsContainerID(e.ID) {
		return nil
	}
	f := Fact{
		Writer: Podman, VictimKind: VictimContainer, Keys: Keys{ContainerID: e.ID},
		Name: e.Name, Image: e.Image, ExitCode: e.Code, InnerTime: e.at,
	}
	facts := p.facts[:0]
	if e.OOMKilled {
		f.Kind, f.Killer = Observation, Kernel
		facts = append(facts, f)
	}
	if e.Code == report.Some(137) && !e.isInfra() {
		if stop, ok := p.sent(e.Name, a); ok {
			stop.Keys.ContainerID = e.ID
			facts = append(facts, stop)
		}
		f.Kind, f.Killer, f.Signal = Death, "", sigkill
		facts = append(facts, f)
	}
	return facts
}

// isInfra reports whether a container is that which holds a pod's namespaces: it ends with the pod.
func (e *podmanEvent) isInfra() bool {
	id, infra := strings.CutSuffix(e.Name, "-infra")
	return infra && ids.IsHexOf(id, 12) || strings.Contains(e.Image, "/podman-pause:")
}

// isContainerName reports whether s can be the name of a container (containers/podman, pkg/specgen:
// NameRegex).
func isContainerName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c-'0' <= 9, c|0x20 >= 'a' && c|0x20 <= 'z', i > 0 && strings.IndexByte("_.-", c) >= 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 255
}
