// SPDX-License-Identifier: Apache-2.0

package diagnosis

import (
	"strconv"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// phrase is what the words of a finding are made of.
type phrase struct {
	f                       *Finding
	meaning, label, process string
	quote                   func(name string) string
}

// Phrase returns the finding in words, with its values: a sentence without its capital and its
// stop. quote sets off a printable name that stands among the words.
func (f *Finding) Phrase(quote func(name string) string) string {
	row := f.Cause.row()
	if row.finding == nil {
		return row.meaning
	}
	return row.finding(f, phrase{
		f: f, meaning: row.meaning, quote: quote,
		label:   string(plain.AppendPrintable(nil, f.Label)),
		process: quote(string(plain.AppendPrintable(nil, f.Process.Comm))) + " (pid " + strconv.FormatInt(f.Process.PID, 10) + ")",
	})
}

// has reports whether the finding rests on a value of that name.
func (p phrase) has(name string) bool { _, ok := p.f.Value(name); return ok }

// value writes the value of that name, "0" where there is none.
func (p phrase) value(name string) string {
	for _, e := range p.f.Evidence() {
		if e.Name == name && e.Bytes {
			return string(plain.AppendSize(nil, max(0, e.Value)))
		}
	}
	v, _ := p.f.Value(name)
	return strconv.FormatInt(v, 10)
}
