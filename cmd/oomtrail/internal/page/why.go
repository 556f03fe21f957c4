package page

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/assembly"
	"github.com/oomtrail/oomtrail/parser/diagnosis"
	"github.com/oomtrail/oomtrail/parser/identity"
)

// why tells the cause, how sure that is, and what else the report shows.
func (p *page) why() {
	d := p.Diagnosis
	if d == nil || len(d.Findings) == 0 {
		return
	}
	p.heading("Why")
	p.paragraph(indent, indent, d.Summary)
	p.paragraph(indent, indent, "Cause: "+d.Cause.String()+". "+sureness(d.Findings[0].Confidence))
	for i := range d.Findings {
		f := &d.Findings[i]
		if i == 0 && !p.Full {
			continue
		}
		text := diagnosis.Causes[f.Cause].Meaning
		if f.Process.Comm != "" {
			text += ": " + printable(f.Process.Comm) + " (pid " + number(f.Process.PID) + ")"
		}
		if f.Label != "" {
			text += " [" + printable(f.Label) + "]"
		}
		if evidence := evidenceOf(f); evidence != "" {
			text += " (" + evidence + ")"
		}
		if f.Confidence == diagnosis.Possible && i > 0 {
			text = "perhaps " + text
		}
		p.paragraph(indent+"- ", indent+"  ", text)
	}
}

func sureness(c diagnosis.Confidence) string {
	switch c {
	case diagnosis.Certain:
		return "The report itself shows it."
	case diagnosis.Likely:
		return "The figures point to it."
	}
	return "This is a hypothesis: the log shows too little to be sure."
}

// evidenceOf lists the figures of a finding.
func evidenceOf(f *diagnosis.Finding) string {
	var parts []string
	for _, e := range f.Evidence() {
		value := number(e.Value)
		if e.Bytes {
			value = size(e.Value)
		}
		parts = append(parts, strings.ReplaceAll(e.Name, "_", " ")+" "+value)
	}
	return strings.Join(parts, ", ")
}

// now says what to do, and what the exit code means.
func (p *page) now() {
	if p.Diagnosis == nil {
		return
	}
	p.heading("What now")
	for _, sentence := range strings.SplitAfter(p.Diagnosis.Advice, ". ") {
		p.paragraph(indent+"- ", indent+"  ", sentence)
	}
	if p.Event.Kind == assembly.EventKill {
		p.line("")
		p.paragraph(indent, indent, p.exitCode())
	}
}

// exitCode explains what the reader has seen elsewhere.
func (p *page) exitCode() string {
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
	if missing := p.Record.Text("oom.report.missing"); missing != "" {
		notes = append(notes, "The log lost a part of this report ("+strings.ReplaceAll(missing, ",", ", ")+"): figures above may be missing.")
	}
	if n, ok := p.int64Of("oom.report.suppressed"); ok && n > 0 {
		notes = append(notes, "The kernel held back "+number(n)+" reports before this one.")
	}
	if p.report.Bare {
		notes = append(notes, "Only the kill line itself was seen.")
	}
	if p.Record.Text("oom.trust") == "unverified" && p.Full {
		notes = append(notes, "Nobody vouches for this log: any user could have written its lines. If you know what it is, name its -transport.")
	}
	if len(notes) == 0 {
		return
	}
	p.heading("Note")
	for _, note := range notes {
		p.paragraph(indent, indent, note)
	}
}
