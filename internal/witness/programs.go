// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"reflect"
	"slices"
	"strings"
)

// program is one killer or witness.
type program struct {
	// name is that of Fact.Writer, or of the log where one reader has several writers.
	name string
	// triggers are pieces of words, of 8 ASCII characters each, that ordinary lines rarely hold.
	// Each line that the reader needs holds one of them, or one of deaths.
	triggers []string
	// deaths are triggers of lines that make only facts of the kinds Death and Sent. They are
	// looked for only where the setting sigkill is on.
	deaths []string
	// inContainers is set where the program runs in containers, so that a container's log may
	// bring its lines. Lines of the other programs are not taken from there.
	inContainers bool
	// author is how a log names the program, nil where its reader has no need of it. units are
	// further units in whose journal its lines stand, identifiers its SYSLOG_IDENTIFIER where it
	// runs in no unit of its own.
	author             *daemon
	units, identifiers []string
	new                func() Reader
}

// programs are all killers and witnesses, one a row.
var programs = [...]program{
	systemdOomdProgram, earlyoomProgram, nohangProgram, oomdProgram, talosProgram, lmkdProgram, lowmemorykillerProgram, slurmProgram, pm2Program,
	systemdProgram, containerdProgram, dockerdProgram, dockerEventsProgram, conmonProgram, podmanProgram,
	auditProgram, sudoProgram, supervisordProgram, gunicornProgram, celeryProgram, postgresqlProgram, phpFPMProgram, nginxProgram,
	kubeletProgram, kubeEventsProgram, kubectlProgram, kubeStatusProgram, detectorProgram, cadvisorProgram, ecsProgram, nomadProgram, htcondorProgram, slurmStepProgram,
}

// Units returns the units in whose journal lines of the programs stand, each once.
func Units() []string {
	var all []string
	for i := range programs {
		p := &programs[i]
		if p.author != nil {
			all = append(all, p.author.units...)
		}
		all = append(all, p.units...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Identifiers returns the SYSLOG_IDENTIFIER of the programs that run in no unit of their own, each
// once; deaths adds those of programs that only speak of deaths.
func Identifiers(deaths bool) []string {
	var all []string
	for i := range programs {
		if p := &programs[i]; deaths || p.triggers != nil {
			all = append(all, p.identifiers...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Triggers returns the triggers of all programs, each once; deaths adds those of deaths. One with
// quotes comes a second time as it stands in a JSON string: what a program prints as JSON stands so
// in an entry of the journal and in a container's log.
func Triggers(deaths bool) []string {
	var all []string
	for i := range programs {
		all = append(all, programs[i].triggers...)
		if deaths {
			all = append(all, programs[i].deaths...)
		}
	}
	for _, trigger := range all {
		quoted := strings.ReplaceAll(trigger, `"`, `\"`)
		all = append(all, quoted[len(quoted)-len(trigger):])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Readers are the readers of one stream, one a program. Nothing is made before a line needs it.
type Readers struct {
	readers [len(programs)]Reader
	// Deaths is set where deaths by SIGKILL are wanted.
	Deaths bool
}

// Read calls fn with each fact of a line. A fact and its strings are valid until fn returns: see
// [Fact.Clone].
func (r *Readers) Read(l *Line, fn func(*Fact)) {
	for i := range programs {
		p := &programs[i]
		if l.Author.Container && !p.inContainers || !p.wants(l.Text, r.Deaths) {
			continue
		}
		if r.readers[i] == nil {
			r.readers[i] = p.new()
		}
		facts := r.readers[i].Read(l)
		for j := range facts {
			f := &facts[j]
			if (f.Kind == Death || f.Kind == Sent) && !r.Deaths {
				continue
			}
			if f.Text == "" {
				f.Text, f.At = l.Text, l.At
			}
			fn(f)
		}
	}
}

// wants reports whether a line holds a trigger of the program.
func (p *program) wants(text string, deaths bool) bool {
	in := func(trigger string) bool { return strings.Contains(text, trigger) }
	return slices.ContainsFunc(p.triggers, in) || deaths && slices.ContainsFunc(p.deaths, in)
}

// Memory returns how many bytes the readers hold, about: each keeps little.
func (r *Readers) Memory() (n int) {
	const each = 512
	for _, reader := range r.readers {
		if reader != nil {
			n += each
		}
	}
	return n
}

// Blank reports whether no reader remembers anything: each is like a new one.
func (r *Readers) Blank() bool {
	for i, reader := range r.readers {
		if reader == nil {
			continue
		}
		if _, none := reader.(*stateless); !none && !reflect.DeepEqual(reader.Clone(), programs[i].new()) {
			return false
		}
	}
	return true
}

// Clone returns an independent copy.
func (r *Readers) Clone() *Readers {
	c := &Readers{Deaths: r.Deaths}
	for i, reader := range r.readers {
		if reader != nil {
			c.readers[i] = reader.Clone()
		}
	}
	return c
}
