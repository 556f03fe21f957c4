// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Nomad is the writer of what Nomad's client and its Docker driver say.
const Nomad = "nomad"

// nomad reads the log of a Nomad client, text or JSON of its logger (hclog). The Docker driver
// (drivers/docker/handle.go) names the container; the client's event of the task
// (client/allocrunner/taskrunner) says the same again, and is all there is with other drivers.
//
// said are the tasks that were named last.
type nomad struct {
	said [16]nomadTask
	next int
	one  [1]Fact
}

type nomadTask struct {
	alloc, task string
	driver      bool
	at          time.Time
}

var nomadProgram = program{name: Nomad, author: &nomadAuthor, triggers: []string{"OOM Kill"}, new: newNomad}

var nomadAuthor = daemon{
	names: append([]string{Nomad}, bracketLevels...), comms: []string{Nomad}, units: []string{"nomad.service"},
	transports: []string{"stdout"},
}

func newNomad() Reader { return new(nomad) }

func (r *nomad) Clone() Reader {
	c := *r
	return &c
}

func (r *nomad) Read(l *Line) []Fact {
	wrote, verified := nomadAuthor.wrote(l)
	h, ok := readHCLog(l)
	if !ok || !wrote {
		return nil
	}
	f := Fact{Kind: Observation, Writer: Nomad, Killer: Kernel, VictimKind: VictimContainer, InnerTime: h.at, Verified: verified}
	t := nomadTask{at: h.at}
	switch {
	case h.msg == "OOM Killed":
		t.alloc, t.task, t.driver = h.value("nomad_alloc_id"), h.value("nomad_task_name"), true
		f.Keys.ContainerID, f.Image = h.value("container_id"), h.value("container_image")
		if !ids.IsContainerID(f.Keys.ContainerID) {
			return nil
		}
	case h.msg == "Task event" && h.value("type") == "Terminated":
		t.alloc, t.task = h.value("alloc_id"), h.value("task")
		code, ok := between(h.value("msg"), "Exit Code: ", `, Exit Message: "OOM Killed"`)
		n, isNumber := wholeNumber(code)
		if !ok || !isNumber {
			return nil
		}
		f.ExitCode = report.Some(n)
	default:
		return nil
	}
	if t.alloc == "" || t.task == "" || r.again(&t) {
		return nil
	}
	l.keep(nomadHold)
	f.Name = t.task
	r.one[0] = f
	return r.one[:]
}

// nomadHold is how far apart the driver and the client may speak of one death.
const nomadHold = time.Minute

// again reports whether the driver and the client both speak of one death of a task: within a
// minute. Otherwise it keeps the task.
func (r *nomad) again(t *nomadTask) bool {
	for i := range r.said {
		s := &r.said[i]
		if s.alloc == t.alloc && s.task == t.task && s.driver != t.driver && t.at.Sub(s.at).Abs() <= nomadHold {
			*s = nomadTask{} // a later death has both lines again
			return true
		}
	}
	t.alloc, t.task = strings.Clone(t.alloc), strings.Clone(t.task)
	r.said[r.next] = *t
	r.next = (r.next + 1) % len(r.said)
	return false
}

// hcLine is a line of hclog.
type hcLine struct {
	at      time.Time
	msg     string
	pairs   string
	members map[string]json.RawMessage
}

// value returns a value by its key, "" where there is none.
func (h *hcLine) value(key string) string {
	if h.members == nil {
		return pairValue(h.pairs, key)
	}
	var s string
	if json.Unmarshal(h.members[key], &s) != nil {
		return ""
	}
	return s
}

// readHCLog reads `2026-05-02T10:00:02.123Z [ERROR] client.driver_mgr.docker: OOM Killed: k=v …`,
// or the same as JSON. A format may have cut the time and the level.
func readHCLog(l *Line) (h hcLine, ok bool) {
	s := strings.TrimLeft(l.Text, " ")
	if strings.HasPrefix(s, "{") {
		if json.Unmarshal([]byte(s), &h.members) != nil {
			return h, false
		}
		h.msg = h.value("@message")
		h.at, ok = timeOf(h.value("@timestamp"))
		return h, ok
	}
	if slices.Contains(bracketLevels, l.Author.Program) {
		h.at = l.At.Wall
	} else if h.at, s, ok = cutBracketHead(s); !ok {
		return h, false
	}
	module, rest, named := strings.Cut(strings.TrimLeft(s, " "), ": ")
	if h.msg, h.pairs, ok = strings.Cut(rest, ": "); !ok {
		h.msg = rest
	}
	return h, named && !strings.Contains(module, " ")
}
