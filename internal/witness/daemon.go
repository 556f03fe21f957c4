// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"slices"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// daemon is how the fields of a log name a program of the host. What a user may write himself is
// his word (SYSLOG_IDENTIFIER, a syslog tag); what journald sets is proof, where the journal is
// known to be journald's.
type daemon struct {
	// names are the program's SYSLOG_IDENTIFIER, and the tag of a syslog line.
	names []string
	// comms are its _COMM, units its _SYSTEMD_UNIT, transports its _TRANSPORT.
	comms, units, transports []string
}

// wrote reports whether the program wrote a line, as far as the line shows it. verified is set
// where journald's own fields prove it.
//
// A line that says nothing of its writer is taken by its words: text that was copied from a log. A
// line that the kernel wrote is not, nor one of another program, by whichever field.
func (d *daemon) wrote(l *Line) (ok, verified bool) {
	a := &l.Author
	switch {
	case a.Container, ofKernelLog(l), a.Transport == "audit":
		return false, false
	case a.Program != "" && !slices.Contains(d.names, a.Program):
		return false, false
	}
	comm := slices.Contains(d.comms, a.Comm)
	unit := slices.Contains(d.units, a.Unit)
	if comm && !unit && a.Unit != "" && isInterpreter(a.Comm) {
		return false, false // any script may be that
	}
	if a.Comm != "" && !comm && !unit || a.Comm == "" && a.Unit != "" && !unit {
		return false, false
	}
	return true, a.Trusted && comm && unit && slices.Contains(d.transports, a.Transport)
}

// may is [daemon.wrote] for a program that runs in containers: a container's log may bring its
// lines, and proves nothing.
func (d *daemon) may(l *Line) bool {
	ok, _ := d.wrote(l)
	return ok || l.Author.Container
}

// ofKernelLog reports whether a line stood in the kernel's log, whatever wrote it there.
func ofKernelLog(l *Line) bool {
	return l.At.Origin == report.OriginKernel || l.At.Format == report.Kmsg || l.At.Format == report.Dmesg || l.Author.Transport == "kernel"
}

// isInterpreter reports whether a name is that of an interpreter, which says nothing of the
// program.
func isInterpreter(comm string) bool { return strings.HasPrefix(comm, "python") }
