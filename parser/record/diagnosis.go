package record

import "github.com/oomtrail/oomtrail/parser/assembly"

// addDiagnosis adds why it happened, and what to do.
func (b *Builder) addDiagnosis() {
	if b.e.Kind == assembly.EventReapFailed {
		return
	}
	d := b.diagnoser.Diagnose(b.r, b.kill)
	b.addWord(fDiagnosisCause, d.Cause.String())
	b.addWord(fDiagnosisSummary, d.Summary)
	b.addWord(fDiagnosisAdvice, d.Advice)
}
