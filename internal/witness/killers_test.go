// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser/report"
)

// sample is what one version of a program writes, line by line, and the facts that this gives.
type sample struct {
	version, text string
	want          []Fact
}

// author is the writer whose lines journald has with these fields.
func (d *daemon) author() Author {
	return Author{
		Program: d.names[0], PID: 812, HasPID: true, UID: 0, HasUID: true,
		Unit: d.units[0], Comm: d.comms[0], Transport: d.transports[0],
	}
}

// factsOf returns the facts of the lines of text, all by one author and a second apart. A blank
// line stands for a minute.
func factsOf(text string, a Author, at report.Stamp) []Fact {
	var facts []Fact
	var r Readers
	at.HasLogTime = true
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			at.LogTime += time.Minute
			continue
		}
		r.Read(&Line{Text: strings.ReplaceAll(line, "⏎", "\n"), Author: a, At: at}, func(f *Fact) {
			c := f.Clone()
			c.Text, c.At = "", report.Stamp{}
			facts = append(facts, c)
		})
		at.LogTime += time.Second
	}
	return facts
}

// checkSamples holds each sample to its facts, and what they must not depend on: each line cut
// anywhere gives no other kill, and a container's log and another program give nothing.
func checkSamples(t *testing.T, writer string, a Author, at report.Stamp, samples []sample) {
	t.Helper()
	for _, s := range samples {
		for i := range s.want {
			s.want[i].Writer = writer
		}
		if got := factsOf(s.text, a, at); !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s: %s\ngot  %+v\nwant %+v", s.version, s.text, got, s.want)
		}
		inPod := a
		inPod.Container = true
		if got := factsOf(s.text, inPod, at); len(got) > 0 && writer != "pm2" {
			t.Errorf("%s, in the log of a container: %+v", s.version, got)
		}
		for n := range len(s.text) {
			factsOf(s.text[:n], a, at) // does not panic
		}
	}
}

// checkDaemon holds what a daemon writes to its samples, and to who may say so.
func checkDaemon(t *testing.T, writer string, d *daemon, samples []sample) {
	t.Helper()
	var at report.Stamp
	at.Format = report.JournalJSON
	checkSamples(t, writer, d.author(), at, samples)
	for _, s := range samples {
		if len(s.want) == 0 {
			continue
		}
		count := len(s.want)
		for _, test := range []struct {
			who      string
			change   func(a *Author, at *report.Stamp)
			facts    int
			verified bool
		}{
			{"journald's own fields", func(a *Author, _ *report.Stamp) { a.Trusted = true }, count, true},
			{"a syslog file", func(a *Author, at *report.Stamp) {
				*a, at.Format = Author{Program: d.names[0], PID: 812, HasPID: true}, report.Syslog
			}, count, false},
			{"a user who writes its name", func(a *Author, _ *report.Stamp) {
				a.Trusted, a.Unit, a.Comm, a.UID, a.Transport = true, "session-2.scope", "logger", 1000, "syslog"
			}, 0, false},
			{"a user who writes its name in his manager", func(a *Author, _ *report.Stamp) {
				a.Trusted, a.Unit, a.UserUnit, a.UID = true, "user@1000.service", "earlyoom.service", 1000
			}, count, false},
			{"another transport", func(a *Author, _ *report.Stamp) { a.Trusted, a.Transport = true, "kernel" }, 0, false},
			{"another program", func(a *Author, _ *report.Stamp) { a.Program, a.Unit, a.Comm = "sshd", "sshd.service", "sshd" }, 0, false},
			{"another program, syslog", func(a *Author, _ *report.Stamp) { *a = Author{Program: "sshd"} }, 0, false},
			{"the kernel's log", func(a *Author, at *report.Stamp) { *a, at.Format = Author{}, report.Kmsg }, 0, false},
			{"the kernel", func(a *Author, at *report.Stamp) { *a, at.Origin = Author{}, report.OriginKernel }, 0, false},
		} {
			a, at := d.author(), at
			test.change(&a, &at)
			got := factsOf(s.text, a, at)
			if len(got) != test.facts {
				t.Errorf("%s, by %s: %d facts, want %d", s.version, test.who, len(got), test.facts)
			}
			for _, f := range got {
				if f.Verified != test.verified {
					t.Errorf("%s, by %s: verified %t", s.version, test.who, f.Verified)
				}
			}
		}
	}
}

// checkNothing holds lines to give no fact, by their own writer and by one that is not known.
func checkNothing(t *testing.T, a Author, lines ...string) {
	t.Helper()
	for _, line := range lines {
		for _, by := range []Author{a, {}, {Program: a.Program}} {
			if got := factsOf(line, by, report.Stamp{}); len(got) > 0 {
				t.Errorf("%q by %+v: %+v", line, by, got)
			}
		}
	}
}

func pidOf(pid int64, comm string) Keys { return Keys{PID: pid, HasPID: true, Comm: comm} }
