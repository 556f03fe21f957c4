// SPDX-License-Identifier: Apache-2.0

package parser

import (
	"time"

	"github.com/oomtrail/oomtrail/internal/verdict"
	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Testimony is a line of another program that a record rests on. A line of the kernel is none: its
// record is in oom.verdict.evidence.
type Testimony struct {
	// Program wrote the line.
	Program string
	// Says is what the line says: see [Says].
	Says Says
	// Verified is set where journald's own fields prove the writer.
	Verified bool
	// At is where and when the line was written. Time is the time that the text itself has, else
	// that of the line, else zero.
	At   report.Stamp
	Time time.Time
	// Text is the line without what the format put around it.
	Text string
}

// Says is what a line says.
type Says string

// The words.
const (
	SaysKilled   Says = "killed"   // its program killed, or was about to
	SaysObserved Says = "observed" // another one killed for memory
	SaysEvicted  Says = "evicted"  // the kubelet evicted a pod for memory
	SaysDied     Says = "died"     // something died of SIGKILL
	SaysSent     Says = "sent"     // somebody sent SIGKILL, or asked for it
)

// said are the words of the kinds of facts.
var said = map[witness.Kind]Says{
	witness.Kill: SaysKilled, witness.Decision: SaysKilled, witness.Outcome: SaysKilled, witness.Observation: SaysObserved,
	witness.Eviction: SaysEvicted, witness.Death: SaysDied, witness.Sent: SaysSent,
}

// testimony returns the lines that an event rests on, its own line first.
func testimony(v *verdict.Event) []Testimony {
	var lines []Testimony
	for _, f := range append([]*witness.Fact{v.Fact}, v.Evidence...) {
		lines = append(lines, Testimony{Program: f.Writer, Says: said[f.Kind], Verified: f.Verified, At: f.At, Time: f.Time(), Text: f.Text})
	}
	return lines
}
