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

// ECSAgent is the writer of what Amazon's ECS agent says, in its log and in the events of tasks.
const ECSAgent = "ecs-agent"

// ecs reads the log of the ECS agent, in the three forms of its logger, and the events in which ECS
// says why a task stopped.
//
// said are containers that were named before: the agent repeats the line as long as Docker knows
// the container.
type ecs struct {
	said  recentIDs
	facts []Fact
}

var ecsProgram = program{
	name:  ECSAgent,
	units: []string{"ecs.service"},
	triggers: []string{
		"nt: proc", // DockerGoClient: process within container … died due to OOM
		"ner kill", // OutOfMemoryError: Container killed due to memory usage
	},
	new: newECS,
}

var ecsAuthor = daemon{names: append([]string{"agent", ECSAgent, "amazon-ecs-agent"}, bracketLevels...), comms: []string{"agent"}}

// bracketLevels are levels of "TIME [LEVEL] text", which the formats read as a tag.
var bracketLevels = []string{"ERROR", "WARN", "INFO"}

// ecsHold is how long a line is remembered over a restart. The agent may repeat it for longer.
const ecsHold = time.Minute

func newECS() Reader { return new(ecs) }

func (r *ecs) Clone() Reader {
	c := *r
	c.facts = nil
	return &c
}

func (r *ecs) Read(l *Line) []Fact {
	r.facts = r.facts[:0]
	switch ok, _ := ecsAuthor.wrote(l); {
	case !ok:
	case strings.Contains(l.Text, `"ECS Task State Change"`):
		r.readTask(l.Text)
	case slices.Contains(bracketLevels, l.Author.Program):
		r.readLine(l, l.At.Wall, l.Text)
	default:
		if at, msg, ok := cutECSHead(l.Text); ok {
			r.readLine(l, at, msg)
		}
	}
	return r.facts
}

// readLine reads `DockerGoClient: process within container ID (name: "…") died due to OOM`.
func (r *ecs) readLine(l *Line, at time.Time, msg string) {
	msg, ok := strings.CutPrefix(msg, "DockerGoClient: process within container ")
	if !ok {
		return
	}
	id, rest, _ := strings.Cut(msg, " ")
	if !ids.IsContainerID(id) {
		return
	}
	name := ""
	if rest != "died due to OOM" { // to 1.1x
		if name, ok = between(rest, `(name: "`, `") died due to OOM`); !ok {
			return
		}
	}
	if r.said.has(id) {
		return
	}
	r.said.add(id)
	l.keep(ecsHold)
	f := Fact{Kind: Observation, Writer: ECSAgent, Killer: Kernel, VictimKind: VictimContainer, Name: name, InnerTime: at}
	f.Keys.ContainerID, f.Keys.Occurrence = id, id+"#oom"
	r.facts = append(r.facts, f)
}

// cutECSHead returns time and message of a line of the agent's logger: logfmt, JSON, or the older
// "2026-05-02T10:00:02Z [INFO] …", which a format may have cut.
func cutECSHead(s string) (at time.Time, msg string, ok bool) {
	switch {
	case strings.HasPrefix(s, "level="):
		at, ok = timeOf(pairValue(s, "time"))
		return at, pairValue(s, "msg"), ok
	case strings.HasPrefix(s, "{"):
		var v struct{ Time, Msg string }
		if json.Unmarshal([]byte(s), &v) != nil {
			return at, "", false
		}
		at, ok = timeOf(v.Time)
		return at, v.Msg, ok
	}
	return cutBracketHead(s)
}

// cutBracketHead cuts "TIME [LEVEL] " off a line: see bracketLevels.
func cutBracketHead(s string) (at time.Time, text string, ok bool) {
	stamp, rest, _ := strings.Cut(s, " [")
	if at, ok = timeOf(stamp); !ok {
		return at, "", false
	}
	_, text, ok = strings.Cut(rest, "] ")
	return at, text, ok
}

// readTask reads a state change of a task, as EventBridge delivers it. The state is told again with
// each later change.
func (r *ecs) readTask(text string) {
	var v struct {
		DetailType string `json:"detail-type"`
		Source     string
		Detail     struct {
			TaskArn                       string
			ExecutionStoppedAt, StoppedAt string
			Containers                    []struct {
				ContainerArn, RuntimeID, Name, Image, Reason string
				ExitCode                                     *int64
			}
		}
	}
	if json.Unmarshal([]byte(text), &v) != nil || v.DetailType != "ECS Task State Change" || v.Source != "aws.ecs" {
		return
	}
	at, ok := timeOf(v.Detail.ExecutionStoppedAt)
	if !ok {
		at, ok = timeOf(v.Detail.StoppedAt)
	}
	for _, c := range v.Detail.Containers {
		if !ok || c.ContainerArn == "" || !strings.HasPrefix(c.Reason, "OutOfMemoryError: Container killed due to memory usage") {
			continue
		}
		f := Fact{Kind: Observation, Writer: ECSAgent, Killer: Kernel, VictimKind: VictimContainer, Name: c.Name, Image: c.Image, InnerTime: at}
		if c.ExitCode != nil {
			f.ExitCode = report.Some(*c.ExitCode)
		}
		if ids.IsContainerID(c.RuntimeID) {
			f.Keys.ContainerID = c.RuntimeID
		}
		f.Keys.Occurrence = c.ContainerArn + "#oom"
		r.facts = append(r.facts, f)
	}
}
