// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// Podman is the name of Podman as a writer.
const Podman = "podman"

// podmanProgram reads which containers ended, and how. Only fields of the journal and JSON have the
// exit code, the text has none (podman, libpod/events/journal_linux.go, cmd/podman/system/events.go):
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
	name:     Podman,
	triggers: []string{"ner died", `":"died"`}, // container died, "Status":"died"
	deaths:   []string{"to SIGKI"},             // resorting to SIGKILL
	new:      func() Reader { return new(podmanLog) },
}

// podmanAuthor has no units: a user's podman looks like root's.
var podmanAuthor = daemon{names: []string{Podman}, comms: []string{Podman}}

// podmanLog reads podman's lines.
type podmanLog struct {
	facts [3]Fact
	// stop is the last line that named a container that did not stop, and stopper the process that
	// wrote it. That process also writes the container's end, with its id (podman 4.3.1).
	stop    Fact
	stopper int64
}

// podmanEvent is the end of a container.
type podmanEvent struct {
	ID, Name, Image string
	Code            report.Int
	OOMKilled       bool
	at              time.Time
}

// Clone returns a reader of its own.
func (p *podmanLog) Clone() Reader { return &podmanLog{stop: p.stop, stopper: p.stopper} }

// Read returns what a line says: of a died container perhaps that it was killed for memory, and
// that it died of SIGKILL.
func (p *podmanLog) Read(l *Line) []Fact {
	a := &l.Author
	if ok, _ := podmanAuthor.wrote(l); !ok {
		return nil
	}
	if a.Get("PODMAN_EVENT") != "" {
		e := podmanEventOf(a)
		return p.stopped(a, &e, p.died(e))
	}
	if strings.HasPrefix(l.Text, "{") {
		return p.died(podmanEventJSON(l.Text))
	}
	entry := readLogrus(l.Text)
	text, ok := between(entry.Msg, "StopSignal ", " seconds, resorting to SIGKILL")
	_, text, stop := strings.Cut(text, " failed to stop container ")
	name, seconds, in := strings.Cut(text, " in ")
	if _, number := wholeNumber(seconds); !ok || !stop || !in || !number || !isContainerName(name) {
		return nil
	}
	p.facts[0] = Fact{
		Kind: Sent, Writer: Podman, VictimKind: VictimContainer, Name: name,
		Signal: sigkill, Reason: reasonStop, Sender: requester(a, Podman), InnerTime: entry.at(),
	}
	if isContainerID(name) {
		p.facts[0].Name, p.facts[0].Keys.ContainerID = "", name
	} else if a.HasPID {
		p.stop, p.stopper = p.facts[0], a.PID
		p.stop.Text, p.stop.At = l.Text, l.At
		p.stop = p.stop.Clone()
	}
	return p.facts[:1]
}

// stopped appends to what the end of a container says that its process had to be killed, where the
// process that writes it has said so before.
func (p *podmanLog) stopped(a *Author, e *podmanEvent, facts []Fact) []Fact {
	if len(facts) == 0 || p.stop.Kind != Sent || !a.HasPID || a.PID != p.stopper || e.Name != p.stop.Name {
		return facts
	}
	p.stop.Keys.ContainerID = facts[0].Keys.ContainerID
	facts = append(facts, p.stop)
	p.stop = Fact{}
	return facts
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

// died returns what the end of a container says: perhaps that it was killed for memory, and that
// it died of SIGKILL.
func (p *podmanLog) died(e podmanEvent) []Fact {
	if !isContainerID(e.ID) {
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
		f.Kind, f.Killer, f.Signal = Death, "", sigkill
		facts = append(facts, f)
	}
	return facts
}

// isInfra reports whether a container is that which holds a pod's namespaces: it ends with the pod.
func (e *podmanEvent) isInfra() bool {
	id, infra := strings.CutSuffix(e.Name, "-infra")
	return infra && len(id) == 12 && isHex(id) || strings.Contains(e.Image, "/podman-pause:")
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
