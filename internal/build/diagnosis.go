// SPDX-License-Identifier: Apache-2.0

package build

import (
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/parser/report"
)

// addDiagnosis adds the cause, its explanation and the advice.
func (b *Builder) addDiagnosis() {
	if b.e.Kind == report.EventReapFailed {
		return
	}
	start := len(b.Text)
	text, advice, first := b.diagnoser.Append(b.Text, &b.facts)
	b.Text = text
	b.AddWord(record.DiagnosisCause, first.Cause.String())
	b.AddWord(record.DiagnosisConfidence, first.Confidence.String())
	b.AddString(record.DiagnosisSummary, start, advice)
	b.AddString(record.DiagnosisAdvice, advice, len(text))
}
