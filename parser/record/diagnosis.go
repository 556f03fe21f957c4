// SPDX-License-Identifier: Apache-2.0

package record

import "github.com/oomtrail/oomtrail/internal/assembly"

// addDiagnosis adds why it happened, and what to do.
func (b *Builder) addDiagnosis() {
	if b.e.Kind == assembly.EventReapFailed {
		return
	}
	start := len(b.text)
	text, advice, first := b.diagnoser.Append(b.text, &b.facts)
	b.text = text
	b.addWord(fDiagnosisCause, first.Cause.String())
	b.addWord(fDiagnosisConfidence, first.Confidence.String())
	b.addString(fDiagnosisSummary, start, advice)
	b.addString(fDiagnosisAdvice, advice, len(text))
}
