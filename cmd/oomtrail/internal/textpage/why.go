// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"strings"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/identity"
	"github.com/oomtrail/oomtrail/parser/report"
)

// why tells the cause, and how sure that is.
func (p *page) why() {
	d := p.Diagnosis
	if d == nil || len(d.Findings) == 0 {
		return
	}
	p.heading("Why")
	p.paragraph(indent, indent, d.Summary)
	f := &d.Findings[0]
	sure := f.Confidence.String()
	p.paragraph(indent, indent, "Cause: "+d.Cause.Meaning()+" ("+d.Cause.String()+"). "+strings.ToUpper(sure[:1])+sure[1:]+".")
}

// findings lists what else the report shows, each with its figures.
func (p *page) findings() {
	d := p.Diagnosis
	if d == nil || len(d.Findings) < 2 {
		return
	}
	p.heading("What else the report shows")
	for i := range d.Findings[1:] {
		f := &d.Findings[i+1]
		text := f.Phrase(quoted)
		if f.Confidence != diagnosis.Certain && !strings.Contains(text, f.Confidence.String()) {
			text += " (" + f.Confidence.String() + ")"
		}
		if comm := f.Process.Comm; comm == "" || !strings.HasPrefix(text, printable(comm)) { // a name stays as it is
			text = strings.ToUpper(text[:1]) + text[1:]
		}
		p.paragraph(indent+"- ", indent+"  ", text+".")
	}
}

// now says what to do, and what the exit code means.
func (p *page) now() {
	if p.Diagnosis == nil {
		return
	}
	p.heading("What now")
	for _, sentence := range p.advice() {
		p.paragraph(indent+"- ", indent+"  ", sentence)
	}
}

// exitCode explains what the reader has seen elsewhere.
func (p *page) exitCode() {
	if p.Event.Kind == report.EventKill {
		p.heading("What you see elsewhere")
		p.paragraph(indent, indent, p.elsewhere())
	}
}

// elsewhere says where the exit code of the victim shows, and where it does not.
func (p *page) elsewhere() string {
	const code = "Exit code 137 is 128 + 9: the process was ended by signal 9 (SIGKILL), as here."
	id := identity.Of(p.cgroup())
	switch {
	case id.PodUID != "":
		return code + " Kubernetes shows it with reason OOMKilled when the container's first process dies. When a child dies the container may run on, and Kubernetes shows nothing."
	case id.Runtime == identity.Podman:
		return code + " podman inspect shows it, with OOMKilled where the container's own limit was hit."
	case id.ContainerID != "" && id.Runtime != identity.LXC:
		return code + " docker inspect shows it, with OOMKilled true where the container's own limit was hit; when only a child dies the container may run on."
	case id.Unit != "" && id.ContainerID == "":
		return code + " systemctl status shows it as status=9/KILL, with Result: oom-kill for the unit."
	}
	return code + " A shell or supervisor that waited for it shows that code."
}

// notes tells what the page cannot know.
func (p *page) notes() {
	var notes []string
	if missing := p.Record.Text("oom.report.missing"); missing != "" && !p.bare() {
		notes = append(notes, "Not in this log: "+sectionWords(missing)+".")
	}
	if n, ok := p.Number64("oom.report.suppressed"); ok && n > 0 {
		notes = append(notes, "The kernel rate-limited its log: "+number(n)+" reports before this one are missing.")
	}
	if p.bare() {
		notes = append(notes, "Only the kill line is in this log: read it unfiltered (dmesg, journalctl -k) to see the report above it.")
	}
	if p.Record.Text("oom.trust") == "unverified" && p.Verbose {
		notes = append(notes, "Unverified: this format cannot prove that the kernel wrote it. journalctl -k -o json can; or name the format, if you trust the log (--format).")
	}
	if len(notes) == 0 {
		return
	}
	p.heading("Note")
	for _, note := range notes {
		p.paragraph(indent, indent, note)
	}
}

// bare reports whether only the kill line is in the log, and it is not proven that the kernel
// printed no more.
func (p *page) bare() bool {
	return p.report.Bare && !p.report.HeldBack && p.Event.Kind == report.EventKill
}

// sectionWords names the parts of a report as a person would.
func sectionWords(list string) string {
	words := map[string]string{"invocation": "its first line", "cpu": "the CPU line", "trace": "the stack trace", "cpuset": "the cpuset line",
		"memcg": "the cgroup's counters", "memcg-stats": "the cgroup's memory.stat", "meminfo": "the host's memory figures", "tasks": "the process table",
		"oom-kill": "the oom-kill: line", "kill": "the kill line", "slab": "the slab table", "alloc-profile": "the allocation profile"}
	names := strings.Split(list, ",")
	for i, name := range names {
		if word := words[name]; word != "" {
			names[i] = word
		}
	}
	return strings.Join(names, ", ")
}
