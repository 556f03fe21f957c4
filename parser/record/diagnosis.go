package record

import "github.com/oomtrail/oomtrail/parser/assembly"

// addDiagnosis adds why it happened, and what to do.
func (b *Builder) addDiagnosis() {
	if b.e.Kind == assembly.EventReapFailed {
		return
	}
	d := b.diagnoser.Diagnose(b.r, b.kill)
	b.addConst("oom.diagnosis.cause", d.Cause.String())
	b.addConst("oom.diagnosis.summary", d.Summary)
	b.addConst("oom.diagnosis.advice", d.Advice)
}
