// SPDX-License-Identifier: Apache-2.0

package assembly

import (
	"bytes"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kernel"
	"github.com/oomtrail/oomtrail/parser/report"
)

// recordMax is the length from which a record may have been cut by printk: LOG_LINE_MAX with
// CONFIG_PRINTK_CALLER, the smallest limit of all kernels.
const recordMax = 975

// withoutCut returns the line without what may be a part of its last number or of a path, where the
// frontend shows that it was cut there. A row of the task table ends with a name.
func withoutCut(l *format.Line) *format.Line {
	text := l.Text
	if len(text) == 0 || text[0] == '[' {
		return l
	}
	for _, words := range [...]string{" killed as a result of limit of ", "Memory limit reached of cgroup "} {
		if i := bytes.LastIndex(text, []byte(words)); i >= 0 {
			text = text[:i+len(words)]
		}
	}
	cut := *l
	cut.Text = bytes.TrimRight(text, "0123456789,-")
	return &cut
}

// recordLen is how much of a record was seen so far, where the format shows its lines one by one.
type recordLen struct {
	bytes int
	// stats is set where it holds values of memory.stat, empty where its newest line is.
	stats, empty bool
}

// count counts the line to its record. Whether a record that is long enough to be cut ends here is
// only seen at the next one: then its last value, which may have lost digits, is taken back.
func (r *recordLen) count(l *format.Line, last *lastLine, d *openReport) {
	if !r.goesOn(l, last, d.release()) {
		r.end(last, d)
		r.bytes = len(l.Text)
		return
	}
	r.bytes += 1 + len(l.Text)
	r.stats = r.stats || last.outcome.Kind() == kernel.MemcgStat
	r.empty = len(l.Text) == 0
}

// goesOn reports whether the line is a further one of a record of memory.stat. One timestamp does
// not show that: printk may give several records the same.
func (r *recordLen) goesOn(l *format.Line, last *lastLine, release string) bool {
	if k := last.outcome.Kind(); k != kernel.MemcgStat && k != kernel.MemcgStats && !r.stats {
		return false
	}
	if l.HasSequence && l.Sequence != last.sequence || !l.Continues && !last.isSameStamp(l) && !moreStats(l, last, release) || isOwnRecord(l, last, release) {
		return false
	}
	_, ok := kernel.ParseStat(view(l.Text))
	return ok || isStatKey(l.Text)
}

// isOwnRecord reports whether a line with the stamp of the one before it is known to be a record of
// its own: by its number, or because kernels from 6.5 on print each figure of memory.stat apart.
func isOwnRecord(l *format.Line, last *lastLine, release string) bool {
	if l.HasSequence && last.hasSequence {
		return l.Sequence != last.sequence
	}
	v, known := report.ParseRelease(release)
	return known && !v.Before(6, 5)
}

// moreStats reports whether the line, of a log without any timestamps, goes on with the memory.stat
// of the line before it, all of which kernels to 6.4 print in one record.
func moreStats(l *format.Line, last *lastLine, release string) bool {
	if l.Format != report.None || last.outcome.Kind() != kernel.MemcgStat {
		return false
	}
	v, known := report.ParseRelease(release)
	_, ok := kernel.ParseStat(view(l.Text))
	return known && v.Before(6, 5) && (ok || isStatKey(l.Text))
}

// isStatKey reports whether text is what is left of a value cut before its number.
func isStatKey(text []byte) bool {
	for _, c := range text {
		if c != '_' && c != ' ' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// release returns the kernel's release, "" when it is not known.
func (d *openReport) release() string {
	if d == nil {
		return ""
	}
	return d.r.CPU.Release
}

// end notes that a record may have been cut, and takes back its last value unless a newline stands
// after it.
func (all *recordLen) end(last *lastLine, d *openReport) {
	r := *all
	*all = recordLen{}
	if !r.stats || r.bytes < recordMax || d == nil {
		return
	}
	d.r.Damaged |= 1 << report.SectionMemcgStats
	if n := len(d.r.Memcg.Stats); n > 0 && last.outcome.Kind() == kernel.MemcgStat && !r.empty {
		d.r.Memcg.Stats = d.r.Memcg.Stats[:n-1]
	}
}
