// SPDX-License-Identifier: Apache-2.0

package diagnosis

import "github.com/oomtrail/oomtrail/parser/report"

// Shares of what ran out, in percent.
const (
	dominant    = 40 // a process with this much is the one that filled it
	prominent   = 20 // or with this much, and three times the next one
	substantial = 30 // a kind of memory must be this much to be the cause
	crowded     = 50 // processes of one name must be this much
	noticeable  = 5  // worth a finding beside the cause
)

// figure adds a figure in bytes where it is present.
func (c *analysis) figure(f *Finding, name string, v report.Int) {
	if v.OK {
		f.bytes(name, v.V)
	}
}

// atLeast reports whether bytes is at least so many percent of what ran out. Without a total
// nothing is.
func (c *analysis) atLeast(bytes int64, percent int64) bool {
	return c.mem.total.OK && c.mem.total.V > 0 && bytes/percent >= c.mem.total.V/100
}

// shareOfUse returns bytes in percent of what ran out, 0 where that is not told.
func (c *analysis) shareOfUse(bytes int64) int64 {
	whole := c.use()
	if whole < 100 {
		return 0
	}
	return bytes / (whole / 100)
}

// use returns what ran out; where that is not told, what all processes hold.
func (c *analysis) use() int64 {
	if !c.mem.total.OK && c.tasks.count > 1 {
		return c.tasks.rss.V
	}
	return c.mem.total.V
}
