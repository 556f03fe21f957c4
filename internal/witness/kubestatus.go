// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// kubeStatus reads the status of a pod, printed as an object of the API or of a watch. It stands
// there until the container ends again, and comes with each print: the time of the end counts, and
// the container's id says which end it was.
type kubeStatus struct{ facts []Fact }

var kubeStatusProgram = program{
	name:     "status of pods",
	triggers: []string{"OOMKille", "e: memor"},
	deaths:   []string{"exitCode"}, // its number is none in a record that is no text
	new:      newKubeStatus, inContainers: true,
}

func newKubeStatus() Reader { return new(kubeStatus) }

func (r *kubeStatus) Clone() Reader { return new(kubeStatus) }

// kubeTerminated is how a container ended.
type kubeTerminated struct {
	Reason      string
	ExitCode    int64
	FinishedAt  string
	ContainerID string
}

// kubeContainer is the status of a container.
type kubeContainer struct {
	Name, Image      string
	State, LastState struct{ Terminated json.RawMessage }
}

// kubePod is a pod, as far as its status says how it ended.
type kubePod struct {
	Kind     string
	Metadata struct{ UID, Name, Namespace string }
	Spec     struct{ NodeName string }
	Status   struct {
		Reason, Message string
		Conditions      []struct{ Type, Status, LastTransitionTime string }

		InitContainerStatuses, ContainerStatuses, EphemeralContainerStatuses []kubeContainer
	}
}

func (r *kubeStatus) Read(l *Line) []Fact {
	r.facts = r.facts[:0]
	if ofKernelLog(l) || !strings.Contains(l.Text, `"status"`) {
		return nil
	}
	object, _ := cutObject(l.Text)
	var p kubePod
	if object == nil || json.Unmarshal(object, &p) != nil || p.Kind != "Pod" || podUID(p.Metadata.UID) == "" {
		return nil
	}
	s := &p.Status
	for _, list := range [...][]kubeContainer{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses} {
		for i := range list {
			r.terminated(l, &p, &list[i], list[i].State.Terminated)
			r.terminated(l, &p, &list[i], list[i].LastState.Terminated)
		}
	}
	if s.Reason == "Evicted" {
		r.evicted(l, &p)
	}
	return r.facts
}

// add adds a fact about a pod. text is the part of the object that says it: the same in each print.
func (r *kubeStatus) add(l *Line, p *kubePod, f Fact, at time.Time, text string) {
	f.Writer, f.Node, f.InnerTime, f.At, f.Text = Kubelet, p.Spec.NodeName, at, l.At, text
	f.Keys.PodUID, f.Keys.PodName, f.Keys.Namespace = p.Metadata.UID, p.Metadata.Name, p.Metadata.Namespace
	r.facts = append(r.facts, f)
}

// terminated reads how a container ended. The runtime gives the reason OOMKilled: the kernel killed
// a process in that container, which may have gone on, so that any exit code may stand beside it.
// ContainerStatusUnknown is the kubelet's word for not knowing; its 137 is made up.
func (r *kubeStatus) terminated(l *Line, p *kubePod, c *kubeContainer, text json.RawMessage) {
	var t kubeTerminated
	if len(text) == 0 || json.Unmarshal(text, &t) != nil {
		return
	}
	_, id, _ := strings.Cut(t.ContainerID, "://")
	at, ok := timeOf(t.FinishedAt)
	if !ok || !ids.IsContainerID(id) {
		return
	}
	f := Fact{VictimKind: VictimContainer, ExitCode: report.Some(t.ExitCode), Image: c.Image}
	switch {
	case t.Reason == "OOMKilled":
		f.Kind, f.Killer = Observation, Kernel
	case t.Reason == "Error" && t.ExitCode == 137:
		f.Kind = Death
	default:
		return
	}
	f.Keys.ContainerID, f.Keys.ContainerName = id, c.Name
	f.Keys.Occurrence = id + "#" + t.FinishedAt
	r.add(l, p, f, at, c.Name+" "+string(text))
}

// evicted reads that a pod was evicted. When, only its conditions say (1.26+).
func (r *kubeStatus) evicted(l *Line, p *kubePod) {
	var f Fact
	if !readEvictedMessage(p.Status.Message, &f) {
		return
	}
	for _, c := range p.Status.Conditions {
		if at, ok := timeOf(c.LastTransitionTime); ok && c.Type == "DisruptionTarget" && c.Status == "True" {
			f.Keys.Occurrence = p.Metadata.UID + "#evicted"
			r.add(l, p, f, at, strings.TrimSpace(p.Status.Message))
			return
		}
	}
}
