// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// dockerEventsProgram reads what `docker events` and the API's stream of events print (moby,
// api/types/events; docker/cli, cli/command/system/events.go):
//
//	{"status":"oom","id":"ID","from":"IMAGE","Type":"container","Action":"oom","Actor":{…},…}
//	2026-05-02T10:00:01.871204551Z container oom ID (image=web:1, name=web)
//
// Actions: oom, die with exitCode, kill with signal. From Docker 29 on the object has no status, id
// and from. The text of Docker before 1.10 has no word that is rare enough to look for.
//
// On cgroup v1 an oom says that the limit was hit: perhaps nothing was killed.
var dockerEventsProgram = program{
	name: "docker events",
	triggers: []string{
		`n":"oom"`, `s":"oom"`, `": "oom"`, // "Action":"oom", "status":"oom"
		"ner oom ", // container oom
	},
	deaths: []string{
		`n":"die"`, `s":"die"`, `": "die"`, "iner die",
		`":"kill"`, `: "kill"`, "ner kill",
	},
	new: Func(readDockerEvent).New,
}

// dockerEventsAuthor is the client that prints events. A line of it is its word, no proof.
var dockerEventsAuthor = daemon{names: []string{"docker"}, comms: []string{"docker"}}

// maxDockerEvent bounds the events that are read: labels may be long.
const maxDockerEvent = 64 << 10

// dockerEvent is an event about a container.
type dockerEvent struct {
	action, id, image, name string
	// exit and signal are attributes of the actions die and kill, as printed.
	exit, signal string
	sandbox      bool
	at           time.Time
}

func readDockerEvent(l *Line) Fact {
	if ok, _ := dockerEventsAuthor.wrote(l); !ok || len(l.Text) > maxDockerEvent {
		return Fact{}
	}
	text := strings.TrimSpace(l.Text)
	e, ok := dockerEvent{}, false
	if strings.HasPrefix(text, "{") {
		e, ok = dockerEventJSON(text)
	} else {
		e, ok = dockerEventText(text)
	}
	if !ok || !ids.IsContainerID(e.id) {
		return Fact{}
	}
	f := Fact{
		Writer: Dockerd, VictimKind: VictimContainer, Keys: Keys{ContainerID: e.id},
		Image: e.image, Name: e.name, InnerTime: e.at,
	}
	switch {
	case e.action == "oom":
		f.Kind, f.Killer = Observation, Kernel
	case e.action == "die" && e.exit == "137" && !e.sandbox:
		f.Kind, f.Signal, f.ExitCode = Death, sigkill, report.Some(137)
	case e.action == "kill" && e.signal == "9":
		// Somebody used the API: docker kill, or docker stop after its time.
		f.Kind, f.Signal, f.Sender = Sent, sigkill, Sender{Name: Dockerd}
	default:
		return Fact{}
	}
	return f
}

// dockerEventJSON reads an event as an object.
func dockerEventJSON(text string) (e dockerEvent, ok bool) {
	var o struct {
		Status   string `json:"status"`
		ID       string `json:"id"`
		From     string `json:"from"`
		Type     string
		Action   string
		TimeNano int64 `json:"timeNano"`
		Time     int64 `json:"time"`
		Actor    struct {
			ID         string
			Attributes map[string]string
		}
	}
	if json.Unmarshal([]byte(text), &o) != nil {
		return dockerEvent{}, false
	}
	if o.Type == "" && o.Action == "" { // before 1.10
		o.Type, o.Action, o.Actor.ID = "container", o.Status, o.ID
	}
	if o.Type != "container" || o.ID != "" && o.ID != o.Actor.ID ||
		o.Status != "" && o.Status != o.Action {
		return dockerEvent{}, false
	}
	attributes := o.Actor.Attributes
	e = dockerEvent{
		action: o.Action, id: o.Actor.ID, image: attributes["image"], name: attributes["name"],
		exit: attributes["exitCode"], signal: attributes["signal"],
		sandbox: attributes["io.kubernetes.docker.type"] == "podsandbox" ||
			strings.HasPrefix(attributes["name"], "k8s_POD_"),
	}
	switch {
	case o.TimeNano > 0:
		e.at = time.Unix(0, o.TimeNano).UTC()
	case o.Time > 0:
		e.at = time.Unix(o.Time, 0).UTC()
	}
	return e, true
}

// dockerEventText reads an event as text. The timestamp may be gone as the line's own.
func dockerEventText(text string) (e dockerEvent, ok bool) {
	if stamp, rest, has := strings.Cut(text, " "); has {
		if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
			e.at, text = at, rest
		}
	}
	text, is := strings.CutPrefix(text, "container ")
	if !is {
		return dockerEvent{}, false
	}
	e.action, text, _ = strings.Cut(text, " ")
	e.id, text, _ = strings.Cut(text, " ")
	attributes, ok := between(text, "(", ")")
	if !ok {
		return dockerEvent{}, false
	}
	// A label's value may hold ", exitCode=0": then there are two, and no one says which is which.
	e.exit, e.signal = onlyAttribute(attributes, "exitCode"), onlyAttribute(attributes, "signal")
	e.sandbox = onlyAttribute(attributes, "io.kubernetes.docker.type") == "podsandbox" ||
		strings.HasPrefix(onlyAttribute(attributes, "name"), "k8s_POD_")
	return e, true
}

// onlyAttribute returns the value of an attribute in "key=value, key=value", "" unless there is one
// alone of that key.
func onlyAttribute(attributes, key string) string {
	value, n := "", 0
	for rest := attributes; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ", ")
		if v, ok := strings.CutPrefix(pair, key+"="); ok {
			value = v
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return value
}
